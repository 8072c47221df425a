"""The decibel scale: from levels to cells and back, along a row or up a column."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import from_dbfs, to_dbfs
from deeptone_tui.dsp.decibels import MINUS

FLOOR = -60.0
"""dBFS at the beginning of the scale; its end is 0."""

_TICK_STEPS = (1, 2, 5, 10, 20, 30)
_TICK_ROOM = 10
"""Cells that a tick and its label need at least, with its unit."""


class Scale(NamedTuple):
    """−60…0 dBFS over a number of cells; at 60 cells, one cell is one decibel."""

    cells: int

    def position(self, level: float) -> float:
        """Where a level stands, in cells from the beginning, 0 to ``cells``."""
        return min(max((to_dbfs(level) / -FLOOR + 1.0) * self.cells, 0.0), float(self.cells))

    def positions(self, levels: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """The same for many levels, shape (n,); not a number stays so."""
        values = np.asarray(levels, dtype=np.float64)
        with np.errstate(divide="ignore"):
            dbfs = 20.0 * np.log10(values)
        return np.clip((dbfs / -FLOOR + 1.0) * self.cells, 0.0, float(self.cells))

    def cell(self, level: float) -> int | None:
        """The cell that marks a level; None when it is under the scale.

        The mark moves on the half decibel, so that at one decibel a cell every second step is
        seen, and a threshold that is shown as −46.0 stands where the scale says −46.
        """
        if to_dbfs(level) < FLOOR - 0.05:
            return None
        return min(math.floor(self.position(level) + 0.25), self.cells - 1)

    def level_at(self, position: float) -> float:
        """The level at a position, the inverse of `position`."""
        share = min(max(position / self.cells, 0.0), 1.0)
        return from_dbfs(FLOOR * (1.0 - share))

    def levels(self) -> npt.NDArray[np.float64]:
        """The level that each cell stands for, as a mark does: where it begins, shape (cells,)."""
        return np.array([self.level_at(cell) for cell in range(self.cells)])

    def ticks(self) -> tuple[tuple[int, str], ...]:
        """Cells and labels of the round decibels; the last tick, 0, is one past the last cell."""
        step = next(
            (step for step in _TICK_STEPS if step * self.cells / -FLOOR >= _TICK_ROOM),
            _TICK_STEPS[-1],
        )
        return tuple(
            (
                round((dbfs - FLOOR) / -FLOOR * self.cells),
                str(dbfs).replace("-", MINUS),
            )
            for dbfs in range(int(FLOOR), 1, step)
        )
