"""The rules that head each part of the screen: its name at the left, readings at the right."""

from collections.abc import Iterable, Sequence

from deeptone_tui.app.presenters.palette import Palette
from deeptone_tui.app.presenters.results_model import ResultsModel
from deeptone_tui.app.presenters.step_log import StepLog, silence_in
from deeptone_tui.app.presenters.wording import fitted, width_of
from deeptone_tui.app.view import SPANS, View
from deeptone_tui.app.widgets.painted import Part, StripWidget
from deeptone_tui.app.widgets.results_log import ResultsLog
from deeptone_tui.protocol.units import format_dbfs, format_level

LINE = "─"

_EVERY_STEPS = 4
"""Steps between two updates of the figures: four a second are readable."""

_LEVEL_COLUMNS = len(" ▌ −96.0 dBFS  0.0000 ─")
_PEAK_AND_NEEDLE_COLUMNS = len(" │ peak −60.0 dBFS  ◆ VU −60.0 dBFS ")
_ROOM_FOR_PEAK_AND_NEEDLE_COLUMNS = 76
"""Minimum columns for peak and needle in figures."""
_ROOM_FOR_PERCENTILES_COLUMNS = 90
"""Minimum columns for the percentiles."""


class Rule(StripWidget):
    """A horizontal line with text set into it."""

    def draw(self, title: str, inserts: Iterable[tuple[int, Sequence[Part]]]) -> None:
        """Draw the line.

        Args:
            title: name of the part.
            inserts: columns and the text set in there, from left to right; text that does not fit
                between its neighbours is left out. Negative columns count from the right end.
        """
        width = self.size.width
        parts: list[Part] = [(LINE, "rule"), (f" {title} ", "title")]
        at = len(title) + 3
        for column, texts in inserts:
            length = sum(width_of(text) for text, _ in texts)
            left = column if column >= 0 else width + column - length + 1
            if not length or left - 1 < at or left + length + 1 > width:
                continue
            parts += [(LINE * (left - 1 - at), "rule"), (" ", "rule"), *texts, (" ", "rule")]
            at = left + length + 1
        parts.append((LINE * (width - at), "rule"))
        self.put(0, parts)


class LevelRule(Rule):
    """The head of the meter: level, needle and peak, each after its sign in the meter.

    Args:
        palette: the colours.
        title: its name, with the keys that move the threshold.
    """

    def __init__(self, palette: Palette, title: str) -> None:
        super().__init__(palette)
        self._title = f" {title} "

    def content_key(self) -> object:
        """Return the threshold, and time at a readable pace."""
        return self.view.state.history.end_step // _EVERY_STEPS, self.view.mark

    def paint(self) -> None:
        """Draw the line."""
        meter, columns, parts = self.view.state.meter, _LEVEL_COLUMNS, list[Part]()
        if self.size.width >= _ROOM_FOR_PEAK_AND_NEEDLE_COLUMNS:
            columns += _PEAK_AND_NEEDLE_COLUMNS
            parts += [(" │", "peak"), (f" peak {_figure(meter.peak)}  ", "dim")]
            parts += [("◆", "needle"), (f" VU {_figure(meter.vu)} ", "dim")]
        tone = "above" if meter.level >= self.view.mark else "below"
        level = f" {_figure(meter.level)}  {format_level(meter.level)} "
        parts += [(" ", "text"), ("▌", tone), (level, "strong"), (LINE, "rule")]
        line = LINE * (self.size.width - 1 - width_of(self._title) - columns)
        self.put(0, [(LINE, "rule"), (self._title, "title"), (line, "rule"), *parts])


def _figure(level: float) -> str:
    """Return decibels in a fixed width."""
    return f"{format_dbfs(level):>10}"


class TimelineRule(Rule):
    """The span of the timeline, and how many of its periods are silence at the threshold."""

    def __init__(self, palette: Palette, log: StepLog) -> None:
        super().__init__(palette)
        self._log = log
        self._counted: object = None
        self._share = ""

    def present(self, view: View) -> None:
        """Show another view; the share follows the threshold at once, and time at four a second."""
        counted = (
            view.state.history.end_step // _EVERY_STEPS,
            view.mark,
            view.state.shift,
            view.span,
            view.in_force.output_period,
            self._log.version,
        )
        if counted != self._counted:
            self._counted = counted
            silent, periods = silence_in(view, self._log)
            self._share = f"{silent:3} of {periods}" if periods else "  – of –"
        super().present(view)

    def content_key(self) -> object:
        """Return the share, and the span that it is of."""
        return self._share, self.view.span

    def paint(self) -> None:
        """Draw the line."""
        text: list[Part] = [(self._share, "strong"), (" periods are silence", "dim")]
        self.draw(SPANS[self.view.span], [(-2, [*self._percentiles(), *text])])

    def _percentiles(self) -> list[Part]:
        """Return the 10th and the 95th percentile of the levels; nothing if there is no room."""
        steps = self.view.state.history.steps
        if self.size.width < _ROOM_FOR_PERCENTILES_COLUMNS or not steps:
            return []
        import numpy as np  # noqa: PLC0415  after the first frame

        quiet, loud = np.percentile(self.view.span_levels, (10, 95))
        return [
            (f"p10 {format_dbfs(quiet)}   p95 {format_dbfs(loud)}", "dim"),
            (" ─ ", "rule"),
        ]


class ResultsRule(Rule):
    """The head of the results log."""

    def __init__(self, palette: Palette, results: ResultsModel, log: ResultsLog) -> None:
        super().__init__(palette)
        self._results = results
        self._log = log

    def content_key(self) -> object:
        """Return the badge, the models and the one that is listed alone."""
        return self._badge(), self.view.models, self._results.filter

    def paint(self) -> None:
        """Draw the line."""
        badge, columns = self._badge(), self._log.columns
        inserts: list[tuple[int, list[Part]]] = []
        if columns.level is not None:
            inserts.append((columns.level + 2, [("dBFS", "dim")]))
        for group in columns.groups:
            name = fitted(group.model, group.width)
            only = " only" if self._results.filter == group.model else ""
            inserts.append((group.left, [(f"{name}{only}", "text")]))
        if columns.hidden and columns.groups:
            inserts.append((columns.groups[-1].left + 10, [(f"+{columns.hidden}", "dim")]))
        if not self._log.scroll_state.following:  # the badge takes precedence over the names
            end = self.size.width - len(badge[0]) - 4
            inserts = [
                (left, parts) for left, parts in inserts if left + width_of(parts[0][0]) < end
            ]
        self.draw("Results", [*inserts, (-2, [badge])])

    def _badge(self) -> Part:
        """Return the badge: following, or the number of new lines, or the key that follows."""
        scroll = self._log.scroll_state
        if scroll.following:
            return "following", "dim"
        follows = f"{self.view.key('follow', 'end')} follows"
        return (f"↓ {scroll.unseen} new" if scroll.unseen else f"↓ {follows}"), "held"
