"""The folder of a recording, its names, and its audio: a WAV file that is whole at any moment.

The samples go to the file first, then the header that counts them, in one small write: a process
that is killed between the two leaves bytes behind the audio, which no player looks at.
"""

import os
import struct
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import Final

from deeptone_tui.core.files import open_plain, write_whole
from deeptone_tui.core.output import to_json
from deeptone_tui.dsp import Samples
from deeptone_tui.protocol import SAMPLE_RATE_HZ

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

HEADER_BYTES: Final = 44
SAMPLE_BYTES: Final = 2
MOST_SAMPLES: Final = (2**32 - 1 - HEADER_BYTES) // SAMPLE_BYTES
"""Samples that the sizes of 32 bit can count: 37 hours of 16 kHz, mono, 16 bit."""

_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")
_PCM = 1


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


class WaveError(Exception):
    """A file that is not the WAV that this program writes; what is wrong with it in words."""


class WaveFile:
    """Writes mono samples of 16 bit at 16 kHz. Nothing is held back: each call is in the file.

    Only ``write`` is called, never ``fsync``: what is written survives the end of the process,
    and the system brings it to the disk within half a minute, without anybody waiting for it.

    Raises:
        OSError: when the file is there already, or cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.samples = 0
        """How many are in the file, and in its header."""
        self._file = new_file(path)
        try:
            _write_all(self._file, header(0))
        except OSError:
            self._file.close()
            with suppress(OSError):
                path.unlink()  # no player could open it
            raise

    def append(self, samples: Samples) -> None:
        """Write samples, and then the header that counts them.

        Raises:
            OSError: when not all could be written; the file is valid with those that could.
        """
        waiting = memoryview(samples.astype("<i2", copy=False).tobytes())
        written = 0
        try:
            while written < len(waiting):
                written += self._file.write(waiting[written:]) or 0
        finally:
            self._count(self.samples + written // SAMPLE_BYTES)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _count(self, samples: int) -> None:
        """Let the header tell so many samples, and the file go on behind them."""
        end = HEADER_BYTES + samples * SAMPLE_BYTES
        self._file.seek(0)
        _write_all(self._file, header(samples))
        self._file.seek(end)
        self.samples = samples


def header(samples: int) -> bytes:
    """The first 44 bytes of a file with so many samples."""
    data = samples * SAMPLE_BYTES
    return _HEADER.pack(
        *(b"RIFF", data + HEADER_BYTES - 8, b"WAVE"),
        *(
            b"fmt ",
            16,
            _PCM,
            1,
            SAMPLE_RATE_HZ,
            SAMPLE_RATE_HZ * SAMPLE_BYTES,
            SAMPLE_BYTES,
            16,
        ),
        *(b"data", data),
    )


def samples_in(path: Path) -> int:
    """How many samples a file holds that `WaveFile` has written.

    After a power cut the header may count more than has reached the disk; what is there counts.

    Raises:
        WaveError: when it was not written by this program.
        NotPlainError: when it is no file at all.
        OSError: when it cannot be read.
    """
    with open_plain(path) as file:
        head = file.read(HEADER_BYTES)
        size = file.seek(0, 2)
    if len(head) < HEADER_BYTES:
        raise WaveError("has no whole header")
    data = int(_HEADER.unpack(head)[-1])
    if head[:4] != b"RIFF" or head[8:40] != header(0)[8:40]:
        raise WaveError("is no WAV of 16 kHz, mono, 16 bit as this program writes it")
    return min(data, size - HEADER_BYTES) // SAMPLE_BYTES


def _write_all(file: FileIO, data: bytes) -> int:
    """Write bytes, however many a single write takes; returns how many that were.

    Raises:
        OSError: when that is not possible.
    """
    written = 0
    while written < len(data):
        written += file.write(data[written:])
    return written
