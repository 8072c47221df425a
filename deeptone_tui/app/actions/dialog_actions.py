"""Actions of the app that open dialogs, and recording."""

from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from textual import on
from textual.command import CommandPalette

from deeptone_tui.app.messages import CopyRequested
from deeptone_tui.app.presenters.results_model import LogNotice
from deeptone_tui.app.themed import Themed
from deeptone_tui.core.text import clock
from deeptone_tui.monitor.state import Change, MonitorState

if TYPE_CHECKING:
    from deeptone_tui.app.app import MonitorApp


def toggle(app: "MonitorApp") -> None:
    """Start a recording, or finish the current one."""
    recording = app.monitor.state.recording
    if recording is None or recording.problem:
        app.monitor.record(app.settings.recordings)
        app.notify(f"Recording into {app.settings.recordings.absolute()}", markup=False)
    else:
        app.monitor.stop_recording()
        app.notify(f"Recorded {clock(recording.seconds)} in {recording.path}", markup=False)


def remember(saved: list[Path], state: MonitorState) -> None:
    """Add the path of a recording to the saved files once it has audio, for the exit summary."""
    recording = state.recording
    if recording is not None and recording.samples and recording.path not in saved:
        saved.append(recording.path)


class Asking(Themed):
    """App that opens the dialogs; they are imported with the first, not before the first frame."""

    @property
    def _host(self) -> "MonitorApp":
        """This app with the type that the dialogs need: `MonitorApp` is complete, this is not."""
        return cast("MonitorApp", self)

    _opens = False  # a dialog has been requested and is not open yet

    def _ask(self, question: Coroutine[Any, Any, None]) -> None:
        """Run a dialog as a worker, one at a time.

        Otherwise each key that was pressed before a dialog was open would open another.
        """
        asked = self.screen.is_modal and not isinstance(self.screen, CommandPalette)
        if self._opens or asked:
            question.close()
            return
        self._opens = True
        self._do(self._until_opened(question))

    def _do(self, task: Coroutine[Any, Any, None]) -> None:
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

    def _ask_by(self, question: str) -> None:
        """Run a function of the `dialogs` module by its name."""
        from deeptone_tui.app.actions import dialogs  # noqa: PLC0415  with the first dialog

        self._ask(getattr(dialogs, question)(self._host))

    def action_choose_device(self) -> None:
        """Pick a microphone."""
        self._ask_by("choose_device")

    def action_choose_source(self) -> None:
        """Choose another audio source."""
        self._ask_by("choose_source")

    def action_choose_endpoint(self) -> None:
        """Choose another endpoint."""
        self._ask_by("choose_endpoint")

    def action_choose_models(self) -> None:
        """Choose the models."""
        self._ask_by("choose_models")

    def action_type_threshold(self) -> None:
        """Type the threshold under the cursor."""
        self._ask_by("type_threshold")

    def action_calibrate(self) -> None:
        """Calibrate the threshold: quiet first, then a sentence."""
        self._ask_by("calibrate")

    def action_save_results(self) -> None:
        """Save the results."""
        self._ask_by("save_results")

    def action_show_help(self) -> None:
        """Show the keys and the meaning of the words."""
        self._ask_by("show_help")

    def action_show_tuned(self) -> None:
        """Export the tuned settings."""
        from deeptone_tui.app.actions import exporting  # noqa: PLC0415  with the first dialog

        self._ask(exporting.show_tuned(self._host))

    @on(CopyRequested)
    def _copy(self, event: CopyRequested) -> None:
        from deeptone_tui.app.actions import dialogs  # noqa: PLC0415  with the first copy

        match event.item:
            case LogNotice(text=words) | Change(words=words):
                self._do(dialogs.copy_text(self._host, words))
            case result:
                self._do(dialogs.copy_line(self._host, result))
