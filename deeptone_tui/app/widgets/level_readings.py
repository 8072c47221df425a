"""The meter's readings in figures, at the right end of the rule over it."""

from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.painted import Painted, Part
from deeptone_tui.dsp import format_dbfs, format_level

_EVERY = 4
"""Steps between two changes of the figures: four a second can be read."""

WIDTH = len(" ▌ −96.0 dBFS  0.0000 ─")
"""Columns of the level alone."""
WIDTH_WITH_ALL = WIDTH + len(" │ peak −60.0 dBFS  ◆ VU −60.0 dBFS ")
"""Columns with peak and needle."""


class LevelReadings(Painted):
    """Level, needle and peak, each behind the sign that it has in the meter.

    Apart from the rule itself, so that a change is written without the rest of the line.
    """

    _drawn: object = None

    def present(self, view: View) -> None:
        """Show another view, at a pace that can be read."""
        self.view = view
        moment = view.state.history.end_step // _EVERY
        if self._drawn != (moment, view.mark) and self.size.width:
            self._drawn = (moment, view.mark)
            self._paint()

    def paint(self) -> None:
        """Draw the figures anew."""
        self._drawn = None
        self.present(self.view)

    def _paint(self) -> None:
        meter = self.view.state.meter
        parts: list[Part] = []
        if self.size.width >= WIDTH_WITH_ALL:
            parts += [(" │", "peak"), (f" peak {_figure(meter.peak)}  ", "dim")]
            parts += [("◆", "needle"), (f" VU {_figure(meter.vu)} ", "dim")]
        tone = "above" if meter.level >= self.view.mark else "below"
        level = f" {format_dbfs(meter.level):>10}  {format_level(meter.level)} "
        self.put(0, [*parts, (" ", "text"), ("▌", tone), (level, "strong"), ("─", "rule")])


def _figure(level: float) -> str:
    """Decibels in a fixed width."""
    return f"{format_dbfs(level):>10}"
