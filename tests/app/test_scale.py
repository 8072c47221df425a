"""The decibel scale."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.app.plots.scale import FLOOR_DBFS, Scale
from deeptone_tui.dsp import from_dbfs

cells = st.integers(min_value=1, max_value=400)
levels = st.floats(min_value=0.0, max_value=1.0)


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
