"""Lines for a reader that may stop reading without closing: writer, and diagnostics on stderr."""

import os
import select
import stat
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TextIO

MOST_BYTES: Final = 64 * 1024
"""Maximum bytes of pending lines: the capacity of a pipe."""
_AT_ONCE: Final = getattr(select, "PIPE_BUF", 512)
"""Bytes that a pipe takes atomically, so that no line is cut when the process ends."""
_LOOK_AGAIN_S: Final = 1.0
"""Timeout in seconds of a wait for a full descriptor in non-blocking mode."""


class LineWriter:
    """Writes lines without blocking the caller: a thread writes what is not accepted at once.

    Args:
        descriptor: destination; it is duplicated.
        most_bytes: maximum bytes of pending lines.
        lossy: continue after an error, and report the number of omitted lines in the output;
            otherwise the first error is final.
        direct: write at once what is certain to be accepted. A pipe that another process fills at
            the same moment may not accept it, so a server leaves everything to the thread.
    """

    def __init__(
        self,
        descriptor: int,
        *,
        most_bytes: int = MOST_BYTES,
        lossy: bool = False,
        direct: bool = True,
    ) -> None:
        self._descriptor = os.dup(descriptor)
        self._most_bytes = most_bytes
        self._lossy = lossy
        self._takes = _taker(self._descriptor) if direct else _never
        self._changed = threading.Condition()  # reentrant, as is the lock in it
        self._lines: deque[bytes] = deque()
        self._bytes = self._in_hand = 0
        self._untold = 0
        self._ending = self._started = self._closed = False
        self._error: OSError | None = None
        # A daemon, so that a stalled reader cannot keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="line writer", daemon=True)

    @property
    def waiting(self) -> int:
        """Number of lines not yet written."""
        with self._changed:
            return len(self._lines) + self._in_hand

    def put(self, line: bytes, patience_s: float | None = 0.0) -> bool:
        """Write a line, or queue it.

        Args:
            line: a whole line with its line end.
            patience_s: seconds to wait for room in the queue; None to wait indefinitely.

        Returns:
            True if there was room for the line.

        Raises:
            OSError: the error that ended the output.
        """
        with self._changed:
            found = self._changed.wait_for(lambda: self._has_room(len(line)), patience_s)
            self._check()
            if not found:
                self._untold += 1
                return False
            if self._lossy and self._untold:
                line = b"deeptone-tui: %d lines omitted here\n" % self._untold + line
                self._untold = 0
            if self._bytes or not self._takes(line):
                self._queue(line)
            else:
                self._write_or_fail(line, 1)
                self._check()
        return True

    def _queue(self, line: bytes) -> None:
        """Queue a line for the thread, which is started for the first one."""
        if not self._started and not self._ending:
            self._started = True
            self._thread.start()
        self._lines.append(line)
        self._bytes += len(line)
        self._changed.notify_all()

    def flush(self, patience_s: float | None = None) -> bool:
        """Wait until everything is written or the timeout expires; return True if it is written.

        Raises:
            OSError: the error that ended the output.
        """
        with self._changed:
            done = self._changed.wait_for(lambda: not self._bytes or self._error, patience_s)
            self._check()
        return bool(done)

    def close(self, patience_s: float) -> bool:
        """Write pending lines and close, within a timeout; return True if all were written."""
        with suppress(OSError):
            self.flush(patience_s)
        with self._changed:
            done = not self._bytes and self._error is None
            ours = not (self._started or self._closed)
            self._ending = self._closed = True
            self._changed.notify_all()
        if ours:
            os.close(self._descriptor)
        elif self._started and done:
            self._thread.join(patience_s)
        return done

    def _has_room(self, size: int) -> bool:
        """Return True if a line fits, the queue is empty, or an error has ended the output."""
        full = bool(self._bytes) and self._bytes + size > self._most_bytes
        return not full or self._error is not None

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        """Write queued lines in the thread until the writer is closed."""
        while lines := self._take():
            size = sum(map(len, lines))
            self._write_or_fail(b"".join(lines), len(lines))
            with self._changed:
                self._bytes -= size
                self._in_hand = 0
                self._changed.notify_all()
        os.close(self._descriptor)

    def _take(self) -> list[bytes]:
        """Wait for lines, and take what fits one atomic write, at least one; none at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._lines or self._ending)
            taken: list[bytes] = []
            size = 0
            while self._lines and (not taken or size + len(self._lines[0]) <= _AT_ONCE):
                taken.append(self._lines.popleft())
                size += len(taken[-1])
            self._in_hand = len(taken)
            return taken

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:  # another holder may have set it non-blocking
                select.select([], [self._descriptor], [], _LOOK_AGAIN_S)

    def _write_or_fail(self, data: bytes, lines: int) -> None:
        """Write some lines; on an error count them as omitted, and keep the error unless lossy."""
        try:
            self._write(data)
        except OSError as error:
            with self._changed:
                self._untold += lines
                if not self._lossy:
                    self._error = error
                    self._untold += len(self._lines)
                    self._lines.clear()


def _never(_line: bytes) -> bool:
    return False


def _taker(descriptor: int) -> Callable[[bytes], bool]:
    """Return a test for lines that a descriptor accepts without blocking.

    A file accepts any line, a pipe what it has room for; a terminal may always block.
    """
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return lambda _line: True
    if not (stat.S_ISFIFO(mode) and hasattr(select, "poll")):
        return _never
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return lambda line: len(line) <= _AT_ONCE and bool(poll.poll(0))


def writer_on(
    stream: TextIO | None, *, lossy: bool = False, direct: bool = True
) -> LineWriter | None:
    """Return a writer on a stream's descriptor; None without a descriptor, or on Windows."""
    if stream is None or sys.platform == "win32":
        return None
    with suppress(OSError, ValueError, AttributeError):  # a test's stream, or a closed one
        return LineWriter(stream.fileno(), lossy=lossy, direct=direct)
    return None


