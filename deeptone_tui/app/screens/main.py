"""The main screen: the layout of its widgets, and the actions of its keys."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Size
from textual.screen import Screen

from deeptone_tui.app.commands import COMMANDS, KEYS, as_shown
from deeptone_tui.app.presenters.palette import Palette
from deeptone_tui.app.presenters.results_model import (
    Item,
    LogNotice,
    ResultsModel,
    in_order,
    measured,
)
from deeptone_tui.app.presenters.step_log import SpanJudge, StepLog, begins_anew
from deeptone_tui.app.presenters.threshold import nudged, proposal_of
from deeptone_tui.app.themed import Timely
from deeptone_tui.app.view import LONGEST_SPAN, View, stepped
from deeptone_tui.app.widgets.banner import Banner, LeavingLine, ShiftLine, TooSmall
from deeptone_tui.app.widgets.geometry import MARGIN, Layout, fits, layout_of
from deeptone_tui.app.widgets.level_meter import LevelMeter, VerdictPanel
from deeptone_tui.app.widgets.painted import Row, StripWidget, ThresholdDragged
from deeptone_tui.app.widgets.results_log import ResultsLog
from deeptone_tui.app.widgets.rules import LevelRule, ResultsRule, TimelineRule
from deeptone_tui.app.widgets.status_line import KeyBar, StatusLine
from deeptone_tui.app.widgets.threshold_line import ProposalPanel, ThresholdLine
from deeptone_tui.app.widgets.timeline import ClassStrips, Timeline
from deeptone_tui.app.widgets.tune_panel import TunePanel
from deeptone_tui.core.libraries import is_checked
from deeptone_tui.monitor.state import MonitorState, PlacedResult
from deeptone_tui.protocol import round_threshold
from deeptone_tui.protocol.units import parse_threshold

if TYPE_CHECKING:
    from textual.widget import Widget


class MainScreen(Timely, Screen[None]):
    """The one screen, without tabs. It shows one `View`, which keys and the mouse change."""

    BINDINGS: ClassVar[list[BindingType]] = [*KEYS]
    BINDING_GROUP_TITLE = "Monitor"
    AUTO_FOCUS = ""
    BLANK = True  # its widgets cover it completely

    def __init__(self, view: View, results: ResultsModel, *, diff: bool = True) -> None:
        """Create the screen.

        Args:
            view: the view that it shows at first.
            results: the results that it lists; it adds new ones.
            diff: True to make frames only of what has changed; False to make them as Textual does.
        """
        super().__init__()
        if diff and is_checked("textual"):
            self._compose_the_front_only()
        self.view = view
        self.results = results
        self.steps = StepLog()
        self.judge = SpanJudge(self.steps)
        self.palette = Palette()
        self._layout_now: Layout | None = None
        self._build()

    def _build(self) -> None:
        palette, results = self.palette, self.results
        self.meter = LevelMeter(palette)
        self.verdict = VerdictPanel(palette)
        self.timeline = Timeline(palette)
        self.tune_panel = TunePanel(palette, self.judge)
        self.strips = ClassStrips(palette, results, self.timeline)
        self.log_view: ResultsLog = ResultsLog(palette, results)
        self.results_rule = ResultsRule(palette, results, self.log_view)
        keys = as_shown(COMMANDS["mark_down"], self.view.keys).key_display
        self.level_rule = LevelRule(palette, f"Level  {keys} moves")
        self.meter_row = Row(self.meter, self.verdict, id="meter")
        self._rows: tuple[Widget, ...] = (
            StatusLine(palette),
            Banner(palette),
            self.level_rule,
            self.meter_row,
            ThresholdLine(palette),
            ShiftLine(palette),
            ProposalPanel(palette),
            self.tune_panel,
            TimelineRule(palette, self.steps),
            self.timeline,
            self.strips,
            self.results_rule,
            self.log_view,
            KeyBar(palette),
            LeavingLine(palette),
            TooSmall(palette),
        )
        own = [
            row
            for row in self._rows
            if isinstance(row, StripWidget) and row is not self.results_rule
        ]
        # The rule above the log comes last: it reports the state of the log.
        self.parts: tuple[StripWidget, ...] = (*own, self.meter, self.verdict, self.results_rule)

    def _compose_the_front_only(self) -> None:
        from deeptone_tui.terminal.frames import FrontCompositor  # noqa: PLC0415  where checked
        from deeptone_tui.terminal.textual_private import use_compositor  # noqa: PLC0415  the same

        use_compositor(self, FrontCompositor())

    def compose(self) -> ComposeResult:
        """Compose the widgets in their final sizes: a second layout would delay the first frame."""
        self.palette.use(self.app.theme_variables)
        self._arrange(self.app.size)
        for part in self.parts:
            part.view = self.view
        yield from self._rows

    def on_mount(self) -> None:
        """Redraw whenever the theme changes."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._restyle())

    def _restyle(self) -> None:
        self.palette.use(self.app.theme_variables)
        for part in self.parts:
            part.repaint()

    @on(events.Resize)
    def _rearrange(self, event: events.Resize) -> None:
        self._arrange(event.size)

    def _arrange(self, size: Size) -> None:
        """Set the sizes of the widgets."""
        self.set_class(not fits(*size), "-small")
        layout = layout_of(size.width, size.height, len(self.view.models))
        if layout == self._layout_now:
            return
        self._layout_now = layout
        self.meter.bar_rows = layout.bar
        self.meter_row.styles.height = layout.meter
        self.verdict.styles.width = layout.panel + MARGIN
        self.timeline.panel = self.tune_panel.panel = layout.panel
        self.timeline.styles.height = layout.timeline + 1
        self.strips.styles.height = layout.strips
        self.tune_panel.take(layout.curves, layout.piles)

    def show(self, view: View) -> None:
        """Show another view, in the next frame."""
        models_changed = view.models != self.view.models
        reshifted = view.state.shift != self.view.state.shift
        if reshifted:  # the suggestion was found for the levels before the shift
            view = replace(view, proposed=None)
        self.view = view
        self.set_class(view.proposed is not None, "-proposing")
        self.set_class(view.leaving is not None, "-leaving")
        self.set_class(view.tuning, "-tuning")
        if models_changed:
            self._arrange(self.size)
        for part in self.parts:
            part.present(view)
            if reshifted:  # also what is drawn once and not revised
                part.repaint()

    def change(self, **changes: Any) -> None:  # noqa: ANN401  fields of a view
        """Show the view with changed fields."""
        self.show(replace(self.view, **changes))

    def advance(self, state: MonitorState, entries: Sequence[PlacedResult]) -> None:
        """Show a newer state and its new results."""
        from deeptone_tui.monitor.evaluation import shifted  # noqa: PLC0415  after the first frame

        if begins_anew(self.view.live, state):
            self.steps.restart(state.counters.captured)
            self.judge.before = None
        news, changes = state.notices_since(self.view.live), state.changes_since(self.view.live)
        history = shifted(state, 0.0).history
        self.steps.add(entries, history)
        if entries or news or changes:
            items: list[Item] = []
            items += in_order((measured(entry, history) for entry in entries), changes)
            items += [LogNotice(each.words, state.clock) for each in news]
            self.results.add(items)
            self.log_view.extend()
        for notice in news:
            if notice.answer:  # in full, as the log may have to cut it
                self.notify(notice.words, severity="warning", markup=False)
        drawn = shifted(self.view.state, state.shift) if self.view.frozen else state
        self.change(live=state, state=drawn)

    def move_mark(self, level: float) -> None:
        """Set the threshold, 0 to 1; every change of it goes through here."""
        level = round_threshold(level)
        if level != self.view.mark:
            self.change(mark=level)

    def freeze(self, *, frozen: bool) -> None:
        """Freeze what is drawn, or resume."""
        if frozen:
            self.log_view.scroll_state.hold()
        else:
            self.log_view.follow()
        self.change(frozen=frozen, state=self.view.live)

    @on(ThresholdDragged)
    def _follow_mouse(self, event: ThresholdDragged) -> None:
        self.move_mark(event.level)

    @on(ResultsLog.Scrolled)
    def _tell_scrolled(self) -> None:
        self.results_rule.present(self.view)

    def on_paste(self, event: events.Paste) -> None:
        """Set the threshold to the pasted one."""
        text = event.text.strip()
        try:
            self.move_mark(parse_threshold(text))
        except ValueError:
            told = (
                "That is not a threshold: paste a number from 0 to 1, or decibels such as -46 dB."
            )
            self.notify(told, severity="warning", markup=False)

    def nudge(self, decibels: float) -> None:
        """Move the threshold by decibels."""
        self.move_mark(nudged(self.view.mark, decibels))

    def change_span(self, steps: int) -> None:
        """Show a longer span, or a shorter one if negative.

        In tune mode, all there was comes after the longest.
        """
        longest = self.view.span == LONGEST_SPAN
        if self.view.tuning and longest and self.view.whole != (steps > 0):
            self.change(whole=steps > 0)
        else:
            self.change(span=stepped(self.view.span, steps))

    def next_filter(self) -> None:
        """List the results of the next model only, or of all models again."""
        self.results.set_filter(self.results.next_filter(self.view.models))
        self.log_view.restart()
        self.results_rule.present(self.view)

    def suggest(self) -> None:
        """Suggest a threshold for the span that is shown."""
        proposal = proposal_of(self.view, self.steps, self.judge.before)
        self.judge.before = proposal.suggestion.threshold or self.judge.before
        self.change(proposed=proposal)
