"""The timeline: level over time with the threshold line through it, and the time axis."""

from collections.abc import Iterator

import numpy as np
from rich.style import Style
from textual import events

from deeptone_tui.app.plots.columns import CHANGE, ColumnGrid, TimelineColumns, axis_row
from deeptone_tui.app.plots.layout import GAP_COLUMNS, MARGIN
from deeptone_tui.app.plots.scale import EIGHTHS, FLOOR_DBFS, Scale, column_glyph
from deeptone_tui.app.presenters.palette import Palette
from deeptone_tui.app.presenters.threshold import snapped
from deeptone_tui.app.widgets.painted import Draggable, Part
from deeptone_tui.dsp import format_dbfs, silent
from deeptone_tui.dsp.samples import MINUS

LINE = "╌"
_Column = tuple[int, int]
"""Height of a column, and of its part that is silence, in eighths of a cell."""
_TURN = 4
"""One in this many columns that end in the row of the threshold line gives way to the line."""


class Timeline(Draggable):
    """Columns of levels; silence at the threshold is dimmed."""

    def __init__(self, palette: Palette, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(palette, id=id)
        self.panel = 0
        """Columns at the right for the labels."""
        self._columns = TimelineColumns(ColumnGrid(self.view.span, 1))

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

    def content_key(self) -> object:
        """Return the newest complete column, the threshold, the span and the changes."""
        end = self.grid.complete(self.view.state.history.end_step)
        return end, self.view.mark, self.view.span, self.view.state.changes

    def repaint(self) -> None:
        """Redraw everything, whatever was drawn before."""
        self._columns = TimelineColumns(self.grid)
        super().repaint()

    def paint(self) -> None:
        """Draw all lines."""
        if self._columns.grid != self.grid:
            self._columns = TimelineColumns(self.grid)
        self._columns.update(self.view.state.history)
        mark_row = self._mark_row
        for row, cells in enumerate(self._cells()):
            self.put_cells(self.rows - 1 - row, [*cells, *self._label(row, mark_row)])
        self._paint_axis()

    @property
    def _mark_row(self) -> int | None:
        """Row of the threshold line, counted from the bottom; None if it is below the scale."""
        cell = Scale(self.rows * EIGHTHS).cell(self.view.mark)
        return None if cell is None else cell // EIGHTHS

    def _cells(self) -> Iterator[list[Part]]:
        """Yield the rows of the plot from the bottom, each from left to right."""
        mark, mark_row, scale = self.view.mark, self._mark_row, Scale(self.rows * EIGHTHS)
        known = ~np.isnan(self._columns.levels)
        levels = np.where(known, self._columns.levels, 0)
        floors = np.where(known, self._columns.floors, 0)
        # A known column is never empty: quiet must differ from missing.
        heights = np.where(known, np.maximum(np.rint(scale.positions(levels)), 1), 0)
        under = np.where(silent(floors, mark), np.rint(scale.positions(floors)), 0)
        under = np.where(silent(levels, mark), heights, under)
        columns = list(zip(heights.astype(int).tolist(), under.astype(int).tolist(), strict=True))
        first = self._columns.end - self.plot
        for row in range(self.rows):
            cells = [self._cell(column, row) for column in columns]
            if row == mark_row:
                cells = [self._crossed(*cell, column) for column, cell in enumerate(cells, first)]
            yield cells

    def _cell(self, column: _Column, row: int) -> Part:
        """Return a cell of a column: muted where it is silence at the threshold, bright above."""
        height, under = column
        if height <= row * EIGHTHS:
            return " ", "silent"  # all empty cells in one tone: each change of tone costs bytes
        if height <= under or row * EIGHTHS + EIGHTHS <= under:
            return column_glyph(height, row), "silent"
        if under <= row * EIGHTHS or height < row * EIGHTHS + EIGHTHS or not self.palette.colours:
            return column_glyph(height, row), "loud"
        return column_glyph(under, row), self.palette.both("silent", "loud")

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

    def _paint_axis(self) -> None:
        """Draw the axis, and the changes that took effect in the columns in view."""
        plot, first, grid = self.plot, self._columns.end - self.plot, self.grid
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
