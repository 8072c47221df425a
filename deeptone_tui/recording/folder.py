"""Folder of a recording, and its files: WAV and lines of JSON that are valid at any moment.

The samples are written first, then, in one small write, the header that counts them: a process that
is killed between the two leaves bytes after the audio, which players ignore.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import Final

from deeptone_tui.core.files import open_plain, write_whole
from deeptone_tui.core.redaction import to_json
from deeptone_tui.dsp import SAMPLE_BYTES, Samples
from deeptone_tui.dsp.wav import CHUNK_BYTES, HEADER_BYTES, chunk_at, header

RESULTS: Final = "results.jsonl"
EVENTS: Final = "events.jsonl"
SETTINGS: Final = "settings.json"
AUDIO: Final = "audio-*.wav"
NAME: Final = "%Y-%m-%dT%H-%M-%S"
"""Name of a folder: the local time at which its recording began."""
PRIVATE_FOLDER: Final = 0o700
PRIVATE_FILE: Final = 0o600
"""Permissions: what is recorded is somebody's voice."""
_TRIES = 1000

MOST_SAMPLES: Final = (2**32 - 1 - HEADER_BYTES) // SAMPLE_BYTES
"""Maximum number of samples that the 32-bit sizes can count: 37 hours of 16 kHz, mono, 16 bit."""


def audio_name(number: int) -> str:
    """Return the name of the audio file with a number, counted from 0."""
    return f"audio-{number:03}.wav"


def make_folder(parent: Path, begun: datetime) -> Path:
    """Create the folder of a new recording, named after the time it begins.

    Args:
        parent: created too if it is missing.
        begun: local time.

    Raises:
        OSError: if it cannot be created.
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


def _new_file(path: Path) -> FileIO:
    """Open a new file that only its owner may read, without a buffer.

    Raises:
        OSError: if it exists already, or cannot be created.
    """
    return FileIO(path, "xb", opener=lambda name, flags: os.open(name, flags, PRIVATE_FILE))


def write_settings(folder: Path, document: Mapping[str, object]) -> int:
    """Replace the settings of a recording; the old ones stay until the new ones are complete.

    Returns:
        Number of bytes written.

    Raises:
        OSError: if that is not possible.
    """
    written = (to_json(document, indent=2, ensure_ascii=False) + "\n").encode()
    write_whole(folder / SETTINGS, written, mode=PRIVATE_FILE, sync=False)
    return len(written)


class LinesFile:
    """Unbuffered file of objects, one per line: after each call, they are in the file.

    Raises:
        OSError: if the file exists already, or cannot be created.
    """

    def __init__(self, path: Path) -> None:
        self.bytes = 0
        """Bytes written so far."""
        self._file = _new_file(path)

    def append(self, documents: Sequence[Mapping[str, object]]) -> None:
        """Write lines, all at once.

        Raises:
            OSError: if not all could be written; the lines that were are complete.
        """
        data = "".join(to_json(each, sort_keys=True) + "\n" for each in documents).encode()
        try:
            _write_all(self._file, data)
        except OSError:
            whole = data[: self._file.tell() - self.bytes].rfind(b"\n") + 1
            self._file.truncate(self.bytes + whole)
            raise
        self.bytes += len(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class WaveError(Exception):
    """File that is not a WAV as this program writes it; the message says what is wrong."""


class WaveFile:
    """Unbuffered writer of 16-bit mono samples at 16 kHz: after each call, they are in the file.

    Only ``write`` is called, never ``fsync``: what is written survives the end of the process, and
    the system flushes it to the disk within half a minute, without anybody waiting for it.

    Raises:
        OSError: if the file exists already, or cannot be created.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.samples = 0
        """Number of samples in the file, and in its header."""
        self._file = _new_file(path)
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
            OSError: if not all could be written; the file is valid with those that were.
        """
        try:
            _write_all(self._file, samples.astype("<i2", copy=False).tobytes())
        finally:
            self._count((self._file.tell() - HEADER_BYTES) // SAMPLE_BYTES)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _count(self, samples: int) -> None:
        """Update the header to ``samples``, and continue the file after them."""
        end = HEADER_BYTES + samples * SAMPLE_BYTES
        self._file.seek(0)
        _write_all(self._file, header(samples))
        self._file.seek(end)
        self.samples = samples


def samples_in(path: Path) -> int:
    """Return the number of samples in a file that `WaveFile` has written.

    After a power cut the header may count more than has reached the disk; what is there counts.

    Raises:
        WaveError: if it was not written by this program.
        NotPlainError: if it is no file at all.
        OSError: if it cannot be read.
    """
    with open_plain(path) as file:
        head = file.read(HEADER_BYTES)
        size = file.seek(0, 2)
    data = chunk_at(head, HEADER_BYTES - CHUNK_BYTES)
    if data is None:
        raise WaveError("has no whole header")
    if head[:4] != b"RIFF" or head[8:40] != header(0)[8:40]:
        raise WaveError("is not a WAV file of this program: 16 kHz, mono, 16 bit")
    return min(data.size, size - HEADER_BYTES) // SAMPLE_BYTES


def _write_all(file: FileIO, data: bytes) -> None:
    """Write bytes, however many a single write accepts.

    Raises:
        OSError: if not all could be written; the file's position is after those that were.
    """
    left = memoryview(data)
    while left:
        left = left[file.write(left) or 0 :]
