"""Lines for whoever reads a descriptor, and who may stop reading without going away."""

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
"""Of lines that wait: as much as a pipe takes."""
_AT_ONCE: Final = getattr(select, "PIPE_BUF", 512)
"""Bytes that a pipe takes whole or not at all, so that no line is cut when the process ends."""
_LOOK_AGAIN_S: Final = 1.0
"""Seconds between two looks at a descriptor that takes nothing and was made not to block."""


class LineWriter:
    """Writes lines without waiting in a system call: a thread does, for what is not taken at once.

    Args:
        descriptor: where to; it is copied.
        most_bytes: that may wait.
        lossy: go on after an error, and tell in between how many lines were left out; or else the
            first error is the end.
        direct: write at once what surely is taken. A pipe that another process fills in the same
            moment may not, so a server leaves all to the thread.
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
        # A daemon: who does not read cannot keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="line writer", daemon=True)

    @property
    def waiting(self) -> int:
        """Lines that were not written yet."""
        with self._changed:
            return len(self._lines) + self._in_hand

    def put(self, line: bytes, patience_s: float | None = 0.0) -> bool:
        """Have a line written, with its end.

        Args:
            line: to be written whole.
            patience_s: seconds to wait for room; None for as long as it takes.

        Returns:
            Whether there was room for it.

        Raises:
            OSError: what ended the writing.
        """
        with self._changed:
            found = self._changed.wait_for(lambda: self._has_room(len(line)), patience_s)
            self._check()
            if not found:
                self._untold += 1
                return False
            if self._lossy and self._untold:
                line = b"deeptone-tui: %d lines left out here\n" % self._untold + line
                self._untold = 0
            if self._bytes or not self._takes(line):
                self._queue(line)
            else:
                self._write_or_fail(line, 1)
                self._check()
        return True

    def _queue(self, line: bytes) -> None:
        """Leave a line to the thread."""
        if not self._started and not self._ending:
            self._started = True
            self._thread.start()
        self._lines.append(line)
        self._bytes += len(line)
        self._changed.notify_all()

    def flush(self, patience_s: float | None = None) -> bool:
        """Wait until everything is written, or for some seconds; whether it is.

        Raises:
            OSError: what ended the writing.
        """
        with self._changed:
            done = self._changed.wait_for(lambda: not self._bytes or self._error, patience_s)
            self._check()
        return bool(done)

    def close(self, patience_s: float) -> bool:
        """Write what waits and end, within some seconds; whether everything was written."""
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
        """Whether a line may wait; one that nothing is before always may."""
        full = bool(self._bytes) and self._bytes + size > self._most_bytes
        return not full or self._error is not None

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        """The thread."""
        while lines := self._take():
            size = sum(map(len, lines))
            self._write_or_fail(b"".join(lines), len(lines))
            with self._changed:
                self._bytes -= size
                self._in_hand = 0
                self._changed.notify_all()
        os.close(self._descriptor)

    def _take(self) -> list[bytes]:
        """Wait for lines, and take those that can be written at once; none at the end."""
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
            except BlockingIOError:  # whoever else has it may have made it so
                select.select([], [self._descriptor], [], _LOOK_AGAIN_S)

    def _write_or_fail(self, data: bytes, lines: int) -> None:
        """Write some lines, or note that they could not be."""
        try:
            self._write(data)
        except OSError as error:
            with self._changed:
                self._untold += lines
                if not self._lossy:
                    self._error = error
                    self._untold += len(self._lines)
                    self._lines.clear()


Takes = Callable[[bytes], bool]
"""Whether a descriptor would take a line without making anybody wait."""


def _never(_line: bytes) -> bool:
    return False


def _taker(descriptor: int) -> Takes:
    """What tells if a descriptor would take a line at once: a file would, a terminal may not."""
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
    """Return a writer on a stream's descriptor; None where there is none of the system's own."""
    if stream is None or sys.platform == "win32":
        return None
    with suppress(OSError, ValueError, AttributeError):  # a test's stream, or a closed one
        return LineWriter(stream.fileno(), lossy=lossy, direct=direct)
    return None
