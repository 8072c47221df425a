"""The histogram of levels."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.app.plots.scale import Scale, histogram
from deeptone_tui.dsp import from_dbfs

levels = st.lists(st.floats(min_value=0.0, max_value=1.0), max_size=200)


@given(levels, st.integers(1, 300), st.integers(0, 6))
def test_bars_fit_their_rows(many: list[float], cells: int, rows: int) -> None:
    """One bar a cell, none higher than the rows."""
    heights = histogram(many, Scale(cells), rows)
    assert len(heights) == cells
    assert all(0 <= height <= rows * 8 for height in heights)


@given(st.lists(st.floats(min_value=0.001, max_value=1.0), min_size=1, max_size=100))
def test_what_occurs_is_seen(many: list[float]) -> None:
    """Even a level that occurred once among many others."""
    heights = histogram(many, Scale(60), 1)
    for level in many:
        cell = min(int(Scale(60).positions([level])[0]), 59)
        assert heights[cell] >= 1


def test_the_highest_bar_fills_the_rows() -> None:
    """Two heaps: the larger is full, the smaller in proportion."""
    many = [from_dbfs(-49.5)] * 80 + [from_dbfs(-19.5)] * 40
    heights = histogram(many, Scale(60), 2)
    assert heights[10] == 16
    assert heights[40] == 8


def test_what_is_under_the_scale_does_not_flatten_the_rest() -> None:
    """Minutes of digital silence pile up in the first cell, and only there."""
    many = [0.0] * 10_000 + [from_dbfs(-29.5)] * 10
    heights = histogram(many, Scale(60), 1)
    assert heights[0] == heights[30] == 8


def test_nothing_is_nothing() -> None:
    """No levels, no bars."""
    assert histogram(np.empty(0), Scale(5), 1) == (0, 0, 0, 0, 0)