class Diagnostics:
    """Diagnostic lines on a stream. No method waits longer than its timeout, and none raises.

    Args:
        stream: the output stream, or None if there is none.
        direct: as for `LineWriter`.
    """

    def __init__(self, stream: TextIO | None, *, direct: bool = True) -> None:
        self._stream = stream
        self._writer: LineWriter | None = writer_on(stream, lossy=True, direct=direct)
        self.place = place_of(stream)
        """Identity of the stream's destination, to compare with that of another stream."""

    def say(self, text: str, patience_s: float = 0.0) -> None:
        """Write a text, and wait until it is written unless earlier text is still pending.

        Args:
            text: one or more lines with their line ends.
            patience_s: timeout in seconds.
        """
        stream = self._stream
        if stream is None:
            return
        with suppress(OSError, ValueError):  # no reader is left
            if self._writer is None:
                stream.write(text)
                stream.flush()
                return
            stuck = self._writer.waiting
            data = text.encode(stream.encoding or "utf-8", "backslashreplace")
            if self._writer.put(data) and not stuck:
                self._writer.flush(patience_s)

    def draw(self, text: str) -> None:
        """Write a text unless earlier text is still pending."""
        if self._writer is None or not self._writer.waiting:
            self.say(text)

    def close(self, patience_s: float) -> None:
        """Write pending text and close, within `patience_s` seconds."""
        if self._writer is not None:
            self._writer.close(patience_s)


class _Process:
    """State of the diagnostics of this process."""

    on_stderr: Diagnostics | None = None
    ending = False


WITHIN_S: Final = 1.0
"""Timeout in seconds for a diagnostic line before the program continues."""
IN_THE_END_S: Final = 0.1
"""The same timeout after a signal has ended the program."""


def tell_on_stderr(text: str) -> None:
    """Write lines, including their line ends, to the current ``sys.stderr``."""
    _on_stderr().say(text, IN_THE_END_S if _Process.ending else WITHIN_S)


def draw_on_stderr(text: str) -> None:
    """Write a text that is useful only now, without waiting; skip it if stderr is blocked."""
    _on_stderr().draw(text)


def _on_stderr() -> Diagnostics:
    current = _Process.on_stderr
    if current is None or current.place != place_of(sys.stderr):
        current = _Process.on_stderr = Diagnostics(sys.stderr)
    return current


def hurry() -> None:
    """Use the short timeout from now on: the program is ending and must not wait for its reader."""
    _Process.ending = True


def settle_diagnostics() -> None:
    """Write pending diagnostics within a bounded time, and reset the state."""
    if _Process.on_stderr is not None:
        _Process.on_stderr.close(IN_THE_END_S if _Process.ending else WITHIN_S)
    _Process.on_stderr, _Process.ending = None, False


def place_of(stream: TextIO | None) -> tuple[int, int] | int:
    """Return a stream's destination as device and inode, or else the stream's `id`; 0 for None."""
    with suppress(OSError, ValueError, AttributeError):
        status = os.fstat(stream.fileno()) if stream is not None else None
        return (status.st_dev, status.st_ino) if status is not None else 0
    return id(stream)
