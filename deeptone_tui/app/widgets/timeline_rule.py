"""The rule over the timeline: its span, and how much of it is under the mark."""

import numpy as np

from deeptone_tui.app.spans import SPANS
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.painted import Part
from deeptone_tui.app.widgets.rule import Rule
from deeptone_tui.level import format_dbfs

_EVERY = 4
"""Steps between two counts."""
_ROOM_FOR_PERCENTILES = 90
"""Columns from which percentiles are told."""


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
            text: list[Part] = [(share, "strong"), (" of it is under the mark", "dim")]
            self.draw(SPANS[view.span], [(-2, [*self._percentiles(), *text])])

    def _percentiles(self) -> list[Part]:
        """Where the quiet and the loud ends of the levels lie, where there is room to say it."""
        levels = self.view.span_levels
        if self.size.width < _ROOM_FOR_PERCENTILES or not len(levels):
            return []
        quiet, loud = np.percentile(levels, (10, 95))
        return [
            (f"p10 {format_dbfs(quiet)}   p95 {format_dbfs(loud)}", "dim"),
            (" ─ ", "rule"),
        ]
