"""The folder of one recording: how it is called, and what is in it."""

import os
from collections.abc import Mapping
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import Final

from deeptone_tui.core.files import write_whole
from deeptone_tui.core.output import to_json

RESULTS: Final = "results.jsonl"
EVENTS: Final = "events.jsonl"
SETTINGS: Final = "settings.json"
AUDIO: Final = "audio-*.wav"
NAME: Final = "%Y-%m-%dT%H-%M-%S"
"""A folder is called after the local time at which its recording began."""
PRIVATE_FOLDER: Final = 0o700
PRIVATE_FILE: Final = 0o600
"""Permissions: what is recorded is somebody's voice."""
_TRIES = 1000


def audio_name(number: int) -> str:
    """Name of the audio file of a number, counted from 0."""
    return f"audio-{number:03}.wav"


def make_folder(parent: Path, begun: datetime) -> Path:
    """Make the folder of a new recording, called after the time it begins.

    Args:
        parent: made too if it is not there.
        begun: local time.

    Raises:
        OSError: when it cannot be made.
    """
    name = begun.strftime(NAME)
    parent.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
    for number in range(1, _TRIES):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(PRIVATE_FOLDER)
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(f"{_TRIES} recordings of {name}")


def new_file(path: Path) -> FileIO:
    """Open a new file that only its owner may read, without a buffer.

    Raises:
        OSError: when it is there already, or cannot be made.
    """
    return FileIO(path, "xb", opener=lambda name, flags: os.open(name, flags, PRIVATE_FILE))


def write_settings(folder: Path, document: Mapping[str, object]) -> int:
    """Put the settings of a recording in their place; the old ones stay until the new are whole.

    Returns:
        Bytes written.

    Raises:
        OSError: when that is not possible.
    """
    written = (to_json(document, indent=2, ensure_ascii=False) + "\n").encode()
    write_whole(folder / SETTINGS, written, mode=PRIVATE_FILE, sync=False)
    return len(written)
