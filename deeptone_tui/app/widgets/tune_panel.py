"""The panel of tune mode: costs of every threshold, figures at the current one, histograms."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from deeptone_tui.app.presenters.tune_words import (
    LOST,
    PASSED,
    SILENCE,
    costs_of,
    extent_of,
    state_of,
)
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.layout import GAP_COLUMNS
from deeptone_tui.app.widgets.painted import Part, StripWidget
from deeptone_tui.app.widgets.scale import SUGGESTED, Scale, column_glyph, histogram
from deeptone_tui.dsp import format_both

if TYPE_CHECKING:
    from deeptone_tui.app.presenters.palette import Palette
    from deeptone_tui.app.presenters.step_log import JudgedSpan, SpanJudge
    from deeptone_tui.tuning import Curve


Cells = Mapping[tuple[int, int], str]
"""Signs by row, counted from the bottom, and column."""

_HEIGHTS = 3

_MARK, _TICK = "┃", "╴"
_ROOMY = 78
_HEAD_ROWS = 2
"""Rows of text above the curves."""


class CurveSigns(NamedTuple):
    """The characters that draw a curve."""

    heights: str
    """Characters for the lowest, the middle and the highest third of a cell."""
    upright: str
    """Character for a cell that a steep curve passes through."""


SOLID = CurveSigns("▁─▔", "│")
DOTTED = CurveSigns(".·˙", "·")


def line(shares: npt.NDArray[np.float64], rows: int, pen: CurveSigns) -> Cells:
    """Return the cells of a curve.

    Args:
        shares: values from 0 to 1, one per column.
        rows: number of rows; 0 is at the bottom of the lowest, 1 at the top of the highest.
        pen: the characters.
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
    """Return the cells below a curve, rounded to whole rows; ``shares`` as for `line`."""
    heights = np.rint(np.clip(shares, 0.0, 1.0) * rows).astype(int).tolist()
    return {(row, column): sign for column, height in enumerate(heights) for row in range(height)}


def over_one_another(first: Cells, second: Cells) -> tuple[Cells, Cells]:
    """Return two curves that alternate by column in shared cells, so that neither is lost."""
    shared = first.keys() & second.keys()
    return (
        {cell: sign for cell, sign in first.items() if cell not in shared or cell[1] % 2},
        {cell: sign for cell, sign in second.items() if cell not in shared or not cell[1] % 2},
    )


