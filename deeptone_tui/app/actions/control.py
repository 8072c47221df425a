"""Effects of commands without a dialog: playback, recording, copying, shift of the preview."""

from pathlib import Path
from typing import TYPE_CHECKING

from deeptone_tui.app.presenters.threshold import offered, why_none
from deeptone_tui.core.text import clock
from deeptone_tui.monitor.state import MonitorState, SourcePhase

if TYPE_CHECKING:
    from deeptone_tui.app.app import MonitorApp


def pause(app: "MonitorApp") -> None:
    """Pause a file, or freeze the screen of a live source."""
    source = app.monitor.state.source
    if source.info.live:
        app.main.freeze(frozen=not app.main.view.frozen)
    elif source.phase is SourcePhase.PAUSED:
        app.monitor.resume()
    else:
        app.monitor.pause()


def seek(app: "MonitorApp", seconds: int) -> None:
    """Seek back or forward in a file or the demo; live audio has no position."""
    position = app.monitor.state.source.position
    if position is None:
        app.notify("You can seek only in a file or the demo.", severity="warning")
    else:
        app.monitor.seek(max(position + seconds, 0.0))


def shift_preview(app: "MonitorApp") -> None:
    """Shift the preview to the level that the endpoint hears, or undo the shift."""
    state = app.monitor.state
    offset = offered(state)
    if state.shift:
        app.monitor.shift(0.0)
    elif offset is not None:
        app.monitor.shift(offset.decibels)
    else:
        app.notify(why_none(state), severity="warning", markup=False)


def copy(app: "MonitorApp") -> None:
    """Copy the selected line of the log, or the newest."""
    from deeptone_tui.app.actions.saving import copy_item  # noqa: PLC0415  with the first copy

    app.start_task(copy_item(app, app.main.log_view.selected))


def record(app: "MonitorApp") -> None:
    """Start a recording, or finish the current one."""
    recording = app.monitor.state.recording
    if recording is None or recording.problem:
        app.monitor.record(app.settings.recordings)
        app.notify(f"Recording into {app.settings.recordings.absolute()}", markup=False)
    else:
        app.monitor.stop_recording()
        app.notify(f"Recorded {clock(recording.seconds)} in {recording.path}", markup=False)


def remember_recording(saved: list[Path], state: MonitorState) -> None:
    """Add the path of a recording to the saved files once it has audio, for the exit summary."""
    recording = state.recording
    if recording is not None and recording.samples and recording.path not in saved:
        saved.append(recording.path)
