"""The timeline: level over time with the threshold line through it, and the time axis.

The borders of a column are absolute steps: column ``k`` holds the steps from
``floor(k · span / columns)`` to the next column's first, counted since capture began. Once
drawn, a column therefore keeps its height while it moves to the left: history does not shimmer.
A column is as high as its loudest step, since a stretch of time is silence only when all its
steps are; its floor is the level below the words.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

from rich.style import Style
from textual import events

from deeptone_tui.app.presenters.palette import Palette
from deeptone_tui.app.presenters.results_model import ResultsModel
from deeptone_tui.app.presenters.threshold import snapped
from deeptone_tui.app.presenters.verdict import QUIET, name_of, short_name, tone_of
from deeptone_tui.app.presenters.wording import cut, fitted, padded
from deeptone_tui.app.widgets.geometry import EIGHTHS, FLOOR_DBFS, GAP_COLUMNS, LOWER, MARGIN, Scale
from deeptone_tui.app.widgets.painted import Draggable, Part, StripWidget
from deeptone_tui.monitor.state import LevelHistory, PlacedResult
from deeptone_tui.protocol import SAMPLE_RATE_HZ, STEP_SAMPLES
from deeptone_tui.protocol.units import MINUS, format_dbfs

if TYPE_CHECKING:
    from deeptone_tui.dsp import Levels

LINE = "╌"
_TURN = 4
"""One in this many columns that end in the row of the threshold line gives way to the line."""

TICK = "╵"
"""Sign at a time on the axis."""
CHANGE = "▼"
"""Sign at a change that took effect."""

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)
_ROOM_CELLS = 9
"""Minimum cells for a tick with its label."""
_MINUTE = 60
_NOW = f"now{TICK}"


FILL, STILL = "━", "·"
"""Fill after the name of a class; fill of classes that say that nothing is heard."""


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


class TimelineColumns(NamedTuple):
    """The complete columns, the newest at the right."""

    end: int
    """Index of the column after the newest complete one."""
    levels: "Levels"
    """Level of the loudest step in each column, shape (columns,); NaN if unknown."""
    floors: "Levels"
    """Level that a quarter of the steps in each column does not exceed, shape (columns,)."""


def columns_of(grid: ColumnGrid, history: LevelHistory) -> TimelineColumns:
    """Measure the complete columns of a history, which outlasts the longest span."""
    import numpy as np  # noqa: PLC0415  after the first frame

    end = grid.complete(history.end_step)
    levels, floors = np.full((2, grid.columns), np.nan)
    for index, column in enumerate(range(end - grid.columns, end)):
        first = grid.first_step(column) - history.first_step
        # A column shorter than a step shows the step it lies in.
        stop = max(grid.first_step(column + 1) - history.first_step, first + 1)
        if first >= 0:
            steps = np.sort(history.levels[first:stop])
            levels[index], floors[index] = steps[-1], steps[(len(steps) - 1) // 4]
    return TimelineColumns(end, levels, floors)


class Timeline(Draggable):
    """Columns of levels; silence at the threshold is dimmed."""

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette)
        self.panel = 0
        """Columns at the right for the labels."""

    @property
    def rows(self) -> int:
        """Rows of the plot; the axis takes the last row of the widget."""
        return max(self.size.height - 1, 1)

    @property
    def plot(self) -> int:
        """Columns of the plot."""
        return max(self.size.width - MARGIN - GAP_COLUMNS - self.panel, 1)

    @property
    def grid(self) -> ColumnGrid:
        """The columns of time at the current width and span."""
        return ColumnGrid(self.view.span, self.plot)

    @property
    def columns(self) -> TimelineColumns:
        """The complete columns in view."""
        return columns_of(self.grid, self.view.state.history)

    def content_key(self) -> object:
        """Return the newest complete column, the threshold, the span and the changes."""
        end = self.grid.complete(self.view.state.history.end_step)
        return end, self.view.mark, self.view.span, self.view.state.changes

    def paint(self) -> None:
        """Draw all lines."""
        first = self.grid.complete(self.view.state.history.end_step) - self.plot
        mark_row = self._mark_row
        for row, cells in enumerate(self._cells(first)):
            self.put_cells(self.rows - 1 - row, [*cells, *self._label(row, mark_row)])
        self._paint_axis(first)

    @property
    def _mark_row(self) -> int | None:
        """Row of the threshold line, counted from the bottom; None if it is below the scale."""
        cell = Scale(self.rows * EIGHTHS).cell(self.view.mark)
        return None if cell is None else cell // EIGHTHS

    def _cells(self, first: int) -> Iterator[list[Part]]:
        """Yield the rows of the plot from the bottom, each from the first column in view on."""
        mark_row, eighths = self._mark_row, range(EIGHTHS + 1)
        glyphs = [[self._glyph(filled, muted) for muted in eighths] for filled in eighths]
        for row, in_row in enumerate(self._filled_and_muted()):
            cells = [glyphs[filled][muted] for filled, muted in in_row]
            if row == mark_row:
                cells = [
                    self._crossed(glyph, style, column)
                    for column, (glyph, style) in enumerate(cells, first)
                ]
            yield cells

    def _filled_and_muted(self) -> Iterator[list[list[int]]]:
        """Yield the rows from the bottom: of each cell the eighths filled, and those muted."""
        if not self.view.state.history.steps:
            yield from [[[0, 0]] * self.plot] * self.rows
            return
        import numpy as np  # noqa: PLC0415  after the first frame

        from deeptone_tui.dsp import silent  # noqa: PLC0415  after the first frame

        columns, mark, scale = self.columns, self.view.mark, Scale(self.rows * EIGHTHS)
        known = ~np.isnan(columns.levels)
        levels = np.where(known, columns.levels, 0)
        floors = np.where(known, columns.floors, 0)
        # A known column is never empty: quiet must differ from missing.
        heights = np.where(known, np.maximum(np.rint(scale.positions(levels)), 1), 0)
        under = np.where(silent(floors, mark), np.rint(scale.positions(floors)), 0)
        under = np.where(silent(levels, mark), heights, under)
        filled_and_muted = np.stack((heights, under), axis=1).astype(int)
        for row in range(self.rows):
            yield np.clip(filled_and_muted - row * EIGHTHS, 0, EIGHTHS).tolist()

    def _glyph(self, filled: int, muted: int) -> Part:
        """Return a cell filled from below, in eighths: muted where it is silence, bright above."""
        if not filled:
            return " ", "silent"  # all empty cells in one tone: each change of tone costs bytes
        if filled <= muted:
            return LOWER[filled], "silent"
        if not muted or filled < EIGHTHS or not self.palette.colours:
            return LOWER[filled], "loud"
        return LOWER[muted], self.palette.both("silent", "loud")

    def _crossed(self, glyph: str, style: str | Style, column: int) -> Part:
        """Return a cell in the row of the threshold line.

        The line runs over empty and full cells. Columns that end in its row alternate with it, so
        that neither is lost. They alternate by absolute columns, which move with the plot.
        """
        if glyph == "█" and isinstance(style, str):
            return LINE, self.palette.over("line", style)
        if glyph == " ":
            return LINE, "line"
        if column % _TURN or style == "loud":
            return glyph, style
        return LINE, "line" if style == "silent" else self.palette.over("line", "loud")

    def _label(self, row: int, mark_row: int | None) -> list[Part]:
        """Return the label beside a row: the ends of the scale, and the threshold."""
        ends = {self.rows - 1: "0", 0: f"{MINUS}{-FLOOR_DBFS:.0f}"}
        end = ends.get(row, "")
        if row == mark_row:
            line = f"{LINE}{LINE} {format_dbfs(self.view.mark)}"
            return [(f" {end:<4} ", "tick"), (line, "line")]
        return [(f" {end} dBFS" if end else "", "tick")]

    def _paint_axis(self, first: int) -> None:
        """Draw the axis, and the changes that took effect in the columns from the first in view."""
        plot, grid = self.plot, self.grid
        columns = {grid.column_of(change.sample) - first for change in self.view.state.changes}
        changes = [column for column in columns if 0 <= column < plot]
        row = axis_row(self.view.span, plot, changes, plot + GAP_COLUMNS + self.panel)
        tones = {CHANGE: "held"}
        self.put_cells(self.rows, [(sign, tones.get(sign, "tick")) for sign in row])

    def level_under(self, event: events.MouseEvent) -> float:
        """Return the level at the height of the mouse; a whole cell counts as its middle."""
        y = event.pointer_y + (0.5 if float(event.pointer_y).is_integer() else 0.0)
        level = Scale(self.rows).level_at(self.rows - y)
        return snapped(level) if y < self.rows + 1 else 0.0


class ClassRun(NamedTuple):
    """Adjacent columns of one class."""

    name: str
    """The class; empty if nothing was answered."""
    text: str
    """Text of the columns, exactly one cell per column."""


def runs_of(names: Sequence[str], quiet_names: frozenset[str]) -> list[ClassRun]:
    """Return the runs of equal classes, each with its text.

    Args:
        names: the class in each column, from left to right; empty for none.
        quiet_names: the quiet classes, which are too common to be named.
    """
    runs = []
    for name, group in groupby(names):
        count = len(list(group))
        text = padded(cut(short_name(name).capitalize(), count), count, FILL if name else " ")
        runs.append(ClassRun(name, STILL * count if name in quiet_names else text))
    return runs


class ClassStrips(StripWidget):
    """The answers, in the same columns as the timeline."""

    def __init__(self, palette: Palette, results: ResultsModel, timeline: Timeline) -> None:
        super().__init__(palette)
        self._results = results
        self._timeline = timeline

    def content_key(self) -> object:
        """Return the newest complete column and result, the span and the models."""
        newest = self._results.newest
        end = self._timeline.grid.complete(self.view.state.history.end_step)
        return end, newest.sample if newest else None, self.view.span, self.view.models

    def paint(self) -> None:
        """Draw all strips."""
        grid, models, rows = self._timeline.grid, self.view.models, self.size.height
        end = grid.complete(self.view.state.history.end_step)
        borders = [grid.first_sample(column) for column in range(end - grid.columns, end + 1)]
        columns = [self._results.entries_in(*pair) for pair in pairwise(borders)]
        for row, model in enumerate(models[:rows]):
            names = [_most_frequent(model, entries) for entries in columns]
            more = f" +{len(models) - rows}" if row == rows - 1 and len(models) > rows else ""
            self.put(row, self._strip(model, names, more))
        for row in range(len(models), rows):
            self.put(row, ())

    def _strip(self, model: str, names: list[str], more: str) -> list[Part]:
        """Return the runs of a model, with its name beside them."""
        quiet = frozenset(name for name in names if tone_of(model, name) == QUIET)
        label = fitted(model, self._timeline.panel - len(more)) + more
        return [
            *((run.text, tone_of(model, run.name)) for run in runs_of(names, quiet)),
            (" " * GAP_COLUMNS, "text"),
            (label, "dim"),
        ]


def _most_frequent(model: str, entries: "list[PlacedResult]") -> str:
    """Return the class of most results in a column, the earliest of equals; empty for none."""
    names = [name_of(entry.step.answers.get(model)) for entry in entries]
    return max(names, key=names.count, default="")
