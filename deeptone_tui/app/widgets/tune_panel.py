"""The panel of tune mode: costs of every threshold, figures at the current one, histograms."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from deeptone_tui.app.presenters.verdict import ANSWERING
from deeptone_tui.app.presenters.wording import width_of
from deeptone_tui.app.view import SPANS, View
from deeptone_tui.app.widgets.geometry import GAP_COLUMNS, SUGGESTED, Scale, column_glyph, histogram
from deeptone_tui.app.widgets.painted import Part, StripWidget
from deeptone_tui.monitor.state import SessionPhase
from deeptone_tui.protocol import STEP_MS, format_threshold
from deeptone_tui.protocol.units import format_both, format_dbfs

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from deeptone_tui.app.presenters.palette import Palette
    from deeptone_tui.app.presenters.step_log import JudgedSpan, SpanJudge
    from deeptone_tui.monitor.state import SessionStatus
    from deeptone_tui.tuning import Curve, Periods
    from deeptone_tui.tuning import Part as Counted


Cells = Mapping[tuple[int, int], str]
"""Signs by row, counted from the bottom, and column."""

_HEIGHTS = 3

_MARK, _TICK = "┃", "╴"
_ROOMY = 78
_HEAD_ROWS = 2
"""Rows of text above the curves."""


class Share(NamedTuple):
    """A share with the sign and tone of its curve, and its names."""

    sign: str
    tone: str
    name: str
    short: str


LOST = Share("─", "first", "speech lost", "lost")
PASSED = Share("·", "second", "noise passed", "passed")
SILENCE = Share("░", "pile-below", "silence", "silence")

_MINUTES_FROM, _HOURS_FROM = 120, 7200
"""Seconds from which times are written in minutes and in hours."""


def state_of(session: "SessionStatus") -> str:
    """Return a phrase about whether the endpoint runs at threshold 0 yet."""
    applied = session.applied
    if session.phase not in ANSWERING:
        return "○ no connection"
    if applied is not None and session.phase is SessionPhase.REPLAYING:
        return f"recorded at {format_threshold(applied.volume_threshold)}"
    if applied is not None and applied.volume_threshold == 0:
        return "endpoint at 0"
    return "◌ applying 0"


def costs_of(span: "JudgedSpan", view: "View", width: int, *, roomy: bool) -> "list[Part]":
    """Return the effect of the threshold under the cursor, each count with the sign of its curve.

    Args:
        span: the judged span.
        view: the view.
        width: available columns; parts that do not fit are left out, never cut.
        roomy: True to try whole names first.
    """
    cost = span.periods.cost(view.mark)
    gap = "   " if roomy else " "
    if not cost.silence.whole:
        return [(f"{gap}nothing heard yet", "text")]
    if not span.heard_steps:
        missing = _nothing_judged(view, roomy=roomy)
        return [(f"{gap}{missing}{gap}", "text"), *_told(SILENCE, cost.silence, roomy=roomy)]
    told = [(LOST, cost.speech_lost), (PASSED, cost.noise_passed), (SILENCE, cost.silence)]
    best = _best(span.suggestion.threshold, gap)
    whole, short = _row(told, gap, roomy=roomy), _row(told, gap, roomy=False)
    # The suggestion is dropped first and the count of silence last: both are also shown elsewhere,
    # on the axis and in the rule over the history.
    rows = [[*whole, *best]] if roomy else []
    rows += [whole, short, _row(told, " ", roomy=False)]
    return next((row for row in rows if _length(row) <= width), _row(told[:2], " ", roomy=False))


def _row(told: "list[tuple[Share, Counted]]", gap: str, *, roomy: bool) -> "list[Part]":
    """Return the counts, each after a gap."""
    return [part for each in told for part in ((gap, "text"), *_told(*each, roomy=roomy))]


def _length(row: "list[Part]") -> int:
    return sum(width_of(text) for text, _ in row)


def _best(threshold: float | None, gap: str) -> "list[Part]":
    """Return the suggested threshold, which ``a`` shows in full; empty if there is none."""
    return [] if threshold is None else [(f"{gap}{SUGGESTED} {format_dbfs(threshold)}", "mark")]


def extent_of(span: "JudgedSpan", view: "View") -> tuple[str, str]:
    """Return the name of the counted span, and how much of it the endpoint has judged."""
    name = "all audio" if view.whole else SPANS[view.span].lower()
    return name, f"{_of(span.heard_steps, span.steps)} judged"


def pile_label(periods: "Periods", kind: int, period_ms: int) -> str:
    """Return the label of a histogram: its kind and the length of its steps."""
    from deeptone_tui.tuning import SPEECH  # noqa: PLC0415  tune mode only

    length = periods.count(kind) * period_ms // STEP_MS
    return f"{'speech' if kind == SPEECH else 'pauses'} {_time(length)}"


def _nothing_judged(view: "View", *, roomy: bool) -> str:
    """Return the reason why there are no shares of speech lost and noise passed."""
    from deeptone_tui.tuning import SPEECH_MODELS  # noqa: PLC0415  tune mode only

    if not set(view.models) & set(SPEECH_MODELS):
        return "m: choose speech-rt or speech" if roomy else "m: choose speech-rt"
    return "no period judged at threshold 0 yet" if roomy else "none judged at 0 yet"


def _told(what: Share, part: "Counted", *, roomy: bool) -> "list[Part]":
    """Return a share with its sign, as a count of periods out of all."""
    name = what.name if roomy else what.short
    return [(f"{what.sign} ", what.tone), (f"{name} {part.count} of {part.whole}", "text")]


def _of(part: int, whole: int) -> str:
    """Return a time out of another, both given in steps, in the unit of the longer one."""
    unit, steps = _unit(whole)
    if unit == "h":
        return f"{part / steps:.1f}/{whole / steps:.1f} h"
    return f"{round(part / steps)}/{round(whole / steps)} {unit}"


def _time(length: int) -> str:
    """Return a length in steps as a time."""
    unit, steps = _unit(length)
    return f"{length / steps:.1f} h" if unit == "h" else f"{round(length / steps)} {unit}"


def _unit(length: int) -> tuple[str, float]:
    """Return the unit that suits a length in steps, and the number of steps in it."""
    second = 1000 / STEP_MS
    seconds = length / second
    if seconds < _MINUTES_FROM:
        return "s", second
    return ("min", 60 * second) if seconds < _HOURS_FROM else ("h", 3600 * second)


class CurveSigns(NamedTuple):
    """The characters that draw a curve."""

    heights: str
    """Characters for the lowest, the middle and the highest third of a cell."""
    upright: str
    """Character for a cell that a steep curve passes through."""


SOLID = CurveSigns("▁─▔", "│")
DOTTED = CurveSigns(".·˙", "·")


def line(shares: "npt.NDArray[np.float64]", rows: int, pen: CurveSigns) -> Cells:
    """Return the cells of a curve.

    Args:
        shares: values from 0 to 1, one per column.
        rows: number of rows; 0 is at the bottom of the lowest, 1 at the top of the highest.
        pen: the characters.
    """
    import numpy as np  # noqa: PLC0415  tune mode only

    places = np.rint(np.clip(shares, 0.0, 1.0) * (rows * _HEIGHTS - 1)).astype(int).tolist()
    cells: dict[tuple[int, int], str] = {}
    for column, place in enumerate(places):
        row, third = divmod(place, _HEIGHTS)
        before = places[max(column - 1, 0)] // _HEIGHTS
        for between in range(min(row, before) + 1, max(row, before)):
            cells[between, column] = pen.upright
        cells[row, column] = pen.heights[third]
    return cells


def area(shares: "npt.NDArray[np.float64]", rows: int, sign: str) -> Cells:
    """Return the cells below a curve, rounded to whole rows; ``shares`` as for `line`."""
    import numpy as np  # noqa: PLC0415  tune mode only

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
