"""The Textual app, which only wires monitor, screen and dialogs together."""

import asyncio
import contextlib
import gc
import signal
import time
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import replace
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ScreenStackError, SystemCommand
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import Screen

from deeptone_tui.app.actions.control import remember_recording
from deeptone_tui.app.actions.in_force import EndpointChoice, choice_of
from deeptone_tui.app.actions.leaving import offer_of, save_offered
from deeptone_tui.app.commands import COMMANDS, KEYS
from deeptone_tui.app.keymap import rebound, shown
from deeptone_tui.app.presenters.results_model import ResultsModel
from deeptone_tui.app.screens.main import MainScreen
from deeptone_tui.app.themed import Themed, Timely
from deeptone_tui.app.view import View, known_span

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType
    from textual.actions import ActionParseResult
    from textual.dom import DOMNode

    from deeptone_tui.app.settings import ScreenSettings
    from deeptone_tui.app.view import Offer
    from deeptone_tui.monitor import Monitor
    from deeptone_tui.protocol import StreamParameters

_UNWATCHED_EVERY_S = 0.5
"""Seconds between updates while the terminal does not have the focus."""
_END_TIMEOUT_S = 1.0
"""Seconds to wait for the monitor to stop; it takes less than half of that."""


class _Palette(Timely, CommandPalette):
    """Textual's command palette, which may be dismissed while the app itself closes."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close the palette if there is a screen left below it."""
        try:
            return super().dismiss(result)
        except ScreenStackError:
            return AwaitComplete()


class DialogHost(Themed):
    """App that opens one dialog at a time, and one palette."""

    _opens = False  # a dialog has been requested and is not open yet

    async def run_action(
        self,
        action: "str | ActionParseResult",
        default_namespace: "DOMNode | None" = None,
        namespaces: "Mapping[str, DOMNode] | None" = None,
    ) -> bool:
        """Run an action, after its screen is mounted: the key may have been typed ahead.

        A list is not moved by pages before it has been laid out.
        """
        if isinstance(default_namespace, Screen) and not default_namespace.is_mounted:
            later = partial(self.run_action, action, default_namespace, namespaces)
            return default_namespace.call_later(later)
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except KeyError:  # Textual looks up a line of a list that has not been laid out yet
            if "page_" not in str(action):
                raise
            return True

    def open_dialog(self, question: Coroutine[Any, Any, None]) -> None:
        """Run a dialog as a worker, one at a time.

        Otherwise each key that was pressed before a dialog was open would open another.
        """
        asked = self.screen.is_modal and not isinstance(self.screen, CommandPalette)
        if self._opens or asked:
            question.close()
            return
        self._opens = True
        self.start_task(self._until_opened(question))

    def start_task(self, task: Coroutine[Any, Any, None]) -> None:
        """Run a task as a worker of the dialogs' group."""
        self.run_worker(task, group="dialog")

    async def _until_opened(self, question: Coroutine[Any, Any, None]) -> None:
        try:
            await question
        finally:
            self._opens = False

    def push_screen(self, *given: Any, **named: Any) -> Any:  # noqa: ANN401  as Textual has it
        """Push a screen, and note that the requested dialog, if any, has opened."""
        self._opens = False
        return super().push_screen(*given, **named)

    def action_command_palette(self) -> None:
        """Open the command palette unless one is open.

        Textual gives every palette the same id, so a second one would clash with one that is
        still closing.
        """
        if not any(isinstance(screen, CommandPalette) for screen in self.screen_stack):
            self.push_screen(_Palette())


