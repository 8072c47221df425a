"""Writer of the files of one recording, in the order in which things happened."""

import errno
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from deeptone_tui.dsp import SAMPLE_BYTES
from deeptone_tui.dsp.wav import HEADER_BYTES
from deeptone_tui.protocol import SAMPLE_RATE_HZ
from deeptone_tui.recording.backlog import Facts, Stretch
from deeptone_tui.recording.folder import (
    EVENTS,
    MOST_SAMPLES,
    RESULTS,
    LinesFile,
    WaveFile,
    audio_name,
    make_folder,
    write_settings,
)

FILE_SAMPLES: Final = min(3600 * SAMPLE_RATE_HZ, MOST_SAMPLES)
"""Samples per audio file: an hour, far below the 4 GB that a WAV can count."""

Now = Callable[[], datetime]
"""Returns the wall-clock time."""


class RecordingWriter:
    """Writer of a recording, for one thread. Every method but ``close`` may raise ``OSError``.

    Args:
        parent: the folder in which the recording gets a folder of its own.
        now: returns the wall-clock time.
        file_samples: samples per audio file.
    """

    def __init__(self, parent: Path, now: Now, *, file_samples: int = FILE_SAMPLES) -> None:
        begun = now().astimezone()
        self.folder = make_folder(parent, begun)
        self.samples = 0
        """Samples written, in all audio files."""
        self._begun = begun
        self._now = now
        self._file_samples = file_samples
        # Created at once, so that there is something to read whenever the program is killed.
        self._wave = WaveFile(self.folder / audio_name(0))
        self._files = 1
        self._first: int | None = None
        self._end = 0
        self._small = 0
        self._facts: Facts | None = None
        self._results = LinesFile(self.folder / RESULTS)
        self._events = LinesFile(self.folder / EVENTS)

    @property
    def bytes(self) -> int:
        """Bytes written, in all files."""
        headers = self._files * HEADER_BYTES
        lines = self._results.bytes + self._events.bytes
        return self.samples * SAMPLE_BYTES + headers + lines + self._small

    def audio(self, stretch: Stretch) -> None:
        """Write audio, in as many files as it takes."""
        start, left = stretch.start, stretch.samples
        while len(left):
            wave = self._wave_at(start)
            fits = left[: self._file_samples - wave.samples]
            before = wave.samples
            try:
                wave.append(fits)
            finally:
                self.samples += wave.samples - before
                self._end = start + wave.samples - before
            start, left = start + len(fits), left[len(fits) :]

    def results(self, lines: Sequence[Mapping[str, object]]) -> None:
        """Write results, one per line."""
        self._results.append(lines)

    def event(self, kind: str, more: Mapping[str, object], *, sample: int | None = None) -> None:
        """Write an event at a sample, or at the end of the audio written so far.

        A sample in ``more`` takes precedence over both.
        """
        at = self._end if sample is None else sample
        time = self._now().astimezone().isoformat(timespec="milliseconds")
        self._events.append([{"event": kind, "sample": at, "time": time, **more}])

    def facts(self, facts: Facts) -> None:
        """Write the settings, and an event that they are in force from here on."""
        self._facts = facts
        self.event("settings", facts.to_json())
        self._write_settings()

    def check(self) -> None:
        """Check that the newest audio file still exists: writes to a deleted one do not fail.

        Raises:
            FileNotFoundError: if it does not.
        """
        if not self._wave.path.exists():
            raise FileNotFoundError(errno.ENOENT, "gone", str(self._wave.path))

    def close(self) -> None:
        """Close all files. Does not raise: nothing is buffered that could fail."""
        for file in (self._wave, self._results, self._events):
            with suppress(OSError):
                file.close()

    def _wave_at(self, start: int) -> WaveFile:
        """Return the file for audio at ``start``: the open one, or a new one."""
        if self._first is None:
            self._begin_file(start)
            self._first = start
            self._write_settings()
        elif start != self._end or self._wave.samples >= self._file_samples:
            self._wave.close()
            self._wave = WaveFile(self.folder / audio_name(self._files))
            self._files += 1
            self._begin_file(start)
        return self._wave

    def _begin_file(self, start: int) -> None:
        """Write the event that gives the first sample of the newest file."""
        self.event("file", {"name": self._wave.path.name}, sample=start)

    def _write_settings(self) -> None:
        facts = self._facts or Facts()
        begun = {"begun": self._begun.isoformat(timespec="seconds"), "first_sample": self._first}
        self._small = write_settings(self.folder, {**facts.to_json(), **begun})
