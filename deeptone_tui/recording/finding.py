"""Lookup of the recording that a folder stands for."""

from datetime import datetime
from pathlib import Path

from deeptone_tui.core.errors import reason_of
from deeptone_tui.core.text import clean_line
from deeptone_tui.dsp.wav import HEADER_BYTES
from deeptone_tui.recording.folder import AUDIO, NAME
from deeptone_tui.recording.reading import RecordingError, read_settings, read_time


def find_recording(folder: Path) -> tuple[Path, str]:
    """Find the recording that a folder is, or the newest of those that it holds.

    Returns:
        Its folder, and a line about the choice; empty if there was none.

    Raises:
        RecordingError: if there is no recording.
    """
    try:
        there = folder.exists()
    except (OSError, ValueError):  # a name too long, or with a null character
        there = False
    if not there:
        raise RecordingError(f"{str(folder)!r}: no such folder")
    if not folder.is_dir():
        raise RecordingError(
            f"{str(folder)!r}: is a file; a recording is a folder, as --record makes it"
        )
    try:
        if any(folder.glob(AUDIO)):
            return folder, ""
        inside = sorted(
            each for each in folder.iterdir() if each.is_dir() and any(each.glob(AUDIO))
        )
    except OSError as error:
        raise RecordingError(f"{str(folder)!r}: {reason_of(error)}") from None
    if not inside:
        raise RecordingError(f"{str(folder)!r}: no recording in it (no audio-000.wav)")
    inside = [each for each in inside if _has_audio(each)] or inside
    newest = max(inside, key=lambda each: (_begun(each), len(each.name), each.name))
    several = f"{newest.name} is the newest of {len(inside)} recordings in {folder}"
    return newest, clean_line(several) if len(inside) > 1 else ""


def _has_audio(folder: Path) -> bool:
    """Return True if any sample was recorded: a full disk, or a kill, may have come first."""
    try:
        return any(path.stat().st_size > HEADER_BYTES for path in folder.glob(AUDIO))
    except OSError:
        return False


def _begun(folder: Path) -> float:
    """Return the start time in seconds; the name alone is ambiguous for an hour each year."""
    try:
        begun = read_time(read_settings(folder, []).get("begun"))
        return (begun or datetime.strptime(folder.name[:19], NAME).astimezone()).timestamp()
    except (OSError, OverflowError, RecordingError, ValueError):
        return 0.0