class MonitorApp(DialogHost):
    """The monitor's app. It polls the newest state at its own rate; the monitor never waits."""

    TITLE = "deeptone-tui"
    CSS_PATH = "deeptone.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", "Quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, priority=True),
    ]

    def __init__(self, monitor: "Monitor", settings: "ScreenSettings") -> None:
        """Create the main screen and its first view.

        Args:
            monitor: the monitor; it is started after the first frame and stopped on exit.
            settings: settings of the screen.
        """
        super().__init__(settings)
        self.monitor: Monitor = monitor
        self.saved_paths: list[Path] = []
        """Files written in this run."""
        self.saved_profiles: list[str] = []
        """Names of the profiles written in this run."""
        self.results: ResultsModel = ResultsModel()
        view = View(
            state=monitor.state,
            live=monitor.state,
            mark=settings.parameters.volume_threshold,
            span=known_span(settings.options.span or self.preferences.choices.span),
            keys=settings.keys,
        )
        self.main: MainScreen = MainScreen(view, self.results, diff=bool(settings.options.diff))
        self.main.palette.filters = self.own_filters
        self._before_tuning = view.mark, view.mark
        self._measuring = False  # a threshold of 0 that is in force comes from tune mode
        self._leaving = False  # the user quits; whether a threshold would be lost is looked up
        self._offered: float | None = None  # the threshold that was last offered for saving
        self._started = False
        self._ending: Thread | None = None
        self._revision = -1
        self._drawn = -_UNWATCHED_EVERY_S
        self.set_keymap({name: ",".join(keys) for name, keys in settings.keys.items()})

    @property
    def parameters(self) -> "StreamParameters":
        """Parameters in force at the endpoint.

        Tune mode applies a threshold of 0 only to measure; the user did not choose it. Until
        another threshold is in force, the one from before tune mode is returned.
        """
        in_force = self.monitor.state.session.in_force
        if self._measuring and in_force.volume_threshold == 0:
            return replace(in_force, volume_threshold=self._before_tuning[1])
        return in_force

    @property
    def endpoint(self) -> EndpointChoice:
        """Endpoint in force: the one that answers, or before that the one being asked."""
        return choice_of(self.monitor.state.session.provider)

    def get_default_screen(self) -> "Screen[None]":
        """Return the main screen, so that Textual pushes no blank screen below it."""
        return self.main

    def get_system_commands(self, screen: "Screen[Any]") -> Iterable[SystemCommand]:
        """Yield a command for every binding of the main screen, and Textual's own except Quit."""
        if screen is self.main:
            for key in rebound(KEYS, self.settings.keys):
                run = partial(self.run_action, key.action, screen)
                yield SystemCommand(key.tooltip, f"Key: {shown(key.key)}", run)
        for command in super().get_system_commands(screen):
            if command.title != "Quit":
                yield command

    def action_command(self, name: str) -> None:
        """Run a command by its id; the monitor has been started by then."""
        self._start_monitor()
        COMMANDS[name].run(self)

    def on_mount(self) -> None:
        """Exit cleanly on signals; Textual itself would not restore the terminal."""
        loop = asyncio.get_running_loop()
        for number in {signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}:
            with contextlib.suppress(
                NotImplementedError, RuntimeError
            ):  # Windows, tests in threads
                loop.add_signal_handler(number, self.exit)
        self.theme_changed_signal.subscribe(self, self.remember_theme)
        # After ctrl+z and fg the terminal is empty, and Textual would render only changes.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh())

    def on_ready(self) -> None:
        """Start the monitor after the first frame in which the widgets have their sizes."""
        self.call_after_refresh(self._start_monitor)

    def _start_monitor(self) -> None:
        """Start the monitor, and follow it; do nothing if it has been started or is to end."""
        if self._started or self._ending is not None:
            return
        self._started = True
        gc.enable()  # disabled since the start of the program, for an earlier first frame
        self.monitor.start()
        self.set_interval(1 / (self.settings.options.fps or 1), self._follow_monitor)
        for notice in (*self.settings.notices, self.preferences.notice):
            if notice:
                self.notify(notice, severity="warning", markup=False)

    def exit(
        self, result: None = None, return_code: int = 0, message: "RenderableType | None" = None
    ) -> None:
        """Exit and stop the monitor in a thread meanwhile, so that both take no longer than one."""
        if self._ending is None:
            self._ending = Thread(target=self.monitor.stop, name="monitor-stop", daemon=True)
            self._ending.start()
        super().exit(result, return_code, message)

    def end_monitor(self) -> None:
        """Ensure that the monitor has stopped, within a bounded time."""
        if self._ending is None:  # the app failed before `exit` was called
            self.monitor.stop()
        else:
            self._ending.join(_END_TIMEOUT_S)

    def _follow_monitor(self) -> None:
        """Render the newest state if it changed; less often while the terminal has no focus."""
        now = time.monotonic()
        if not self.app_focus and now - self._drawn < _UNWATCHED_EVERY_S:
            return
        # Results may be released a moment after the state that counts them, and that state may
        # be the last one, so entries are taken even without a new state.
        entries = self.monitor.take_entries()
        state = self.monitor.state  # after the entries, so that it has the levels of their audio
        if entries or state.revision != self._revision:
            self._revision, self._drawn = state.revision, now
            remember_recording(self.saved_paths, state)
            self.main.advance(state, entries)

    def change_span(self, steps: int) -> None:
        """Show a longer span, or a shorter one if negative, and remember it for the next run."""
        self.main.change_span(steps)
        self.preferences.remember(span=self.main.view.span)

    def offer_and_quit(self) -> None:
        """Quit; if a threshold would be lost, offer once to save it first.

        Only this key asks: ctrl+c, ctrl+q and signals quit at once.
        """
        if self._leaving or self.main.view.leaving is not None or self.main.has_class("-small"):
            self.exit()
        else:
            self._leaving = True  # if the offer is delayed, the next press quits
            self.start_task(self._offer_or_exit())

    async def _offer_or_exit(self) -> None:
        """Offer to save the threshold; exit if nothing would be lost or it was offered before."""
        offer = await offer_of(self)
        if offer is None or offer.threshold == self._offered:
            self.exit()
        else:
            self._leaving, self._offered = False, offer.threshold
            self.main.change(leaving=offer)

    async def _save_and_exit(self, offer: "Offer") -> None:
        """Save the threshold and exit, or stay and report why it was not saved."""
        if await save_offered(self, offer):
            self.exit()
        else:
            self.main.change(leaving=None)

    def apply_mark(self) -> None:
        """Apply the threshold under the cursor, or the suggestion shown, or accept the offer."""
        view = self.main.view
        if view.leaving is not None:
            self.start_task(self._save_and_exit(view.leaving))
            return
        proposed = view.proposed
        if proposed is not None:
            self.main.change(proposed=None)
            if proposed.suggestion.threshold is None:
                return
            self.main.move_mark(proposed.suggestion.threshold)
        self._ask_for(self.main.view.mark)

    def tune(self) -> None:
        """Enter tune mode, with the endpoint at threshold 0; in tune mode, apply the threshold."""
        view = self.main.view
        if view.tuning:
            self.apply_mark()
            return
        # The threshold being applied, or else the one in force; never the 0 of tune mode.
        wanted = self.monitor.state.session.wanted.volume_threshold
        self._before_tuning = view.mark, wanted or self.parameters.volume_threshold
        self.main.change(proposed=None)
        self._ask_for(0.0)
        self._measuring = True
        self.main.change(tuning=True)

    def leave(self) -> None:
        """Cancel leaving, the suggestion or tune mode, in this order, or else follow the log.

        After tune mode, both the threshold under the cursor and the applied one are as before it.
        """
        view = self.main.view
        if view.leaving is not None:
            self.main.change(leaving=None)
        elif view.proposed is not None:
            self.main.change(proposed=None)
        elif view.tuning:
            mark, threshold = self._before_tuning
            self.main.move_mark(mark)
            self._ask_for(threshold)
        else:
            self.main.log_view.follow()

    def _ask_for(self, threshold: float) -> None:
        """Apply a threshold at the endpoint, and leave tune mode."""
        self.main.change(tuning=False)
        self._measuring = self._measuring and threshold > 0
        self.monitor.apply(volume_threshold=threshold)

    def change_speed(self, steps: int) -> None:
        """Report that only a recording can be shown at another speed."""
        del steps
        self.notify("Only a replay can change its speed: deeptone-tui replay.", severity="warning")
