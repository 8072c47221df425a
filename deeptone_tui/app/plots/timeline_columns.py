"""Levels over time as columns of the timeline, and the time axis under them.

The borders of a column are absolute steps: column ``k`` holds the steps from
``floor(k · span / columns)`` to the next column's first, counted since capture began. So a
column, once drawn, keeps its height while it moves to the left: history does not shimmer.
A column is as high as its loudest step, since a stretch of time is silence only when all its
steps are; its floor is what lies under the words.
"""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.dsp.decibels import MINUS
from deeptone_tui.monitor.state import LevelHistory
from deeptone_tui.protocol import SAMPLE_RATE_HZ

TICK = "╵"
"""Stands at a time."""
CHANGE = "▼"
"""Stands where something else has come into force."""

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)
_ROOM_CELLS = 9
"""Cells that a tick and its label need at least."""
_MINUTE = 60
_NOW = f"now{TICK}"

Heights = npt.NDArray[np.float32]


def time_ticks(span: int, columns: int) -> tuple[tuple[int, str], ...]:
    """Columns and labels of the round times before now.

    Args:
        span: seconds over all columns.
        columns: how many there are.
    """
    step = next((step for step in _STEPS if step * columns / span >= _ROOM_CELLS), span)
    return tuple(
        (round(columns - ago * columns / span), _ago(ago, step))
        for ago in range(span - span % step, 0, -step)
    )


def axis_row(span: int, columns: int, changes: Collection[int], width: int) -> str:
    """The whole axis, one character a column.

    A change goes before the words of a label, which are left out while it stands in them, and so
    are those that have no room before now.

    Args:
        span: seconds over all columns.
        columns: how many there are.
        changes: those of them in which something has changed.
        width: characters, at least one more than columns.
    """
    row = [" "] * width
    labels = [(column, f"{TICK}{label}") for column, label in time_ticks(span, columns)]
    now = columns - len(_NOW) + 1
    for start, text in (*labels, (now, _NOW)):
        crowded = start < now < start + len(text)
        hidden = crowded or any(start <= column < start + len(text) for column in changes)
        shown = "".join(sign if sign == TICK else " " for sign in text) if hidden else text
        row[start : start + len(text)] = shown
    for column in changes:
        row[column] = CHANGE
    return "".join(row[:width])


def _ago(seconds: int, step: int) -> str:
    if step % _MINUTE == 0:
        return f"{MINUS}{seconds // _MINUTE} min"
    if seconds < 2 * _MINUTE:
        return f"{MINUS}{seconds} s"
    return f"{MINUS}{seconds // _MINUTE}:{seconds % _MINUTE:02}"


class ColumnGrid(NamedTuple):
    """How time is cut into columns."""

    span: int
    """Seconds that all columns of the timeline hold together."""
    columns: int
    """How many there are."""

    def first_step(self, column: int) -> int:
        """The first step of a column."""
        return column * self.span * SAMPLE_RATE_HZ // (STEP_SAMPLES * self.columns)

    def first_sample(self, column: int) -> int:
        """The first sample of a column, for what is not measured in steps."""
        return column * self.span * SAMPLE_RATE_HZ // self.columns

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
        return -(-(step + 1) * STEP_SAMPLES * self.columns // (self.span * SAMPLE_RATE_HZ)) - 1


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
