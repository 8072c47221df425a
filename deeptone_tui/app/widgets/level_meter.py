"""The meter: level bar, histogram and scale over one another, with the mark through all three."""

import math
from typing import NamedTuple

from textual import events

from deeptone_tui.app.drawing.blocks import EIGHTHS, LEFT, column_glyph
from deeptone_tui.app.drawing.histogram import histogram
from deeptone_tui.app.drawing.layout import GAP, MARGIN
from deeptone_tui.app.drawing.scale import Scale
from deeptone_tui.app.mark import snapped
from deeptone_tui.app.messages import MarkDragged
from deeptone_tui.app.palette import Palette
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.painted import Painted, Part

MARK, OFF_SCALE, POINTER = "┃", "◀", "▲"
PEAK, NEEDLE, TICK = "│", "◆", "╵"
_HISTOGRAM_EVERY = 16
"""Steps between two drawings of the histogram: about a second."""


class _Bar(NamedTuple):
    """What the bar shows, in cells of the scale."""

    eighths: int
    mark: int | None
    reached: bool
    peak: int | None
    needle: int | None

    def end(self) -> int:
        """The cell after the last one that is not empty track."""
        cells = (self.eighths // EIGHTHS, self.mark or 0, self.peak or 0, self.needle or 0)
        return max(cells) + 1


class LevelMeter(Painted):
    """Level now, and how often each level occurred, on one decibel scale."""

    def __init__(self, palette: Palette, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(palette, id=id)
        self.bar_rows = 1
        """Rows of the bar; the scale takes one, the histogram has the others."""
        self._bar: _Bar | None = None
        self._pile: tuple[int, ...] = ()
        self._moment = -1

    @property
    def scale(self) -> Scale:
        """The scale in the present width."""
        return Scale(max(self.size.width - MARGIN - GAP, 1))

    @property
    def histogram_rows(self) -> int:
        """Rows between bar and scale."""
        return max(self.size.height - self.bar_rows - 1, 0)

    def present(self, view: View) -> None:
        """Show another view."""
        marked = view.mark != self.view.mark
        respanned = view.span != self.view.span
        self.view = view
        self._paint_bar()
        moment = view.state.history.end_step // _HISTOGRAM_EVERY
        if moment != self._moment or respanned:
            self._measure()
        elif not marked:
            return
        self._paint_histogram()
        if marked:
            self._paint_scale()

    def paint(self) -> None:
        """Draw all lines anew."""
        self._bar = None
        self._measure()
        self._paint_bar()
        self._paint_histogram()
        self._paint_scale()

    def _measure(self) -> None:
        self._moment = self.view.state.history.end_step // _HISTOGRAM_EVERY
        self._pile = histogram(self.view.span_levels, self.scale, self.histogram_rows)

    def _paint_bar(self) -> None:
        scale, meter, mark = self.scale, self.view.state.meter, self.view.mark
        bar = _Bar(
            int(scale.position(meter.level) * EIGHTHS),
            scale.cell(mark),
            meter.level >= mark,
            scale.cell(meter.peak),
            scale.cell(meter.vu),
        )
        if bar == self._bar:
            return
        upto = None if self._bar is None else MARGIN + max(bar.end(), self._bar.end())
        self._bar = bar
        for row in range(self.bar_rows):
            self.put(row, self._bar_parts(bar, scale.cells), upto)

    def _bar_parts(self, bar: _Bar, cells: int) -> list[Part]:
        """The bar in few pieces: filled up to its end, cut by the signs that stand in it."""
        full, rest = divmod(bar.eighths, EIGHTHS)
        row = ("█" * full + (LEFT[rest] if full < cells else "")).ljust(cells)[:cells]
        border = bar.mark if bar.mark is not None else 0
        signs = {bar.needle: (NEEDLE, "needle"), bar.peak: (PEAK, "peak"), bar.mark: (MARK, "mark")}
        signs.pop(None, None)
        parts: list[Part] = [(" " * MARGIN, "text")]
        at = 0
        for cell in sorted({*signs, border, cells} - {None}):  # type: ignore[type-var]  # None is out
            assert cell is not None
            tone = "below" if cell <= border else "above"
            parts.append((row[at:cell], tone))
            at = cell
            if cell in signs:
                sign, sign_tone = signs[cell]
                inside = bar.reached if cell == bar.mark else cell < full
                ground = ("below" if cell < border else "above") if inside else "track"
                parts.append((sign, self.palette.over(sign_tone, ground)))
                at += 1
        return parts

    def _paint_histogram(self) -> None:
        rows, mark = self.histogram_rows, self.scale.cell(self.view.mark)
        border = -1 if mark is None else mark
        for row in range(rows):
            cells = [
                (column_glyph(height, rows - 1 - row), "pile-below" if cell < border else "pile-above")
                for cell, height in enumerate(self._pile)
            ]
            if mark is not None:
                cells[mark] = (MARK, "mark")
            self.put_cells(self.bar_rows + row, [(" " * MARGIN, "text"), *cells])

    def _paint_scale(self) -> None:
        scale = self.scale
        mark = scale.cell(self.view.mark)
        row = [" "] * (MARGIN + scale.cells + GAP)
        for cell, label in scale.ticks():
            text = f"{TICK}{label}"
            if mark is None or not cell <= mark < cell + len(text):
                row[MARGIN + cell : MARGIN + cell + len(text)] = text
        pointer = (OFF_SCALE, 0) if mark is None else (POINTER, mark + MARGIN)
        cells = [(text, "tick") for text in row[: self.size.width]]
        cells[pointer[1]] = (pointer[0], "mark")
        self.put_cells(self.bar_rows + self.histogram_rows, cells)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take the mark."""
        if event.button == 1:
            self.capture_mouse()
            self._drag(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the mark, for as long as the button is down."""
        if self.app.mouse_captured is self:
            self._drag(event)

    def on_mouse_up(self) -> None:
        """Let the mark go."""
        self.release_mouse()

    def _drag(self, event: events.MouseEvent) -> None:
        position = event.pointer_x - MARGIN
        level = self.scale.level_at(position) if position > -MARGIN / 2 else 0.0
        self.post_message(MarkDragged(snapped(level) if math.isfinite(level) else 0.0))
