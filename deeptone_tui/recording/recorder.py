"""Recorder: accepts everything at once, and writes it in a thread of its own."""

import errno
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from deeptone_tui.core.text import reason_of, unforeseen
from deeptone_tui.dsp import SAMPLE_BYTES, Samples
from deeptone_tui.dsp.wav import HEADER_BYTES
from deeptone_tui.protocol import SAMPLE_RATE_HZ, STEP_SAMPLES
from deeptone_tui.recording.backlog import (
    MOST_LINES,
    MOST_WAITING_SAMPLES,
    Backlog,
    Facts,
    Item,
    QueuedLine,
    Stretch,
)
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

WRITE_EVERY_S: Final = 0.25
"""Seconds between writes: what a killed process may lose, well below the second allowed."""

_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EFBIG: "the file size limit is reached",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the disk is read-only",
    errno.ENOTDIR: "that is a file, not a folder",
    errno.EEXIST: "that is a file, not a folder",
    errno.ENOENT: "the folder is gone",
    errno.EIO: "the disk has failed",
    errno.ENAMETOOLONG: "the name is too long",
}
if hasattr(errno, "EDQUOT"):
    _WORDS[errno.EDQUOT] = "your disk quota is exceeded"


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


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """Status of a recording at one moment."""

    path: Path
    """Folder of the recording; its parent folder until it is created."""
    samples: int = 0
    """Samples written, and counted in the header of the WAV."""
    bytes: int = 0
    """Bytes written, in all of its files."""
    waiting: int = 0
    """Samples captured and not yet written: more than a second means a slow disk."""
    left_out: int = 0
    """Results and events that came faster than they could be written."""
    problem: str = ""
    """Reason why it has stopped, in one line; empty while all is well."""

    @property
    def seconds(self) -> float:
        """Length of the written audio."""
        return self.samples / SAMPLE_RATE_HZ


