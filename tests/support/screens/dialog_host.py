"""An app that does nothing but ask: a host for the dialogs, with a monitor that notes commands."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Unpack, cast

from support.screens.prepared_monitor import PreparedMonitor
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from deeptone_tui.app.actions.in_force import EndpointChoice, choice_of
from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.presenters.results_model import Result, ResultsModel
from deeptone_tui.app.settings import ScreenSettings
from deeptone_tui.app.view import View
from deeptone_tui.audio import SourceInfo, SourceOptions, SourceSpec
from deeptone_tui.monitor.state import (
    MonitorState,
    OpenedSource,
    PlacedResult,
    SourcePhase,
    SourceStatus,
)
from deeptone_tui.protocol import Answer, Changes, Step, StreamParameters
from deeptone_tui.session import TargetProvider
from deeptone_tui.settings.paths import Preferences


def entry(index: int = 0, **answers: Answer) -> PlacedResult:
    """A result of 1024 ms, the ``index``-th from the beginning."""
    step = Step(1024.0 * index, answers or {"speech-rt": Answer("speech", 0.93)})
    return PlacedResult(step, 16 * 1024 * index, 16 * 1024, StreamParameters())


def result(index: int = 0, **answers: Answer) -> Result:
    """The same as it is kept, with a level under the usual threshold."""
    return Result(entry(index, **answers), 0.004)


class NotingMonitor(PreparedMonitor):
    """A monitor that captures nothing, notes what is changed, and has it in force at once."""

    def __init__(self, state: MonitorState | None = None) -> None:
        super().__init__(state)
        self.commands: list[object] = []
        """What was asked for, oldest first."""

    def apply(self, **changes: Unpack[Changes]) -> None:
        """Note the parameters."""
        parameters = replace(self.state.session.wanted, **changes)
        self.commands.append(parameters)
        self.answered(applied=parameters)

    def switch_source(self, spec: SourceSpec, options: SourceOptions | None = None) -> None:
        """Note the source."""
        assert options is None
        self.commands.append(spec)
        info = SourceInfo(spec.kind, spec.value)
        opened = OpenedSource(info, spec)
        self.change(source=SourceStatus(info, SourcePhase.RUNNING, opened=opened))

    def switch_provider(self, provider: TargetProvider) -> None:
        """Note the provider."""
        self.commands.append(provider)
        self.answered(provider=provider)

    def answered(self, **changes: object) -> None:
        """Have an endpoint answer to something else."""
        self.change(session=replace(self.state.session, **changes))  # type: ignore[arg-type]  # fields by name

    def record(self, parent: Path) -> None:
        """Note the folder."""
        self.commands.append(parent)


class ShownView:
    """As much of a `MainScreen` as dialogs need."""

    def __init__(self) -> None:
        self.view = View()

    def change(self, **changes: Any) -> None:  # noqa: ANN401  as MainScreen has it
        """Show the view with changed fields."""
        self.view = replace(self.view, **changes)

    def move_mark(self, level: float) -> None:
        """Set the threshold."""
        self.change(mark=level)


class DialogApp(App[None]):
    """As much of a `MonitorApp` as dialogs need, with a page of text under them."""

    def __init__(
        self,
        run: Callable[[Any], Coroutine[Any, Any, None]] | None = None,
        *,
        monitor: NotingMonitor | None = None,
        results: Sequence[Result] = (),
        preferences: Path | None = None,
        settings: ScreenSettings | None = None,
    ) -> None:
        """Host dialogs.

        Args:
            run: what is asked at once.
            monitor: what the answers act on.
            results: those that there are to save and copy.
            preferences: file of the remembered choices.
            settings: what the app was started with.
        """
        super().__init__()
        self._run_first = run
        self.settings = settings or ScreenSettings()
        self.monitor = monitor or NotingMonitor()
        self.main = ShownView()
        self.results = ResultsModel()
        self.results.add(results)
        self.saved_paths: list[Path] = []
        self.saved_profiles: list[str] = []
        self.preferences = Preferences(preferences)
        self.told: list[str] = []
        """What was said in passing."""

    @property
    def as_monitor_app(self) -> MonitorApp:
        """The same, as the functions of the dialogs take it."""
        return cast("MonitorApp", self)

    @property
    def parameters(self) -> StreamParameters:
        """What is in force."""
        return self.monitor.state.session.in_force

    @property
    def endpoint(self) -> EndpointChoice:
        """The endpoint in force."""
        return choice_of(self.monitor.state.session.provider)

    def compose(self) -> ComposeResult:
        """Something for the dialog to stand on."""
        yield Static("\n".join(["the screen under the dialog"] * 60))

    def on_mount(self) -> None:
        """Ask at once."""
        if self._run_first is not None:
            self.run_worker(self._run_first(self), group="dialog")

    def notify(self, message: str, **options: Any) -> None:  # noqa: ANN401  as Textual's
        """Keep what is said, and say it."""
        self.told.append(message)
        super().notify(message, **options)


class Asked(DialogApp):
    """An app that pushes one dialog and keeps its answer."""

    def __init__(self, make: Callable[[], Screen[Any]]) -> None:
        """Ask one question.

        Args:
            make: makes the dialog, inside the running app.
        """
        super().__init__()
        self._make = make
        self.answers: list[Any] = []
        """Empty while the dialog stands."""

    def on_mount(self) -> None:
        """Push the dialog."""
        self.push_screen(self._make(), self.answered)

    async def until_answered(self, pilot: Pilot[None]) -> None:
        """Let the app run until the dialog is gone; the bound only catches a hang."""
        async with asyncio.timeout(20):
            while not self.answers:
                await pilot.pause(0.01)
        await pilot.pause()

    def answered(self, answer: Any) -> None:  # noqa: ANN401  whatever the dialog is about
        """Keep the answer."""
        self.answers.append(answer)

    @property
    def problem(self) -> str:
        """What the dialog says is wrong."""
        shown = self.screen.query_one("#problem", Static)
        return str(shown.render()) if shown.has_class("-told") else ""
