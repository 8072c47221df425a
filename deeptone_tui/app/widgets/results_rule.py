"""The rule over the results: names over the columns, the filter, and whether it follows."""

from deeptone_tui.app.cells import fitted, width_of
from deeptone_tui.app.palette import Palette
from deeptone_tui.app.results_model import ResultsModel
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.painted import Part
from deeptone_tui.app.widgets.results_log import ResultsLog
from deeptone_tui.app.widgets.rule import Rule


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
        now = (badge, view.models, self._results.filter)
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
        if not self._log.scroll_state.following:  # the badge comes before the names
            end = self.size.width - len(badge[0]) - 4
            inserts = [
                (left, parts) for left, parts in inserts if left + width_of(parts[0][0]) < end
            ]
        self.draw("Results", [*inserts, (-2, [badge])])

    def _badge(self) -> Part:
        """Whether the newest line is in view, and what came since if it is not."""
        scroll = self._log.scroll_state
        if scroll.following:
            return "following", "dim"
        follows = f"{self.view.key('follow', 'end')} follows"
        return (f"↓ {scroll.unseen} new" if scroll.unseen else f"↓ {follows}"), "held"
