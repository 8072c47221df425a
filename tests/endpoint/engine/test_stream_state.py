"""What a stream remembers: audio and steps by their absolute place."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.endpoint.engine.batch import due
from deeptone_tui.endpoint.engine.schedules import History, recent_audio
from deeptone_tui.endpoint.engine.track import Track
from deeptone_tui.protocol import StreamParameters


def test_audio_before_the_first_sample_is_zero() -> None:
    """And the newest samples are where they belong."""
    audio = recent_audio(4)
    audio.append(np.ones(3, np.float32))
    assert audio.view(-4).tolist() == [0.0] * 4 + [1.0] * 3


@given(st.lists(st.integers(1, 5), max_size=40), st.integers(5, 12))
def test_history_is_found_by_its_place(blocks: list[int], kept: int) -> None:
    """The newest steps are where they belong, and music is where it was written."""
    history = History(kept)
    for size in blocks:
        numbers = np.arange(history.end, history.end + size)
        history.append(numbers % 3 == 0, numbers.astype(np.float32))
        history.music.writable(history.end - 1, history.end)[:] = history.end
        start = max(0, history.end - kept)
        expected = np.arange(start, history.end)
        np.testing.assert_array_equal(history.speech.view(start), expected)
        np.testing.assert_array_equal(history.silent.view(start), expected % 3 == 0)
        written = np.isin(expected + 1, np.cumsum(blocks))
        music = history.music.view(start)
        np.testing.assert_array_equal(music, np.where(written, expected + 1, 0))


@given(st.integers(1, 60), st.integers(0, 3000))
def test_what_is_due_leaves_less_than_a_slice(steps: int, waiting: int) -> None:
    """Every whole period is due, and never more than there is."""
    track = Track(StreamParameters(output_period=64 * steps))
    taken = due(track, waiting)
    assert waiting - 16 < taken <= waiting
    assert taken // steps == waiting // steps
