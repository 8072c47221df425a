"""The Textual app: wires monitor, screen and dialogs together, and nothing else."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter, NoColor
from textual.screen import Screen
from textual.theme import Theme

from deeptone_tui.app.asking import Asking
from deeptone_tui.app.keys import KEYS
from deeptone_tui.app.messages import CopyRequested, SpanChosen
from deeptone_tui.app.plain import PlainCharacters
from deeptone_tui.app.port import MonitorPort
from deeptone_tui.app.preferences import Preferences
from deeptone_tui.app.results_model import Notice, Result, ResultsModel
from deeptone_tui.app.screens.main import MainScreen
from deeptone_tui.app.settings import Settings
from deeptone_tui.app.spans import known_span
from deeptone_tui.app.themes import OWN, theme_named
from deeptone_tui.app.view import View
from deeptone_tui.monitor.state import Entry
from deeptone_tui.protocol import StreamParameters

if TYPE_CHECKING:
    from pathlib import Path

    from deeptone_tui.app.screens.endpoint_prompt import EndpointChoice

_SIMPLE_TERMINALS = frozenset({"linux", "vt100", "vt220", "ansi"})


class MonitorApp(Asking):
    """The monitor's screen. Reads the newest state at its own pace; the monitor never waits."""

    TITLE = "deeptone-tui"
    CSS_PATH = "deeptone.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", "Quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False),
    ]

    def __init__(self, monitor: MonitorPort, settings: Settings) -> None:
        """Prepare the screen.

        Args:
            monitor: started when the first frame is out, and not stopped here.
            settings: how the screen is to be.
        """
        super().__init__()
        self.monitor = monitor
        self.settings = settings
        self.preferences = Preferences(settings.preferences)
        self.saved_paths: list[Path] = []
        self.results = ResultsModel()
        self.main = MainScreen(
            View(
                state=monitor.state,
                live=monitor.state,
                mark=settings.parameters.volume_threshold,
                asked=settings.parameters,
                span=known_span(self.preferences.choices.span),
            ),
            self.results,
        )
        self._endpoint: EndpointChoice | None = None
        self._revision = -1
        self._more_filters: list[LineFilter] = [NoColor()] if self.no_color else []
        if settings.plain:
            self._more_filters.append(PlainCharacters())
        self.main.palette.filters = tuple(self._more_filters)
        self._choose_theme()

    def _choose_theme(self) -> None:
        """Begin in the right theme: changing it later would draw everything twice."""
        for theme in OWN:
            self.register_theme(theme)
        simple = (
            self.settings.plain
            or self.no_color
            or os.environ.get("TERM") in _SIMPLE_TERMINALS
            or self.console.color_system == "standard"
        )
        wanted = (self.settings.theme, None if simple else self.preferences.choices.theme)
        known = frozenset(self.available_themes)
        # Not by the attribute, whose watchers would have every stylesheet parsed a second time.
        self.set_reactive(MonitorApp.theme, theme_named(*wanted, known=known, simple=simple))
        self.stylesheet.set_variables(self.get_css_variables())
        self.set_class(self.current_theme.dark, "-dark-mode", update=False)
        self.set_class(not self.current_theme.dark, "-light-mode", update=False)

    @property
    def parameters(self) -> StreamParameters:
        """What the endpoint is asked for."""
        return self.main.view.asked

    @parameters.setter
    def parameters(self, parameters: StreamParameters) -> None:
        self.main.show(replace(self.main.view, asked=parameters))

    @property
    def mark(self) -> float:
        """The threshold under the user's hand, 0 to 1."""
        return self.main.view.mark

    @mark.setter
    def mark(self, level: float) -> None:
        self.main.move_mark(level)

    @property
    def endpoint(self) -> "EndpointChoice":
        """The endpoint in use."""
        if self._endpoint is None:
            from deeptone_tui.app.screens.endpoint_prompt import (  # noqa: PLC0415  with the first dialog
                EndpointChoice,
            )

            self._endpoint = EndpointChoice(self.settings.url, self.settings.api_key)
        return self._endpoint

    @endpoint.setter
    def endpoint(self, choice: "EndpointChoice") -> None:
        self._endpoint = choice

    @property
    def entries(self) -> Sequence[Entry]:
        """The results kept, oldest first."""
        return self.results.entries

    def get_default_screen(self) -> Screen[None]:
        """The main screen, without another one before it."""
        return self.main

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, but where the terminal's colours stay as they are, and ours."""
        filters = () if self.native_ansi_color else super().get_line_filters()
        return [*filters, *self._more_filters]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every key as a command of the palette, and Textual's own."""
        if screen is self.main:
            for key in KEYS:
                run = partial(self.run_action, key.action, screen)
                yield SystemCommand(key.description, key.tooltip, run)
        for command in super().get_system_commands(screen):
            if command.title != "Quit":
                yield command

    def on_mount(self) -> None:
        """End cleanly on signals; Textual itself would leave the terminal as it is."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, getattr(signal, "SIGHUP", None)):
            if number is not None:
                with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                    loop.add_signal_handler(number, self.exit)
        self.theme_changed_signal.subscribe(self, self._remember_theme)

    def on_ready(self) -> None:
        """Start the monitor now that the first frame is out."""
        self.monitor.start()
        self.set_interval(1 / self.settings.fps, self._follow_monitor)
        for notice in (*self.settings.notices, self.preferences.notice):
            if notice:
                self.notify(notice, severity="warning", markup=False)

    def _follow_monitor(self) -> None:
        """Draw the newest state, if there is one."""
        state = self.monitor.state
        if state.revision != self._revision:
            self._revision = state.revision
            self.main.advance(state, self.monitor.take_entries())

    def _remember_theme(self, theme: Theme) -> None:
        self.preferences.remember(theme=theme.name)

    @on(SpanChosen)
    def _remember_span(self, event: SpanChosen) -> None:
        self.preferences.remember(span=event.span)

    def action_apply_mark(self) -> None:
        """Give the mark to the endpoint."""
        self.parameters = replace(self.parameters, volume_threshold=self.mark)
        self.monitor.apply(self.parameters)

    def action_pause(self) -> None:
        """Hold a file, or the screen of a live source."""
        source = self.monitor.state.source
        if source.info.live:
            self.main.freeze(frozen=not self.main.view.frozen)
        elif source.phase == "paused":
            self.monitor.resume()
        else:
            self.monitor.pause()

    def action_reset_peaks(self) -> None:
        """Reset clip lamp and peak mark."""
        self.monitor.reset_peaks()

    @on(CopyRequested)
    def _copy(self, event: CopyRequested) -> None:
        """Copy a line of the log."""
        from deeptone_tui.app import dialogs  # noqa: PLC0415  with the first copy

        if isinstance(event.item, Notice):
            self._ask(dialogs.copy_text(self._host, event.item.text))
        else:
            entry = event.item.entry if isinstance(event.item, Result) else None
            self._ask(dialogs.copy_line(self._host, entry))
