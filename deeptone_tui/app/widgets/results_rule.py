"""The rule over the results: names over the columns, the filter, and whether it follows."""

from deeptone_tui.app.palette import Palette
from deeptone_tui.app.results_model import ResultsModel
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.painted import Part
from deeptone_tui.app.widgets.results_log import ResultsLog
from deeptone_tui.app.widgets.rule import Rule
from deeptone_tui.app.wording import fitted

_ROOM_FOR_AGREEMENT = 76
"""Columns from which the agreement is told."""


class ResultsRule(Rule):
    """Head of the log."""

    def __init__(
        self,
        palette: Palette,
        results: ResultsModel,
        log: ResultsLog,
        *,
        id: str | None = None,  # noqa: A002  Textual's name
    ) -> None:
        super().__init__(palette, id=id)
        self._results = results
        self._log = log

    def present(self, view: View) -> None:
        """Show another view."""
        self.view = view
        badge = self._badge()
        agreement = self._agreement()
        now = (badge, agreement, view.models, self._results.filter)
        if now == self._drawn or not self.size.width:
            return
        self._drawn = now
        columns = self._log.columns
        inserts: list[tuple[int, list[Part]]] = []
        if columns.level is not None:
            inserts.append((columns.level + 2, [("dBFS", "dim")]))
        for group in columns.groups:
            name = fitted(group.model, group.width)
            only = " only" if self._results.filter == group.model else ""
            inserts.append((group.left, [(f"{name}{only}", "text")]))
        if columns.hidden and columns.groups:
            inserts.append((columns.groups[-1].left + 10, [(f"+{columns.hidden}", "dim")]))
        right = [*([(agreement, "dim"), (" ─ ", "rule")] if agreement else []), badge]
        self.draw("Results", [*inserts, (-2, right)])

    def _badge(self) -> Part:
        """Whether the newest line is in view, and what came since if it is not."""
        scroll = self._log.scroll_state
        if scroll.following:
            return "following", "dim"
        return (f"↓ {scroll.unseen} new" if scroll.unseen else "↓ end follows"), "held"

    def _agreement(self) -> str:
        """How often preview and endpoint agreed on silence."""
        agreement = self.view.live.agreement
        if not agreement.compared or self.size.width < _ROOM_FOR_AGREEMENT:
            return ""
        share = agreement.agreed / agreement.compared
        # Only what is whole is said to be so.
        percent = 100 if agreement.agreed == agreement.compared else min(int(share * 100), 99)
        return f"{percent} % agree"