class Recorder:
    """Owner of the writer's thread, controlled from one thread. Only ``join`` waits.

    Args:
        parent: the folder in which the recording gets a folder of its own.
        facts: the settings at the beginning.
        now: returns the wall-clock time.
        file_samples: samples per audio file.
        most_waiting: samples that may wait for a slow disk; beyond that the recording stops.
        most_lines: results and events that may wait; beyond that they are left out, and counted.
    """

    def __init__(
        self,
        parent: Path,
        facts: Facts,
        *,
        now: Now = datetime.now,
        file_samples: int = FILE_SAMPLES,
        most_waiting: int = MOST_WAITING_SAMPLES,
        most_lines: int = MOST_LINES,
    ) -> None:
        self._parent = parent
        self._now = now
        self._file_samples = file_samples
        self._lock = threading.Lock()
        self._backlog = Backlog(most_waiting, most_lines)
        self._backlog.add_setting(facts)
        self._left_out = 0  # lines already reported in the recording
        self._ending = False
        self._wake = threading.Event()
        self._status = RecordingStatus(parent)
        self._problem = ""
        self._first: int | None = None
        self._facts = facts
        # A daemon: a disk that hangs cannot keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    @property
    def status(self) -> RecordingStatus:
        """Current status; may be read in any thread."""
        with self._lock:
            waiting, left_out = self._backlog.samples, self._backlog.left_out
            return replace(self._status, waiting=waiting, left_out=left_out, problem=self._problem)

    def start(self) -> None:
        """Start writing."""
        self._thread.start()

    def audio(self, start: int, samples: Samples) -> None:
        """Record samples captured from absolute sample ``start`` on.

        A recording begins with a whole step of 64 ms, so that its steps are those of the preview
        and of the endpoint whenever it is measured again.
        """
        if self._first is None:
            first = -(-start // STEP_SAMPLES) * STEP_SAMPLES
            if start + len(samples) <= first:
                return
            start, samples = first, samples[first - start :]
            self._first = first
        with self._lock:
            if self._ending:
                return
            full = not self._backlog.add_audio(Stretch(start, samples))
            if full:
                self._ending = True
                self._problem = _too_slow(self._parent, self._backlog.samples)
            hurry = full or self._backlog.samples > self._backlog.most_samples // 2
        if hurry:
            self._wake.set()

    def result(self, line: Mapping[str, object], sample: int, samples: int) -> None:
        """Record a result; one that begins before the recording is left out.

        Args:
            line: the result in wire format.
            sample: absolute index of the first sample that it covers.
            samples: number of samples that it covers.
        """
        if self._first is not None and sample >= self._first:
            self._put(QueuedLine("result", {**line, "sample": sample, "samples": samples}))

    def event(self, words: str) -> None:
        """Record an event, in one line for the user."""
        self._put(QueuedLine("notice", {"words": words}))

    def change(self, document: Mapping[str, object], sample: int) -> None:
        """Record a change in force from a sample on; one before the recording is left out.

        Args:
            document: its kind, before and after, and words for the user.
            sample: absolute index of the first sample it applies to.
        """
        if self._first is not None and sample >= self._first:
            self._put_setting(QueuedLine("change", {**document, "sample": sample}))

    def settings(self, facts: Facts) -> None:
        """Record the settings if they have changed."""
        if facts != self._facts:
            self._facts = facts
            self._put_setting(facts)

    def end(self) -> None:
        """Write the backlog and finish; nothing more is accepted."""
        with self._lock:
            self._ending = True
        self._wake.set()

    def join(self, timeout: float) -> bool:
        """Wait until everything is written.

        Args:
            timeout: maximum wait in seconds.

        Returns:
            True if it was written in time.
        """
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _put(self, line: QueuedLine) -> None:
        """Queue a result or an event."""
        with self._lock:
            if not self._ending:
                self._backlog.add_line(line)

    def _put_setting(self, setting: Facts | QueuedLine) -> None:
        """Queue what is in force from here on."""
        with self._lock:
            if not self._ending:
                self._backlog.add_setting(setting)

    def _run(self) -> None:
        writer: RecordingWriter | None = None
        try:
            writer = RecordingWriter(self._parent, self._now, file_samples=self._file_samples)
            self._report(writer, 0)
            while self._write_waiting(writer):
                self._wake.wait(WRITE_EVERY_S)
                self._wake.clear()
            writer.event("ended", {"problem": self._problem})
        except OSError as error:
            self._fail(_in_words(error, self._parent))
        except Exception as error:  # noqa: BLE001  a thread that dies unseen looks like a recording
            self._fail(f"recording stopped: {unforeseen(error, 'recorder')} ({self._parent})")
        finally:
            if writer is not None:
                self._report(writer, 0)
                writer.close()

    def _write_waiting(self, writer: RecordingWriter) -> bool:
        """Write the backlog; return True if more may come."""
        with self._lock:
            items, left_out = self._backlog.take(), self._backlog.left_out
            ending = self._ending
        taken = sum(len(item.samples) for item in items if isinstance(item, Stretch))
        _write(writer, items)
        if left_out > self._left_out:
            words = f"{left_out - self._left_out} results or events came too fast to be written"
            writer.event("notice", {"words": words})
            self._left_out = left_out
        writer.check()
        self._report(writer, taken)
        return not ending

    def _report(self, writer: RecordingWriter, taken: int) -> None:
        """Update the status from the files."""
        with self._lock:
            self._backlog.written(taken)
            self._status = RecordingStatus(writer.folder, writer.samples, writer.bytes)

    def _fail(self, problem: str) -> None:
        """Accept no more, and keep the reason."""
        with self._lock:
            self._ending = True
            self._problem = self._problem or problem
            self._backlog.clear()


def _write(writer: RecordingWriter, items: list[Item]) -> None:
    """Write items in order, contiguous audio merged; all results follow at the end."""
    stretches: list[Stretch] = []
    results: list[Mapping[str, object]] = []
    for item in items:
        if isinstance(item, Stretch):
            if stretches and stretches[-1].start + len(stretches[-1].samples) != item.start:
                _flush(writer, stretches)
            stretches.append(item)
            continue
        if isinstance(item, QueuedLine) and item.kind == "result":
            results.append(item.document)
            continue
        _flush(writer, stretches)
        if isinstance(item, Facts):
            writer.facts(item)
        else:
            writer.event(item.kind, item.document)
    _flush(writer, stretches)
    if results:
        writer.results(results)


def _flush(writer: RecordingWriter, stretches: list[Stretch]) -> None:
    """Write contiguous audio in one piece."""
    if stretches:
        whole = np.concatenate([each.samples for each in stretches])
        writer.audio(Stretch(stretches[0].start, whole))
        stretches.clear()


def _in_words(error: OSError, place: Path) -> str:
    """Return the reason why a recording has stopped, with the folder that the user knows."""
    why = _WORDS.get(error.errno or 0) or reason_of(error)
    return f"recording stopped: {why} ({place})"


def _too_slow(parent: Path, waiting: int) -> str:
    waited = f"{waiting / SAMPLE_RATE_HZ:.0f} s of audio were waiting"
    return f"recording stopped: the disk is too slow: {waited} ({parent})"
