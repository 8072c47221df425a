"""The folder of one recording: how it is called, and what is in it."""

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from deeptone_tui.output import to_json

RESULTS: Final = "results.jsonl"
EVENTS: Final = "events.jsonl"
SETTINGS: Final = "settings.json"
AUDIO: Final = "audio-*.wav"
NAME: Final = "%Y-%m-%dT%H-%M-%S"
"""A folder is called after the local time at which its recording began."""
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
    parent.mkdir(parents=True, exist_ok=True)
    for number in range(1, _TRIES):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(f"{_TRIES} recordings of {name}")


def write_settings(folder: Path, document: Mapping[str, object]) -> int:
    """Put the settings of a recording in their place; the old ones stay until the new are whole.

    Returns:
        Bytes written.

    Raises:
        OSError: when that is not possible.
    """
    text = to_json(document, indent=2, ensure_ascii=False) + "\n"
    written = text.encode()
    unfinished = folder / f".{SETTINGS}.new"
    unfinished.write_bytes(written)
    os.replace(unfinished, folder / SETTINGS)  # noqa: PTH105  the name says what is meant
    return len(written)
