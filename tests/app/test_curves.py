"""Curves in cells."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deeptone_tui.app.widgets.tune_panel import DOTTED, SOLID, area, line, over_one_another

SHARES = hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(0.0, 1.0))
ROWS = st.integers(1, 12)


def test_nothing_is_the_ground_and_everything_the_top() -> None:
    """Three heights a cell, from the first row's ground to the last row's top."""
    drawn = line(np.array([0.0, 0.5, 1.0]), 2, SOLID)
    assert drawn == {(0, 0): "▁", (0, 1): "▔", (1, 2): "▔"}


def test_a_steep_curve_has_no_gaps() -> None:
    """What lies between two columns is drawn in the second."""
    drawn = line(np.array([0.0, 1.0]), 4, SOLID)
    assert drawn == {(0, 0): "▁", (1, 1): "│", (2, 1): "│", (3, 1): "▔"}


@given(SHARES, ROWS)
def test_every_column_has_a_sign_at_its_height(shares: np.ndarray, rows: int) -> None:
    """No further off than half a third of a cell."""
    drawn = line(shares, rows, DOTTED)
    for column, share in enumerate(shares):
        heights = [
            (row * 3 + DOTTED.heights.index(sign)) / (rows * 3 - 1)
            for (row, at), sign in drawn.items()
            if at == column
        ]
        assert min(abs(height - share) for height in heights) <= 0.5 / (rows * 3 - 1) + 1e-9
        assert all(0 <= row < rows for row, _ in drawn)


@given(SHARES, ROWS)
def test_an_area_is_filled_from_the_ground(shares: np.ndarray, rows: int) -> None:
    """To the nearest row."""
    drawn = area(shares, rows, "░")
    for column, share in enumerate(shares):
        filled = [row for row, at in drawn if at == column]
        assert sorted(filled) == list(range(len(filled)))
        assert abs(len(filled) - share * rows) <= 0.5


@given(SHARES, SHARES, ROWS)
def test_two_curves_in_the_same_cells_are_both_seen(
    first: np.ndarray, second: np.ndarray, rows: int
) -> None:
    """They take turns, and nothing else is lost."""
    one, other = line(first, rows, SOLID), line(second, rows, DOTTED)
    drawn = over_one_another(one, other)
    assert not drawn[0].keys() & drawn[1].keys()
    assert drawn[0].keys() | drawn[1].keys() == one.keys() | other.keys()
