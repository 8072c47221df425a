"""The decibel scale: places, labels, and the histogram of levels."""

import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.app.widgets.geometry import (
    FLOOR_DBFS,
    GAP_COLUMNS,
    Scale,
    histogram,
    scale_labels,
)
from deeptone_tui.protocol.units import from_dbfs

cells = st.integers(min_value=1, max_value=400)
levels = st.floats(min_value=0.0, max_value=1.0)
LABEL = re.compile(r"╵(−?\d+)(?: dBFS)?|△ suggested|suggested △|△")


def test_at_sixty_cells_a_cell_is_a_decibel() -> None:
    """The home size: −60 at the beginning, 0 at the end, one cell a decibel."""
    scale = Scale(60)
    assert scale.position(1.0) == 60
    assert scale.position(0.0) == 0
    assert scale.position(from_dbfs(-31.4)) == pytest.approx(28.6)


@pytest.mark.parametrize(
    ("dbfs", "cell"),
    [(-60.0, 0), (-46.5, 13), (-46.02, 14), (-46.0, 14), (-45.5, 14), (-45.0, 15), (0.0, 59)],
)
def test_the_mark_stands_where_the_scale_says(dbfs: float, cell: int) -> None:
    """The default threshold, −46.02 dBFS, is shown as −46.0 and stands at −46."""
    assert Scale(60).cell(from_dbfs(dbfs)) == cell


@pytest.mark.parametrize("level", [0.0, from_dbfs(-72.0), from_dbfs(-60.5)])
def test_what_is_under_the_scale_has_no_cell(level: float) -> None:
    """It is shown at the end of the scale instead."""
    assert Scale(60).cell(level) is None


@given(cells, levels)
def test_positions_stay_on_the_scale(count: int, level: float) -> None:
    """From 0 to the number of cells, for any level."""
    assert 0 <= Scale(count).position(level) <= count


@given(cells, st.floats(min_value=FLOOR_DBFS, max_value=0.0))
def test_a_position_leads_back_to_its_level(count: int, dbfs: float) -> None:
    """`level_at` is the inverse of `position`."""
    scale = Scale(count)
    level = from_dbfs(dbfs)
    assert scale.level_at(scale.position(level)) == pytest.approx(level)


@given(cells, st.lists(levels, max_size=20))
def test_many_positions_are_those_of_each(count: int, many: list[float]) -> None:
    """The array form agrees with the plain one."""
    scale = Scale(count)
    expected = [scale.position(level) for level in many]
    assert scale.positions(many) == pytest.approx(np.array(expected), abs=1e-6)


def test_what_is_not_a_number_stays_so() -> None:
    """Unknown levels have no position."""
    assert math.isnan(Scale(60).positions([math.nan])[0])


@given(st.integers(min_value=20, max_value=400))
def test_labels_do_not_touch(count: int) -> None:
    """There is room between the ticks, and the ends are labelled."""
    ticks = Scale(count).ticks()
    assert (ticks[0], ticks[-1]) == ((0, "−60"), (count, "0"))
    for (left, label), (right, _) in itertools.pairwise(ticks):
        assert right - left > len(label) + 1
    assert ticks[1][0] > len("╵−60 dBFS")


@given(cells=st.integers(1, 220), places=st.tuples(*[st.integers(0, 219) | st.none()] * 2))
def test_no_label_is_cut(cells: int, places: tuple[int | None, int | None]) -> None:
    """Whatever the width, the mark and the suggestion."""
    mark, suggested = (None if place is None else min(place, cells - 1) for place in places)
    scale = Scale(cells)
    line = scale_labels(scale, cells + GAP_COLUMNS, mark, suggested)
    assert len(line) == cells + GAP_COLUMNS
    assert mark in (None, suggested) or line[mark] == " "
    assert not LABEL.sub("", line).strip()
    assert {*LABEL.findall(line)} <= {"", *(label for _, label in scale.ticks())}


@pytest.mark.parametrize("mark", [None, *range(60)])
def test_a_tick_has_the_unit_wherever_the_mark_stands(mark: int | None) -> None:
    """The first that has room for it."""
    line = scale_labels(Scale(60), 60 + GAP_COLUMNS, mark, None)
    assert line.count(" dBFS") == 1
    assert mark is None or line[mark] == " "


def test_the_next_tick_takes_it() -> None:
    """The mark of −56 dBFS stands in the first one's place for it."""
    assert scale_labels(Scale(60), 60 + GAP_COLUMNS, 4, None).startswith(
        "╵−60      ╵−50 dBFS ╵−40   "
    )


@given(st.lists(levels, max_size=200), st.integers(1, 300), st.integers(0, 6))
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
