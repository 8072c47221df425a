"""Rows shared between threads without copying, and found by their absolute index."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.dsp import SlidingArray
from deeptone_tui.monitor.metering import KEPT_STEPS


@given(st.integers(1, 40), st.lists(st.integers(0, 100), max_size=40))
def test_a_view_never_changes_under_its_reader(kept: int, blocks: list[int]) -> None:
    """Whatever is added later, also when the array grows and slides."""
    rows = SlidingArray(np.float64, kept)
    views = []
    for block in blocks:
        rows.append(np.arange(rows.end, rows.end + block, dtype=np.float64))
        views.append((rows.first, rows.end, rows.view()))
        assert rows.end - rows.first >= min(kept, rows.end)
    assert rows.end == sum(blocks)
    for first, end, view in views:
        assert view.tolist() == list(range(first, end))
        assert not view.flags.writeable


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_rows_are_found_by_their_absolute_index(first: int, end: int) -> None:
    """And what is not there is not made up."""
    rows = SlidingArray(np.float64, 500)
    rows.append(np.arange(2500, dtype=np.float64))
    if rows.first <= first <= end <= rows.end:
        assert rows.view(first, end).tolist() == list(range(first, end))
    else:
        with pytest.raises(IndexError):
            rows.view(first, end)


def test_a_day_of_levels_stays_small() -> None:
    """Memory is bounded, and fifteen minutes are always there."""
    rows = SlidingArray(np.float32, KEPT_STEPS)
    for _ in range(1350):
        rows.append(np.zeros(1000))
    assert rows.end == 1_350_000
    assert rows.end - rows.first >= KEPT_STEPS
    assert KEPT_STEPS * 0.064 > 15 * 60
    base = rows.view().base
    assert isinstance(base, np.ndarray)
    assert base.nbytes <= 2 * KEPT_STEPS * 4
