"""What a stream remembers: audio and steps by their absolute place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.endpoint.engine.batch import due
from deeptone_tui.endpoint.engine.schedules import History, RecentAudio
from deeptone_tui.endpoint.engine.track import Track
from deeptone_tui.protocol import StreamParameters


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(1, 60))
def test_recent_audio_is_found_by_its_place(blocks: list[int], kept: int) -> None:
    """Whatever the blocks, the newest samples are where they belong; before the first is zero."""
    audio, everything = RecentAudio(kept), np.zeros(kept, np.float32)
    for size in blocks:
        block = np.arange(audio.end, audio.end + size, dtype=np.int16)
        audio.append(block)
        everything = np.concatenate([everything, block.astype(np.float32) / 32768])
        np.testing.assert_array_equal(
            audio.between(audio.end - kept, audio.end), everything[-kept:]
        )


def test_audio_that_is_gone_is_not_made_up() -> None:
    """Neither are samples of the future."""
    audio = RecentAudio(4)
    audio.append(np.zeros(10, np.int16))
    audio.append(np.zeros(1, np.int16))
    for start, end in ((5, 8), (9, 12), (10, 9)):
        with pytest.raises(ValueError, match="not within"):
            audio.between(start, end)


@given(st.lists(st.integers(1, 5), max_size=40), st.integers(5, 12))
def test_history_is_found_by_its_place(blocks: list[int], kept: int) -> None:
    """The newest steps are where they belong, and music is where it was written."""
    history = History(kept)
    for size in blocks:
        numbers = np.arange(history.end, history.end + size)
        history.append(numbers % 3 == 0, numbers.astype(np.float32))
        history.music(history.end - 1, history.end)[:] = history.end
        start = max(0, history.end - kept)
        expected = np.arange(start, history.end)
        np.testing.assert_array_equal(history.speech(start, history.end), expected)
        np.testing.assert_array_equal(history.silent(start, history.end), expected % 3 == 0)
        written = np.isin(expected + 1, np.cumsum(blocks))
        music = history.music(start, history.end)
        np.testing.assert_array_equal(music, np.where(written, expected + 1, 0))


@given(st.integers(1, 60), st.integers(0, 3000))
def test_what_is_due_leaves_less_than_a_slice(steps: int, waiting: int) -> None:
    """Every whole period is due, and never more than there is."""
    track = Track(StreamParameters(output_period=64 * steps))
    taken = due(track, waiting)
    assert waiting - 16 < taken <= waiting
    assert taken // steps == waiting // steps