class TunePanel(StripWidget):
    """The panel in place of the threshold line, where thresholds are tried without a request."""

    def __init__(self, palette: "Palette", judge: "SpanJudge") -> None:
        super().__init__(palette)
        self.panel = 15
        """Columns of the text beside the plots."""
        self.curve_rows, self.pile_rows = 4, 1
        """Rows of the curves, and of each histogram."""
        self.judge = judge
        """Judge of the span that is shown."""
        self._span: JudgedSpan | None = None
        self._curve: Curve | None = None

    @property
    def rows(self) -> int:
        """Rows of the whole panel."""
        return _HEAD_ROWS + self.curve_rows + 2 * self.pile_rows

    def take(self, curve_rows: int, pile_rows: int) -> None:
        """Set the rows of the curves, and of each histogram."""
        self.curve_rows, self.pile_rows = curve_rows, pile_rows
        self.styles.height = self.rows

    def present(self, view: View) -> None:
        """Show another view."""
        self.view = view
        if not view.tuning:
            self._span = None
            return
        if not self.size.width:
            return
        span = self.judge.look(view)
        if span is not self._span:
            self._span, self._curve = span, span.periods.curve(self._scale.levels())
            self._drawn = None
        super().present(view)

    def repaint(self) -> None:
        """Redraw everything, whatever was drawn before."""
        self._span = None
        super().repaint()

    def content_key(self) -> object:
        """Return the threshold and the session; the span is compared by itself."""
        return self.view.mark, self.view.live.session

    @property
    def _scale(self) -> Scale:
        return Scale(max(self.size.width - 2 - self.panel - GAP_COLUMNS, 1))

    def paint(self) -> None:
        """Draw the lines."""
        from deeptone_tui.tuning import OTHER, SPEECH  # noqa: PLC0415  tune mode only

        span, roomy = self._span, self.size.width >= _ROOMY
        if span is None:
            return
        self.put(0, self._head(roomy=roomy))
        self.put(1, costs_of(span, self.view, self.size.width, roomy=roomy))
        self._paint_curves(extent_of(span, self.view), span.suggestion.threshold)
        first = _HEAD_ROWS + self.curve_rows
        self._paint_pile(first, span, SPEECH, "first")
        self._paint_pile(first + self.pile_rows, span, OTHER, "second")

    def _head(self, *, roomy: bool) -> list[Part]:
        gap = "   " if roomy else "  "
        tune = self.view.key("tune", "t")
        back = f"{gap}{self.view.key('leave', 'esc')} cancels" if roomy else ""
        leave = f"{tune} leaves" if self.view.live.speed else f"{tune} applies{back}"
        text = f"{gap}TUNE: {state_of(self.view.live.session)}{gap}{leave}"
        return [(" ▲ ", "mark"), (format_both(self.view.mark), "strong"), (text, "held")]

    def _paint_curves(self, extent: tuple[str, str], best: float | None) -> None:
        """Draw the curves on the axis of the meter, the best threshold, and the extent beside."""
        rows, cells = self.curve_rows, self._curve_cells()
        place = None if best is None else self._scale.cell(best)
        if place is not None:
            cells[rows - 1, place] = (SUGGESTED, "mark")
        beside = {rows - 1: f"{_TICK}100 %", 0: f"{_TICK}0 %"}
        within = list(range(rows - 2, 0, -1))
        beside |= {row: f"   {text}" for row, text in zip(within, extent, strict=False)}
        for row in range(rows):
            line = [cells.get((row, column), (" ", "text")) for column in range(self._scale.cells)]
            self._put_plot(_HEAD_ROWS + rows - 1 - row, line, beside.get(row, ""))

    def _curve_cells(self) -> dict[tuple[int, int], tuple[str, str]]:
        """Return the characters of all curves with their tones: lines over the area."""
        curve, rows = self._curve, self.curve_rows
        if curve is None:
            return {}
        drawn = area(curve.silence, rows, SILENCE.sign)
        cells = {place: (sign, SILENCE.tone) for place, sign in drawn.items()}
        lines = [
            {} if shares is None else line(shares, rows, pen)
            for shares, pen in (
                (curve.speech_lost, SOLID),
                (curve.noise_passed, DOTTED),
            )
        ]
        for part, what in zip(over_one_another(*lines), (LOST, PASSED), strict=True):
            cells |= {place: (sign, what.tone) for place, sign in part.items()}
        return cells

    def _paint_pile(self, top: int, span: "JudgedSpan", kind: int, tone: str) -> None:
        """Draw one histogram on the axis of the meter, with its label."""
        from deeptone_tui.app.presenters.tune_words import pile_label  # noqa: PLC0415

        rows = self.pile_rows
        periods, period_ms = span.periods, self.view.in_force.output_period
        heights = histogram(periods.loudest[periods.kinds == kind], self._scale, rows)
        for row in range(rows):
            line = [(column_glyph(height, row), tone) for height in heights]
            label = f"   {pile_label(periods, kind, period_ms)}" if row == 0 else ""
            self._put_plot(top + rows - 1 - row, line, label)

    def _put_plot(self, row: int, cells: list[tuple[str, str]], beside: str) -> None:
        """Put a row of a plot, with the threshold through it and text at its right."""
        mark = self._scale.cell(self.view.mark)
        if mark is not None:
            cells[mark] = (_MARK, "mark")
        self.put_cells(row, [(" ", "text"), *cells, *((sign, "dim") for sign in beside)])
