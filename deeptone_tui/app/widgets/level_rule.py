"""The rule over the meter, with its readings in figures."""

from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.painted import Part
from deeptone_tui.app.widgets.rule import Rule
from deeptone_tui.level import format_dbfs, format_level

_EVERY = 3
"""Steps between two changes of the figures: five a second can be read."""
_ROOM_FOR_ALL = 76
"""Columns from which needle and peak are told in figures too."""


class LevelRule(Rule):
    """Level, needle and peak, each behind the sign that it has in the meter."""

    def present(self, view: View) -> None:
        """Show another view, at a pace that can be read."""
        self.view = view
        moment = view.state.history.end_step // _EVERY
        if self._drawn == (moment, view.state.meter.clips):
            return
        self._drawn = (moment, view.state.meter.clips)
        meter = view.state.meter
        level = f"{format_dbfs(meter.level):>10}  {format_level(meter.level)}"
        texts: list[Part] = [("▌", "above"), (f"{level}", "strong")]
        if self.size.width >= _ROOM_FOR_ALL:
            texts = [
                ("│", "peak"),
                (f" peak {_figure(meter.peak)}   ", "text"),
                ("◆", "needle"),
                (f" VU {_figure(meter.vu)}   ", "text"),
                *texts,
            ]
        self.draw("Level", [(-2, texts)])


def _figure(level: float) -> str:
    """Decibels without their unit, in a fixed width."""
    return f"{format_dbfs(level).removesuffix(' dBFS'):>5}"
