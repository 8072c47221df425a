"""The ring, against a plain list of everything ever written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.monitor.ring import Ring


@given(
    st.integers(1, 50),
    st.lists(st.integers(0, 120), max_size=30),
    st.data(),
)
def test_what_is_read_is_what_was_written_there(
    capacity: int, blocks: list[int], data: st.DataObject
) -> None:
    """Whatever the sizes of blocks, and also across the seam."""
    ring = Ring(capacity)
    for block in blocks:
        ring.write(np.arange(ring.end, ring.end + block).astype(np.int16))
    assert ring.end == sum(blocks)
    assert ring.end - ring.start == min(capacity, ring.end)
    start = data.draw(st.integers(ring.start, ring.end))
    end = data.draw(st.integers(start, ring.end))
    assert ring.read(start, end).tolist() == list(range(start, end))


@given(st.integers(0, 300), st.integers(0, 300))
def test_what_is_gone_or_yet_to_come_cannot_be_read(start: int, end: int) -> None:
    """Instead of giving other samples for it."""
    ring = Ring(100)
    ring.write(np.zeros(150, dtype=np.int16))
    if 50 <= start <= end <= 150:
        assert len(ring.read(start, end)) == end - start
    else:
        with pytest.raises(IndexError):
            ring.read(start, end)


def test_what_was_read_does_not_change_any_more() -> None:
    """It is a copy."""
    ring = Ring(10)
    ring.write(np.arange(10, dtype=np.int16))
    read = ring.read(0, 10)
    ring.write(np.full(10, 7, dtype=np.int16))
    assert read.tolist() == list(range(10))
