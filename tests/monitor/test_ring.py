"""The ring, against a plain list of everything ever written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.dsp import step_levels
from deeptone_tui.monitor.ring import Dropped, Ring
from deeptone_tui.protocol import STEP_SAMPLES

QUIET, LOUD = 10, 9000


def steps(loud: str) -> np.ndarray:
    """A step for each letter: ``#`` is loud, anything else is quiet; no two samples in a row."""
    sizes = [LOUD if letter == "#" else QUIET for letter in loud]
    return np.repeat(np.array(sizes, dtype=np.int16), STEP_SAMPLES)


def spans(dropped: list[Dropped]) -> list[tuple[int, int, bool]]:
    """What was dropped, in steps."""
    return [(d.start // STEP_SAMPLES, d.end // STEP_SAMPLES, d.silent) for d in dropped]


def ring_of(room: int) -> Ring:
    """A ring for so many steps, in which the quiet ones are silence."""
    ring = Ring(room * STEP_SAMPLES)
    ring.silence_below = 0.01
    return ring


@given(st.lists(st.integers(0, 5000), max_size=30), st.data())
def test_what_is_read_is_what_was_written_there(blocks: list[int], data: st.DataObject) -> None:
    """Whatever the sizes of blocks."""
    ring = Ring(8 * STEP_SAMPLES)
    for block in blocks:
        ring.write(np.arange(ring.end, ring.end + block).astype(np.int16))
    assert ring.end == sum(blocks)
    assert ring.end - ring.start <= ring.capacity + STEP_SAMPLES
    start = data.draw(st.integers(ring.start, ring.end))
    end = data.draw(st.integers(start, ring.end))
    assert ring.read(start, end).tolist() == np.arange(start, end).astype(np.int16).tolist()


@given(
    st.lists(st.text("#.", min_size=1, max_size=9), max_size=12),
    st.integers(4, 70),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_nothing_goes_untold_and_nothing_told_is_there(
    blocks: list[str], room: int, settled: int, taken: int
) -> None:
    """Every step is kept, was taken or settled, or was told to be dropped; never two of these."""
    ring = ring_of(room)
    written = ""
    dropped: set[int] = set()
    for block in blocks:
        ring.settled = min(settled, len(written)) * STEP_SAMPLES
        ring.taken = min(taken, len(written)) * STEP_SAMPLES
        for first, last, silent in spans(ring.write(steps(block))):
            assert not dropped & set(range(first, last))
            dropped |= set(range(first, last))
            written_now = written + block
            assert not silent or set(written_now[first:last]) == {"."}
        written += block
    kept = 0
    for number, letter in enumerate(written):
        start = number * STEP_SAMPLES
        if ring.available(start) == start:
            kept += 1
            assert number not in dropped
            step = ring.read(start, start + STEP_SAMPLES)
            assert (step_levels(step)[0] > 0.01) == (letter == "#")
        else:
            assert number in dropped or number < max(settled, taken)
            with pytest.raises(IndexError):
                ring.read(start, start + STEP_SAMPLES)
    assert kept <= room


def test_silence_goes_first_a_second_at_a_time_then_the_oldest() -> None:
    """Short pauses stay in the speech."""
    ring = ring_of(64)
    assert not ring.write(steps("#" * 20 + "." * 8 + "#" * 4 + "." * 20 + "#" * 12))
    assert spans(ring.write(steps("#" * 16))) == [(32, 48, True)]
    assert spans(ring.write(steps("#" * 16))) == [(0, 16, False)]
    assert ring.available(33 * STEP_SAMPLES) == 48 * STEP_SAMPLES
    assert ring.piece_end(20 * STEP_SAMPLES) == 32 * STEP_SAMPLES
    assert ring.piece_start(60 * STEP_SAMPLES) == 48 * STEP_SAMPLES


def test_what_is_settled_or_taken_goes_before_and_without_a_word() -> None:
    """Nobody needs it, or it is on its way."""
    ring = ring_of(16)
    ring.write(steps("." * 16))
    ring.settled, ring.taken = 4 * STEP_SAMPLES, 8 * STEP_SAMPLES
    assert not ring.write(steps("#" * 8))
    assert ring.start == 8 * STEP_SAMPLES


def test_silence_is_what_is_strictly_under_the_threshold() -> None:
    """And there: audio that was dropped is not silence, it is unknown."""
    ring = ring_of(16)
    ring.write(steps("..##"))
    assert ring.silent(0, 2 * STEP_SAMPLES)
    assert not ring.silent(0, 3 * STEP_SAMPLES)
    assert not ring.silent(4 * STEP_SAMPLES, 5 * STEP_SAMPLES)
    ring.silence_below = 0.0
    assert not ring.silent(0, STEP_SAMPLES)


def test_what_was_read_does_not_change_any_more() -> None:
    """It is a copy."""
    ring = Ring(4 * STEP_SAMPLES)
    ring.write(np.arange(10, dtype=np.int16))
    read = ring.read(0, 10)
    ring.write(np.full(5000, 7, dtype=np.int16))
    assert read.tolist() == list(range(10))


def test_what_was_taken_of_a_step_is_not_dropped_with_its_rest() -> None:
    """A piece of audio may end within a step, and the result of its end may still come."""
    ring = ring_of(4)
    ring.taken = STEP_SAMPLES + 476
    dropped = ring.write(steps("#" * 6))
    assert dropped == [Dropped(STEP_SAMPLES + 476, 2 * STEP_SAMPLES, silent=False)]
