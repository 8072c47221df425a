"""Columns of the timeline and of the results log, and the time axis.

The borders of a column are absolute steps: column ``k`` holds the steps from
``floor(k · span / columns)`` to the next column's first, counted since capture began. Once
drawn, a column therefore keeps its height while it moves to the left: history does not shimmer.
A column is as high as its loudest step, since a stretch of time is silence only when all its
steps are; its floor is the level below the words.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from deeptone_tui.app.presenters.verdict import short_name
from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.dsp.samples import MINUS
from deeptone_tui.monitor.state import LevelHistory
from deeptone_tui.protocol import CATALOGUE, SAMPLE_RATE_HZ

TICK = "╵"
"""Sign at a time on the axis."""
CHANGE = "▼"
"""Sign at a change that took effect."""

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)
_ROOM_CELLS = 9
"""Minimum cells for a tick with its label."""
_MINUTE = 60
_NOW = f"now{TICK}"

Heights = npt.NDArray[np.float32]

TIME_WIDTH = len("00:00:00.0")
LEVEL_WIDTH = len("−100.0")
CONFIDENCE_WIDTH = len("0.00")
_LEFT = 1
_GAP = 2
_LABEL_DEFAULT = 9
_SHORTEST_LABEL = 5
_SHORTEST_BAR, _LONGEST_BAR = 5, 24
_WIDEST_GAP = 8
_LEVEL_FROM_COLUMNS = 70
"""Minimum terminal columns for the level of each period."""


def time_ticks(span: int, columns: int) -> tuple[tuple[int, str], ...]:
    """Return columns and labels of the round times before now.

    Args:
        span: seconds that all columns cover together.
        columns: number of columns.
    """
    step = next((step for step in _STEPS if step * columns / span >= _ROOM_CELLS), span)
    return tuple(
        (round(columns - ago * columns / span), _ago(ago, step))
        for ago in range(span - span % step, 0, -step)
    )


def axis_row(span: int, columns: int, changes: Collection[int], width: int) -> str:
    """Return the whole axis, one character per column.

    A change takes precedence over the words of a label. A label is reduced to its tick while a
    change falls within it, and if it has no room before now.

    Args:
        span: seconds that all columns cover together.
        columns: number of columns.
        changes: the columns in which a change took effect.
        width: characters, at least one more than ``columns``.
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
    """The division of time into columns."""

    span: int
    """Seconds that all columns of the timeline cover together."""
    columns: int
    """Number of columns."""

    def first_step(self, column: int) -> int:
        """Return the first step of a column."""
        return column * self.span * SAMPLE_RATE_HZ // (STEP_SAMPLES * self.columns)

    def first_sample(self, column: int) -> int:
        """Return the first sample of a column, for what is not measured in steps."""
        return column * self.span * SAMPLE_RATE_HZ // self.columns

    def column_of(self, sample: int) -> int:
        """Return the column that holds a sample's step; the last one if the step fills several."""
        return self._last_from(sample // STEP_SAMPLES)

    def complete(self, end_step: int) -> int:
        """Return the column after the last one whose steps are all known, before ``end_step``.

        If columns are shorter than a step, several fall into the same step: they are complete
        when that step is known.
        """
        return min(self._last_from(end_step), self._last_from(end_step - 1) + 1)

    def _last_from(self, step: int) -> int:
        """Return the last column that begins at or before a step: max k, first_step(k) <= step."""
        return -(-(step + 1) * STEP_SAMPLES * self.columns // (self.span * SAMPLE_RATE_HZ)) - 1


class TimelineColumns:
    """The complete columns, the newest at the right."""

    def __init__(self, grid: ColumnGrid) -> None:
        self.grid = grid
        self.end = 0
        """Index of the column after the newest complete one."""
        self.levels: Heights = _unknown(grid.columns)
        """Level of the loudest step in each column, shape (columns,); NaN if unknown."""
        self.floors: Heights = _unknown(grid.columns)
        """Level that a quarter of the steps in each column does not exceed, shape (columns,)."""
        self._end_step = 0

    def update(self, history: LevelHistory) -> int:
        """Take in the newest history.

        Returns:
            Number of new columns; all that are complete if another capture began.
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
        """Return the loudest step and the floor of each column from ``start`` up to ``end``."""
        levels, floors = _unknown(end - start), _unknown(end - start)
        for index, column in enumerate(range(start, end)):
            first = self.grid.first_step(column) - history.first_step
            # A column shorter than a step shows the step it lies in.
            stop = max(self.grid.first_step(column + 1) - history.first_step, first + 1)
            if first >= 0:
                steps = np.sort(history.levels[first:stop])
                levels[index], floors[index] = steps[-1], steps[(len(steps) - 1) // 4]
        return levels, floors


def _unknown(count: int) -> Heights:
    return np.full(count, np.nan, dtype=np.float32)


class Group(NamedTuple):
    """The columns of one model's answers."""

    model: str
    left: int
    """First column."""
    label: int
    """Columns of the class name."""
    bar: int
    """Columns of the confidence bar; 0 for none."""
    raw: tuple[str, ...] = ()
    """Classes whose raw values follow the bar; empty if there is no room."""

    @property
    def width(self) -> int:
        """Columns of class, confidence, bar and raw values."""
        bar = 1 + self.bar if self.bar else 0
        return self.label + 1 + CONFIDENCE_WIDTH + bar + raw_width(self.raw)


class LogColumns(NamedTuple):
    """The columns of a line of the log."""

    time: int
    level: int | None
    """First column of the level; None if there is no room for it."""
    groups: tuple[Group, ...]
    hidden: int
    """Number of models for which there is no room."""


def log_columns(width: int, models: Sequence[str], *, raw: bool = False) -> LogColumns:
    """Divide the columns of a line among the listed models.

    Args:
        width: columns of the line.
        models: names in the order of the columns.
        raw: True if there are raw values to list.
    """
    level = _LEFT + TIME_WIDTH + _GAP if width >= _LEVEL_FROM_COLUMNS else None
    left = _LEFT + TIME_WIDTH + _GAP + (LEVEL_WIDTH + _GAP if level is not None else 0)
    room = width - left - 1
    labels = _labels(models, room)
    shown = models[: len(labels)]
    spare = room - _taken(labels)
    listed = [_classes(model) if raw else () for model in shown]
    if sum(map(raw_width, listed)) > spare:
        listed = [() for _ in shown]
    spare -= sum(map(raw_width, listed))
    bar = min(spare // len(labels) - 1, _LONGEST_BAR) if labels else 0
    bar = bar if bar >= _SHORTEST_BAR else 0
    spare -= len(labels) * (bar + 1 if bar else 0)
    gap = _GAP + min(spare // len(labels), _WIDEST_GAP) if labels else _GAP
    groups: list[Group] = []
    for model, label, classes in zip(shown, labels, listed, strict=True):
        groups.append(Group(model, left, label, bar, classes))
        left += groups[-1].width + gap
    return LogColumns(_LEFT, level, tuple(groups), len(models) - len(labels))


def raw_width(classes: Sequence[str]) -> int:
    """Return the columns of the raw values of some classes, each after its name."""
    return sum(_GAP + len(short_name(name)) + 1 + CONFIDENCE_WIDTH for name in classes)


def _labels(models: Sequence[str], room: int) -> list[int]:
    """Return the class name widths of as many models as there is room for."""
    wanted = [_longest(model) for model in models]
    while wanted:
        for shortest in range(max(wanted), _SHORTEST_LABEL - 1, -1):
            labels = [min(label, shortest) for label in wanted]
            if _taken(labels) <= room:
                return labels
        wanted.pop()
    return []


def _taken(labels: Sequence[int]) -> int:
    return sum(label + 1 + CONFIDENCE_WIDTH for label in labels) + _GAP * (len(labels) - 1)


def _longest(model: str) -> int:
    """Return the length of the model's longest class name."""
    known = CATALOGUE[model].results if model in CATALOGUE else ()
    return max((len(short_name(name)) for name in known), default=_LABEL_DEFAULT)


def _classes(model: str) -> tuple[str, ...]:
    return CATALOGUE[model].classes if model in CATALOGUE else ()
