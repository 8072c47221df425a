"""Recorder: accepts everything at once, and writes it in a thread of its own."""

import errno
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from deeptone_tui.core.errors import reason_of, unforeseen
from deeptone_tui.dsp import STEP_SAMPLES, Samples
from deeptone_tui.protocol import SAMPLE_RATE_HZ
from deeptone_tui.recording.backlog import (
    MOST_LINES,
    MOST_SAMPLES,
    Backlog,
    Facts,
    Item,
    QueuedLine,
    Stretch,
)
from deeptone_tui.recording.writer import FILE_SAMPLES, Now, RecordingWriter

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
        most_waiting: int = MOST_SAMPLES,
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
