"""What the screen does with a recording: begin it, finish it, remember where it is."""

from pathlib import Path
from typing import Literal, Protocol

from deeptone_tui.app.port import MonitorPort
from deeptone_tui.app.settings import Settings
from deeptone_tui.core.clock import clock
from deeptone_tui.monitor.state import MonitorState


class RecordingHost(Protocol):
    """What recording needs of the app."""

    saved_paths: list[Path]
    """Files and folders written in this run."""

    @property
    def settings(self) -> Settings:
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
