"""The meter: level bar, histogram and scale with the threshold across, and the verdict beside."""

import math
from typing import NamedTuple

from rich.style import Style
from textual import events

from deeptone_tui.app.presenters.palette import Palette
from deeptone_tui.app.presenters.threshold import snapped
from deeptone_tui.app.presenters.verdict import QUIET, Saying, verdict_of
from deeptone_tui.app.presenters.wording import fitted, width_of
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.geometry import (
    EIGHTHS,
    GAP_COLUMNS,
    LEFT,
    MARGIN,
    SUGGESTED,
    Scale,
    column_glyph,
    histogram,
    scale_labels,
)
from deeptone_tui.app.widgets.painted import Draggable, Part, StripWidget

MARK, OFF_SCALE, POINTER = "┃", "◀", "▲"
SUGGESTED_LINE = "┊"
PEAK, NEEDLE, NEEDLE_BELOW = "│", "◆", "╎"
_BOLD, _REVERSE = Style(bold=True), Style(reverse=True)
_HISTOGRAM_EVERY_STEPS = 16
"""Steps between two redraws of the histogram: about a second."""


class _Bar(NamedTuple):
    """The content of the bar, in cells of the scale."""

    eighths: int
    mark: int | None
    reached: bool
    peak: int | None
    needle: int | None
    suggested: int | None = None


class LevelMeter(Draggable):
    """The current level and a histogram of levels on one decibel scale."""

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette)
        self.bar_rows = 1
        """Rows of the bar; the scale takes one row, the histogram the others."""
        self._measured: object = None
        self._heights: tuple[int, ...] = ()

    @property
    def scale(self) -> Scale:
        """The scale at the current width."""
        return Scale(max(self.outer_size.width - GAP_COLUMNS, 1))

    @property
    def _suggested(self) -> int | None:
        """Cell of the suggested threshold; None without one."""
        proposed = self.view.proposed
        level = None if proposed is None else proposed.suggestion.threshold
        return None if level is None else self.scale.cell(level) or 0

    @property
    def histogram_rows(self) -> int:
        """Rows between bar and scale."""
        return max(self.outer_size.height - self.bar_rows - 1, 0)

    def present(self, view: View) -> None:
        """Show another view: the bar follows each state, the rest its key."""
        super().present(view)
        if all(self.outer_size):
            self._paint_bar()

    def content_key(self) -> object:
        """Return what histogram and scale depend on, with time at a readable pace."""
        return self._moment, self.view.span, self.view.mark, self.view.proposed

    @property
    def _moment(self) -> int:
        return self.view.state.history.end_step // _HISTOGRAM_EVERY_STEPS

    def repaint(self) -> None:
        """Redraw everything, from the levels as they are now."""
        self._measured = None
        super().repaint()

    def paint(self) -> None:
        """Draw histogram and scale."""
        self._paint_histogram()
        self._paint_scale()

    def _paint_bar(self) -> None:
        scale, meter, mark = self.scale, self.view.state.meter, self.view.mark
        bar = _Bar(
            int(scale.position(meter.level) * EIGHTHS),
            scale.cell(mark),
            meter.level >= mark,
            scale.cell(meter.peak),
            scale.cell(meter.vu),
            self._suggested,
        )
        self.put(0, self._bar_parts(bar, scale.cells, NEEDLE))
        if self.bar_rows > 1:
            below = self.strip(self._bar_parts(bar, scale.cells, NEEDLE_BELOW))
            for row in range(1, self.bar_rows):
                self.put_strip(row, below)

    def _bar_parts(self, bar: _Bar, cells: int, needle: str) -> list[Part]:
        """Return a row of the bar in as few segments as possible: each sends a colour."""
        full, rest = divmod(bar.eighths, EIGHTHS)
        filled = ("█" * full + LEFT[rest].strip())[:cells]
        border = bar.mark if bar.mark is not None else 0
        signs = {
            bar.suggested: (SUGGESTED_LINE, "mark"),
            bar.needle: (needle, "needle"),
            bar.peak: (PEAK, "peak"),
            bar.mark: (MARK, "mark"),
        }
        places = sorted(cell for cell in signs if cell is not None)
        parts: list[Part] = []
        at = 0
        for cell in sorted({*places, border, len(filled), cells}):
            ground = "below" if at < border else "above"
            if at < cell <= len(filled):
                parts.append((filled[at:cell], ground))
            elif at < cell:
                parts.append((" " * (cell - at), "track"))
            at = cell
            if cell in signs and cell < cells:
                sign, tone = signs[cell]
                inside = bar.reached if cell == bar.mark else cell < full
                parts.append((sign, self._sign_style(tone, inside=inside, below=cell < border)))
                at = cell + 1
        return parts

    def _sign_style(self, tone: str, *, inside: bool, below: bool) -> Style:
        """Return the style of a sign: on the bar for a threshold within it, else on the track.

        The moving signs look the same everywhere, on the background of the empty track: a change of
        colours would cost more bytes than their information is worth.
        """
        if inside and tone == "mark":
            return self.palette.over(tone, "below" if below else "above")
        return self.palette.on_ground_of(tone, "track")

    def _paint_histogram(self) -> None:
        rows, scale = self.histogram_rows, self.scale
        mark = scale.cell(self.view.mark)
        border = -1 if mark is None else mark
        # Not with each step of the threshold. The size may be new before a resize has been handled.
        measured = (self._moment, self.view.span, scale, rows)
        if measured != self._measured:
            self._measured = measured
            self._heights = (0,) * scale.cells
            if self.view.state.history.steps:
                self._heights = histogram(self.view.span_levels, scale, rows)
        for row in range(rows):
            cells = [
                (
                    column_glyph(height, rows - 1 - row),
                    "pile-below" if cell < border else "pile-above",
                )
                for cell, height in enumerate(self._heights)
            ]
            if self._suggested is not None:
                cells[self._suggested] = (SUGGESTED_LINE, "mark")
            if mark is not None:
                cells[mark] = (MARK, "mark")
            self.put_cells(self.bar_rows + row, cells)

    def _paint_scale(self) -> None:
        scale = self.scale
        mark = scale.cell(self.view.mark)
        suggested = self._suggested
        pointer = (OFF_SCALE, 0) if mark is None else (POINTER, mark)
        shown = scale_labels(scale, self.outer_size.width, mark, suggested)
        cells = [(text, "tick") for text in shown]
        if suggested is not None:
            cells[suggested] = (SUGGESTED, "mark")
        cells[pointer[1]] = (pointer[0], "mark")
        self.put_cells(self.bar_rows + self.histogram_rows, cells)

    def level_under(self, event: events.MouseEvent) -> float:
        """Return the level at the mouse position on the scale; 0 left of the scale."""
        position = event.pointer_x
        level = self.scale.level_at(position) if position > -0.5 else 0.0  # noqa: PLR2004  left of it
        return snapped(level) if math.isfinite(level) else 0.0


