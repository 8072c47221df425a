"""The rule over the timeline: its span, and how many of its periods are silence at the mark."""

import numpy as np

from deeptone_tui.app.judged_span import silence_in
from deeptone_tui.app.palette import Palette
from deeptone_tui.app.spans import SPANS
from deeptone_tui.app.step_log import StepLog
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.painted import Part
from deeptone_tui.app.widgets.rule import Rule
from deeptone_tui.dsp import format_dbfs

_EVERY = 4
"""Steps between two counts."""
_ROOM_FOR_PERCENTILES = 90
"""Columns from which percentiles are told."""


class TimelineRule(Rule):
    """How long the timeline is, and how many of its periods would be silence at the mark."""

    def __init__(self, palette: Palette, log: StepLog) -> None:
        super().__init__(palette)
        self._log = log
        self._counted: object = None

    def present(self, view: View) -> None:
        """Show another view; the share follows the mark at once, and time four times a second."""
        self.view = view
        counted = (
            view.state.history.end_step // _EVERY,
            view.mark,
            view.span,
            view.in_force.output_period,
            self._log.version,
        )
        if counted == self._counted and self._drawn is not None:
            return
        self._counted = counted
        silent, periods = silence_in(view, self._log)
        share = f"{silent:3} of {periods}" if periods else "  – of –"
        if self._drawn != (share, view.span):
            self._drawn = (share, view.span)
            text: list[Part] = [(share, "strong"), (" periods are silence", "dim")]
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
