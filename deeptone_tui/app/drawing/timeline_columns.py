"""Levels over time as columns of the timeline, computed as they come and never revised.

The borders of a column are absolute steps: column ``k`` holds the steps from
``floor(k · span / columns)`` to the next column's first, counted since capture began. So a
column, once drawn, keeps its height while it moves to the left: history does not shimmer.
A column is as high as its loudest step, since a stretch of time is silence only when all its
steps are.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from deeptone_tui.level import STEP_SAMPLES
from deeptone_tui.monitor.state import LevelHistory
from deeptone_tui.protocol import SAMPLE_RATE

Heights = npt.NDArray[np.float32]


class ColumnGrid(NamedTuple):
    """How time is cut into columns."""

    span: int
    """Seconds that all columns of the timeline hold together."""
    columns: int
    """How many there are."""

    def first_step(self, column: int) -> int:
        """The first step of a column."""
        return column * self.span * SAMPLE_RATE // (STEP_SAMPLES * self.columns)

    def middle_sample(self, column: int) -> int:
        """The sample in the middle of a column, which decides what class it shows."""
        return (2 * column + 1) * self.span * SAMPLE_RATE // (2 * self.columns)

    def complete(self, end_step: int) -> int:
        """The column after the last one of which all steps are known, before ``end_step``.

        Where columns are shorter than a step, several lie in the same one: they are complete
        when it is known.
        """
        return min(self._last_from(end_step), self._last_from(end_step - 1) + 1)

    def _last_from(self, step: int) -> int:
        """The last column that begins at a step or before: max k with first_step(k) <= step."""
        return -(-(step + 1) * STEP_SAMPLES * self.columns // (self.span * SAMPLE_RATE)) - 1


class TimelineColumns:
    """The columns that are complete, the newest at the right."""

    def __init__(self, grid: ColumnGrid) -> None:
        self.grid = grid
        self.end = 0
        """Index of the column after the newest complete one."""
        self.levels: Heights = _unknown(grid.columns)
        """Level of the loudest step in each, shape (columns,); NaN where nothing is known."""
        self._end_step = 0

    def update(self, history: LevelHistory) -> int:
        """Take in the newest history.

        Returns:
            How many columns are new; all of them when another capture began.
        """
        if history.end_step < self._end_step:
            self.end, self.levels = 0, _unknown(self.grid.columns)
        self._end_step = history.end_step
        end = self.grid.complete(history.end_step)
        new = min(end - self.end, self.grid.columns)
        if new > 0:
            fresh = self._measure(history, end - new, end)
            self.levels = np.concatenate((self.levels[new:], fresh))
            self.end = end
        return max(new, 0)

    def _measure(self, history: LevelHistory, start: int, end: int) -> Heights:
        """The loudest step of each column from ``start`` up to ``end``."""
        grid = self.grid
        columns = np.arange(start, end, dtype=np.int64)
        steps = columns * (grid.span * SAMPLE_RATE) // (STEP_SAMPLES * grid.columns)
        starts = steps - history.first_step
        found = _unknown(len(columns))
        known = starts >= 0
        if known.any():
            # Where a column is shorter than a step, reduceat repeats the step it lies in.
            stop = max(grid.first_step(end) - history.first_step, int(starts[-1]) + 1)
            found[known] = np.maximum.reduceat(history.levels[:stop], starts[known])
        return found


def _unknown(count: int) -> Heights:
    return np.full(count, np.nan, dtype=np.float32)
