"""Tune mode: what the mark would cost, and the levels of speech and the rest apart."""

from typing import TYPE_CHECKING

from deeptone_tui.app.drawing.blocks import LOWER
from deeptone_tui.app.drawing.histogram import histogram
from deeptone_tui.app.drawing.layout import GAP
from deeptone_tui.app.drawing.scale import Scale
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.painted import Painted, Part
from deeptone_tui.app.widgets.proposal_panel import percent
from deeptone_tui.level import format_both
from deeptone_tui.monitor.state import SessionStatus

if TYPE_CHECKING:
    from deeptone_tui.app.palette import Palette
    from deeptone_tui.app.replayed import Replayed
    from deeptone_tui.app.results_model import ResultsModel
    from deeptone_tui.level import Levels

_MARK = "┃"
_ROOMY = 78
_LABEL = 12


class TunePanel(Painted):
    """In place of the line of the mark, while every threshold can be tried without asking anew."""

    def __init__(self, palette: "Palette", results: "ResultsModel") -> None:
        super().__init__(palette)
        self.panel = 15
        """Columns of the words beside the meter."""
        self._results = results
        self._drawn: object = None

    def present(self, view: View) -> None:
        """Show another view."""
        self.view = view
        if not view.tuning:
            self._drawn = None
            return
        now = (view.mark, view.span, view.live.counters.results, view.live.session)
        if now != self._drawn and self.size.width:
            self._drawn = now
            self._paint()

    def paint(self) -> None:
        """Draw the lines anew."""
        self._drawn = None
        self.present(self.view)

    def _paint(self) -> None:
        from deeptone_tui.app.replayed import replayed  # noqa: PLC0415  tune mode only
        from deeptone_tui.tuning import SPEECH  # noqa: PLC0415  tune mode only

        view = self.view
        periods = replayed(view, self._results.entries)
        roomy = self.size.width >= _ROOMY
        self.put(0, self._head())
        self.put(1, [("   " + costs_of(view, periods, roomy=roomy), "text")])
        speech = periods.heard == SPEECH
        self._pile(2, periods.levels[speech], "speech", "first")
        self._pile(3, periods.levels[~speech], "the rest", "second")

    def _head(self) -> list[Part]:
        gap = "   " if self.size.width >= _ROOMY else "  "
        text = f"{gap}TUNE: {state_of(self.view.live.session)}{gap}t applies it"
        return [(" ▲ ", "mark"), (format_both(self.view.mark), "strong"), (text, "held")]

    def _pile(self, row: int, levels: "Levels", label: str, tone: str) -> None:
        """One histogram on the axis of the meter, and what it is of."""
        scale = Scale(max(self.size.width - 2 - self.panel - GAP, 1))
        cells = [(LOWER[height], tone) for height in histogram(levels, scale, 1)]
        mark = scale.cell(self.view.mark)
        if mark is not None:
            cells[mark] = (_MARK, "mark")
        words = [(sign, "dim") for sign in f"{' ' * GAP}{label.ljust(_LABEL)}"]
        self.put_cells(row, [(" ", "text"), *cells, *words])


def state_of(session: SessionStatus) -> str:
    """Whether the endpoint judges everything yet."""
    judging = session.applied is not None and session.applied.volume_threshold == 0
    return (
        "endpoint at 0"
        if judging and session.pending in {None, session.applied}
        else "◌ applying 0"
    )


def costs_of(view: View, periods: "Replayed", *, roomy: bool) -> str:
    """What the mark would do to the periods judged so far."""
    if not periods.levels.size:
        return "no period has been judged at threshold 0 yet"
    cost = periods.cost(view.mark)
    shares = (
        ("speech lost", cost.speech_lost),
        ("the rest passed", cost.other_passed),
        ("silence", cost.silence),
    )
    told = ", ".join(f"{what} {'–' if part is None else percent(part)}" for what, part in shares)
    return f"{told}   of {periods.levels.size} periods" if roomy else told
