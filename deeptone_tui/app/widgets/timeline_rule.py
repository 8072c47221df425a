"""The rule over the timeline: its span, and how much of it is under the mark."""

from deeptone_tui.app.spans import SPANS
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.rule import Rule

_EVERY = 4
"""Steps between two counts."""


class TimelineRule(Rule):
    """How long the timeline is, and what of it would be silence at the mark."""

    _counted: object = None

    def present(self, view: View) -> None:
        """Show another view; the share follows the mark at once, and time four times a second."""
        self.view = view
        counted = (view.state.history.end_step // _EVERY, view.mark, view.span)
        if counted == self._counted and self._drawn is not None:
            return
        self._counted = counted
        known = len(view.state.history.levels) > 0
        share = f"{view.share * 100:3.0f} %" if known else "  – %"
        if self._drawn != (share, view.span):
            self._drawn = (share, view.span)
            text = [(share, "strong"), (" of it is under the mark", "dim")]
            self.draw(SPANS[view.span], [(-2, text)])
