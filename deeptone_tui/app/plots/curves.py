"""Curves of shares over the decibel scale, three heights a cell, told apart by their signs."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Cells = Mapping[tuple[int, int], str]
"""Signs by row, counted from the bottom, and column."""

_HEIGHTS = 3


class Pen(NamedTuple):
    """What a curve is drawn with."""

    heights: str
    """Signs for the lowest, the middle and the highest third of a cell."""
    upright: str
    """The sign for a cell that a steep curve runs through."""


SOLID = Pen("▁─▔", "│")
DOTTED = Pen(".·˙", "·")


def line(shares: npt.NDArray[np.float64], rows: int, pen: Pen) -> Cells:
    """Draw a curve.

    Args:
        shares: from 0 to 1, one a column.
        rows: how many there are; 0 lies on the ground of the lowest, 1 under the top.
        pen: the signs.
    """
    places = np.rint(np.clip(shares, 0.0, 1.0) * (rows * _HEIGHTS - 1)).astype(int).tolist()
    cells: dict[tuple[int, int], str] = {}
    for column, place in enumerate(places):
        row, third = divmod(place, _HEIGHTS)
        before = places[max(column - 1, 0)] // _HEIGHTS
        for between in range(min(row, before) + 1, max(row, before)):
            cells[between, column] = pen.upright
        cells[row, column] = pen.heights[third]
    return cells


def area(shares: npt.NDArray[np.float64], rows: int, sign: str) -> Cells:
    """Fill what lies under a curve, to half a row; the arguments are those of `line`."""
    heights = np.rint(np.clip(shares, 0.0, 1.0) * rows).astype(int).tolist()
    return {(row, column): sign for column, height in enumerate(heights) for row in range(height)}


def over_one_another(first: Cells, second: Cells) -> tuple[Cells, Cells]:
    """Two curves that take turns where they lie in the same cells, so that neither is lost."""
    shared = first.keys() & second.keys()
    return (
        {cell: sign for cell, sign in first.items() if cell not in shared or cell[1] % 2},
        {cell: sign for cell, sign in second.items() if cell not in shared or not cell[1] % 2},
    )
