"""Levels over time as columns of the timeline, computed as they come and never revised.

The borders of a column are absolute steps: column ``k`` holds the steps from
``floor(k · span / columns)`` to the next column's first, counted since capture began. So a
column, once drawn, keeps its height while it moves to the left: history does not shimmer.
A column is as high as its loudest step, since a stretch of time is silence only when all its
steps are; its floor is what lies under the words.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import STEP_SAMPLES
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

    def first_sample(self, column: int) -> int:
        """The first sample of a column, for what is not measured in steps."""
        return column * self.span * SAMPLE_RATE // self.columns

    def column_of(self, sample: int) -> int:
        """The column that holds the step of a sample; the last where it fills several."""
        return self._last_from(sample // STEP_SAMPLES)

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
        self.floors: Heights = _unknown(grid.columns)
        """Level that a quarter of the steps in each does not pass, shape (columns,)."""
        self._end_step = 0

    def update(self, history: LevelHistory) -> int:
        """Take in the newest history.

        Returns:
            How many columns are new; all of them when another capture began.
        """
        if history.end_step < self._end_step:
            self.end = 0
            self.levels = self.floors = _unknown(self.grid.columns)
        self._end_step = history.end_step
        end = self.grid.complete(history.end_step)
        new = min(end - self.end, self.grid.columns)
        if new > 0:
            levels, floors = self._measure(history, end - new, end)
            self.levels = np.concatenate((self.levels[new:], levels))
            self.floors = np.concatenate((self.floors[new:], floors))
            self.end = end
        return max(new, 0)

    def _measure(self, history: LevelHistory, start: int, end: int) -> tuple[Heights, Heights]:
        """The loudest step and the floor of each column from ``start`` up to ``end``."""
        levels, floors = _unknown(end - start), _unknown(end - start)
        for index, column in enumerate(range(start, end)):
            first = self.grid.first_step(column) - history.first_step
            # Where a column is shorter than a step, it shows the step it lies in.
            stop = max(self.grid.first_step(column + 1) - history.first_step, first + 1)
            if first >= 0:
                steps = np.sort(history.levels[first:stop])
                levels[index], floors[index] = steps[-1], steps[(len(steps) - 1) // 4]
        return levels, floors


def _unknown(count: int) -> Heights:
    return np.full(count, np.nan, dtype=np.float32)
