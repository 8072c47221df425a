"""The rules that head each part of the screen: its name at the left, readings at the right."""

from collections.abc import Iterable, Sequence

import numpy as np

from deeptone_tui.app.presenters.palette import Palette
from deeptone_tui.app.presenters.results_model import ResultsModel
from deeptone_tui.app.presenters.step_log import StepLog, silence_in
from deeptone_tui.app.presenters.wording import fitted, width_of
from deeptone_tui.app.view import SPANS, View
from deeptone_tui.app.widgets.painted import Part, StripWidget
from deeptone_tui.app.widgets.results_log import ResultsLog
from deeptone_tui.dsp import format_dbfs, format_level

LINE = "─"

_EVERY_STEPS = 4
"""Steps between two updates of the figures: four a second are readable."""

WIDTH = len(" ▌ −96.0 dBFS  0.0000 ─")
"""Columns of the level alone."""
WIDTH_WITH_ALL = WIDTH + len(" │ peak −60.0 dBFS  ◆ VU −60.0 dBFS ")
"""Columns of the level with peak and needle."""
_ROOM_FOR_PERCENTILES_COLUMNS = 90
"""Minimum columns for the percentiles."""


class Rule(StripWidget):
    """A horizontal line with text set into it."""

    def __init__(self, palette: Palette, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(palette, id=id)
        self._drawn: object = None

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

    def repaint(self) -> None:
        """Redraw everything, whatever was drawn before."""
        self._drawn = None
        super().repaint()

    def paint(self) -> None:
        """Draw the line of the view."""
        self.present(self.view)


class TitleRule(Rule):
    """A rule with only a name."""

    def __init__(self, palette: Palette, title: str) -> None:
        super().__init__(palette)
        self._title = title

    def present(self, view: View) -> None:
        """Draw the name once; it does not depend on the view."""
        self.view = view
        if self._drawn is None and self.size.width:
            self._drawn = True
            self.draw(self._title, ())


class LevelReadings(StripWidget):
    """Level, needle and peak, each after its sign in the meter.

    A widget of its own, so that a change refreshes the figures without the rest of the rule.
    """

    _drawn: object = None

    def present(self, view: View) -> None:
        """Show another view, at a readable pace."""
        self.view = view
        moment = view.state.history.end_step // _EVERY_STEPS
        if self._drawn != (moment, view.mark) and self.size.width:
            self._drawn = (moment, view.mark)
            self._paint()

    def paint(self) -> None:
        """Redraw the figures."""
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
    """Return decibels in a fixed width."""
    return f"{format_dbfs(level):>10}"


class TimelineRule(Rule):
    """The span of the timeline, and how many of its periods are silence at the threshold."""

    def __init__(self, palette: Palette, log: StepLog) -> None:
        super().__init__(palette)
        self._log = log
        self._counted: object = None

    def present(self, view: View) -> None:
        """Show another view; the share follows the threshold at once, and time at four a second."""
        self.view = view
        counted = (
            view.state.history.end_step // _EVERY_STEPS,
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
        """Return the 10th and the 95th percentile of the levels; nothing if there is no room."""
        levels = self.view.span_levels
        if self.size.width < _ROOM_FOR_PERCENTILES_COLUMNS or not len(levels):
            return []
        quiet, loud = np.percentile(levels, (10, 95))
        return [
            (f"p10 {format_dbfs(quiet)}   p95 {format_dbfs(loud)}", "dim"),
            (" ─ ", "rule"),
        ]


class ResultsRule(Rule):
    """The head of the results log."""

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