class VerdictPanel(StripWidget):
    """The current verdict, always at the same place."""

    def content_key(self) -> object:
        """Return the verdict and the number of clips."""
        return verdict_of(self.view), self.view.state.meter.clips

    def paint(self) -> None:
        """Draw all lines."""
        verdict, clips = verdict_of(self.view), self.view.state.meter.clips
        rows = self.size.height
        self.put(0, self._saying(verdict.main, badge=True))
        others = verdict.others[: rows - 2]
        for row in range(1, rows - 1):
            self.put(row, self._saying(others[row - 1]) if row <= len(others) else ())
        lamp = (f"● CLIP {clips}", "clip") if clips else ("○ no clipping", "dim")
        self.put(rows - 1, [lamp])

    def _saying(self, saying: Saying, *, badge: bool = False) -> list[Part]:
        """Return a word with its detail at the right; a badge is bold, reversed unless quiet."""
        width = self.size.width - MARGIN
        style = self.palette[saying.tone or "text"]
        room = width - width_of(saying.detail) - (1 if saying.detail else 0)
        text = fitted(saying.text, room)
        if badge:
            style += _BOLD
            if saying.tone != QUIET:
                style += _REVERSE
                text = f" {fitted(saying.text, room - 2)} "
        pad = " " * (width - width_of(text) - width_of(saying.detail))
        return [(text, style), (pad, "text"), (saying.detail, "dim")]
