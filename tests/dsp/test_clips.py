"""What is counted as clipped."""

from itertools import groupby

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.dsp import ClipCounter, Samples

SAMPLES = st.sampled_from([32767, 32767, 32767, -32768, -32768, -32767, 32766, -32766, 0])


def plain_clips(samples: list[int]) -> int:
    """Count runs of three or more at the same end of the scale."""
    ends = [1 if value == 32767 else -1 if value <= -32767 else 0 for value in samples]
    return sum(1 for end, run in groupby(ends) if end and len(list(run)) >= 3)


def block(*values: int) -> Samples:
    """Make a block of these samples."""
    return np.array(values, np.int16)


@given(st.lists(st.lists(SAMPLES, max_size=12), max_size=12))
def test_each_clipped_place_counts_once_across_blocks(blocks: list[list[int]]) -> None:
    """After every block the total is that of the stream so far."""
    counter = ClipCounter()
    stream: list[int] = []
    for values in blocks:
        before = counter.total
        assert counter.feed(block(*values)) == counter.total - before
        stream += values
        assert counter.total == plain_clips(stream)


def test_a_reset_starts_from_zero_and_does_not_count_the_same_place_again() -> None:
    """The run that is going on belongs to what was reset; the next one counts."""
    counter = ClipCounter()
    counter.feed(block(32767, 32767, 32767))
    counter.reset()
    assert counter.total == 0
    assert counter.feed(block(32767, 32767, 0)) == 0
    assert counter.feed(block(32767, 32767, 32767)) == 1
    assert counter.total == 1
