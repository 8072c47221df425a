"""Lines on stdout for another program, which may stop reading at any time, or go away."""

import select
import sys
import time
from collections.abc import Callable
from typing import TextIO

from deeptone_tui.cli.errors import OutputError, RunError
from deeptone_tui.core.errors import reason_of
from deeptone_tui.core.line_writer import LineWriter, writer_on


class StdoutLines:
    """Writes lines on stdout as it is at the first of them.

    Whoever reads slowly is waited for, until ``hurry``.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stream: TextIO | None = None
        self._writer: LineWriter | None = None
        self._until: float | None = None

    @property
    def waiting(self) -> int:
        """Lines that the reader has not taken yet."""
        return 0 if self._writer is None else self._writer.waiting

    def write(self, line: str) -> bool:
        """Write a line at once, or as soon as there is room for it.

        Returns:
            Whether it was written, or will be: False only when it has to hurry.

        Raises:
            BrokenPipeError: when nobody reads it.
            RunError: when there is no stdout.
        OutputError: when it takes nothing.
        """
        stream = self._opened()
        if self._writer is None:
            stream.write(f"{line}\n")
            stream.flush()
            return True
        data = f"{line}\n".encode(stream.encoding or "utf-8", stream.errors or "strict")
        try:
            return self._writer.put(data, self._patience_s)
        except OSError as error:
            raise _in_words(error) from None

    def hurry(self, seconds: float) -> None:
        """Wait no longer than this, from now on."""
        self._until = self._clock() + seconds

    def flush(self) -> None:
        """Wait until everything is written.

        Raises:
            BrokenPipeError: when nobody reads it.
            OutputError: when it could not be written.
        """
        if self._writer is not None:
            try:
                self._writer.flush(self._patience_s)
            except OSError as error:
                raise _in_words(error) from None

    def check_reader(self) -> None:
        """Find out whether the reader has gone, without writing: results may be long in coming.

        Raises:
            BrokenPipeError: when it has.
            RunError: when there is no stdout.
        """
        stdout = self._opened()
        if not hasattr(select, "poll"):  # Windows: found out by the next line
            return
        poll = select.poll()
        try:
            poll.register(stdout.fileno(), 0)  # errors are always reported
            events = poll.poll(0)
        except (OSError, ValueError):  # no descriptor to ask about
            return
        if any(event & select.POLLERR for _, event in events):
            raise BrokenPipeError

    @property
    def _patience_s(self) -> float | None:
        return None if self._until is None else max(0.0, self._until - self._clock())

    def _opened(self) -> TextIO:
        if sys.stdout is None:
            raise RunError("stdout is closed, and results are written there")
        if self._stream is None:
            self._stream, self._writer = sys.stdout, writer_on(sys.stdout)
        return self._stream


def _in_words(error: OSError) -> Exception:
    """What is to be raised for an error of stdout."""
    if isinstance(error, BrokenPipeError):
        return error
    return OutputError(f"the output cannot be written: {reason_of(error)}")
