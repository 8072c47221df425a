"""The actions of the app that ask the user something, and recording."""

from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

from textual import on
from textual.command import CommandPalette

from deeptone_tui.app.messages import CopyRequested
from deeptone_tui.app.port import MonitorPort
from deeptone_tui.app.presenters.results_model import LogNotice
from deeptone_tui.app.settings import ScreenSettings
from deeptone_tui.app.themed import Themed
from deeptone_tui.core.text import clock
from deeptone_tui.monitor.state import Change, MonitorState

if TYPE_CHECKING:
    from deeptone_tui.app.actions.dialogs import DialogHost


class RecordingHost(Protocol):
    """What recording needs of the app."""

    saved_paths: list[Path]
    """Files and folders written in this run."""

    @property
    def settings(self) -> ScreenSettings:
        """What the app was started with."""
        ...

    @property
    def monitor(self) -> MonitorPort:
        """Who records."""
        ...

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: Literal["information", "warning", "error"] = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Tell something in passing."""
        ...


def toggle(app: RecordingHost) -> None:
    """Begin a recording, or finish the one that is under way."""
    recording = app.monitor.state.recording
    if recording is None or recording.problem:
        app.monitor.record(app.settings.recordings)
        app.notify(f"Recording into {app.settings.recordings.absolute()}", markup=False)
    else:
        app.monitor.stop_recording()
        app.notify(f"Recorded {clock(recording.seconds)} in {recording.path}", markup=False)


def remember(saved: list[Path], state: MonitorState) -> None:
    """Remember where a recording is, once something is in it, to be named in the end."""
    recording = state.recording
    if recording is not None and recording.samples and recording.path not in saved:
        saved.append(recording.path)


class Asking(Themed):
    """Opens the dialogs. They are imported with the first one, not before the first frame."""

    @property
    def _host(self) -> "DialogHost":
        """The app as the dialogs see it: `MonitorApp` is complete, this base is not."""
        return cast("DialogHost", self)

    _opens = False  # a dialog has been asked for, and is not there yet

    def _ask(self, question: Coroutine[Any, Any, None]) -> None:
        """Wait for an answer beside everything else that goes on; one question at a time.

        Keys that were pressed before a dialog was there would each open one more.
        """
        asked = self.screen.is_modal and not isinstance(self.screen, CommandPalette)
        if self._opens or asked:
            question.close()
            return
        self._opens = True
        self._do(self._until_opened(question))

    def _do(self, task: Coroutine[Any, Any, None]) -> None:
        """Have something done beside everything else that goes on."""
        self.run_worker(task, group="dialog")

    async def _until_opened(self, question: Coroutine[Any, Any, None]) -> None:
        try:
            await question
        finally:
            self._opens = False

    def push_screen(self, *given: Any, **named: Any) -> Any:  # noqa: ANN401  as Textual has it
        """Show a screen; where it is a dialog, it has opened."""
        self._opens = False
        return super().push_screen(*given, **named)

    def action_choose_device(self) -> None:
        """Pick a microphone."""
        from deeptone_tui.app.actions import dialogs  # noqa: PLC0415  with the first dialog

        self._ask(dialogs.choose_device(self._host))

    def action_choose_source(self) -> None:
        """Listen to something else."""
        from deeptone_tui.app.actions import dialogs  # noqa: PLC0415  with the first dialog

        self._ask(dialogs.choose_source(self._host))

    def action_choose_endpoint(self) -> None:
        """Talk to another endpoint."""
        from deeptone_tui.app.actions import dialogs  # noqa: PLC0415  with the first dialog

        self._ask(dialogs.choose_endpoint(self._host))

    def action_choose_models(self) -> None:
        """Choose the models."""
        from deeptone_tui.app.actions import dialogs  # noqa: PLC0415  with the first dialog

        self._ask(dialogs.choose_models(self._host))

    def action_type_threshold(self) -> None:
        """Type where the mark goes."""
        from deeptone_tui.app.actions import dialogs  # noqa: PLC0415  with the first dialog

        self._ask(dialogs.type_threshold(self._host))

    def action_calibrate(self) -> None:
        """Be guided to a threshold: quiet, then a sentence."""
        from deeptone_tui.app.actions import dialogs  # noqa: PLC0415  with the first dialog

        self._ask(dialogs.calibrate(cast("dialogs.CalibrationHost", self)))

    def action_save_results(self) -> None:
        """Save the results."""
        from deeptone_tui.app.actions import dialogs  # noqa: PLC0415  with the first dialog

        self._ask(dialogs.save_results(self._host))

    def action_show_tuned(self) -> None:
        """Take the tuned settings out of the program."""
        from deeptone_tui.app.actions import exporting  # noqa: PLC0415  with the first dialog

        self._ask(exporting.show_tuned(self._host))

    def action_show_help(self) -> None:
        """Show the keys, and what the words mean."""
        from deeptone_tui.app.actions import dialogs  # noqa: PLC0415  with the first dialog

        self._ask(dialogs.show_help(self._host))

    @on(CopyRequested)
    def _copy(self, event: CopyRequested) -> None:
        """Copy a line of the log."""
        from deeptone_tui.app.actions import dialogs  # noqa: PLC0415  with the first copy

        match event.item:
            case LogNotice(text=words) | Change(words=words):
                self._do(dialogs.copy_text(self._host, words))
            case result:
                self._do(dialogs.copy_line(self._host, result))
