"""What is told on stderr, whoever reads that, and whether or not."""

import os
import sys
from contextlib import suppress
from typing import Final, TextIO

from deeptone_tui.core.line_writer import LineWriter, writer_on


class Diagnostics:
    """Lines for people on a stream. Nothing here waits longer than it is told to, and none raises.

    Args:
        stream: what is written to; None where there is none.
        direct: as of `LineWriter`.
    """

    def __init__(self, stream: TextIO | None, *, direct: bool = True) -> None:
        self._stream = stream
        self._writer: LineWriter | None = writer_on(stream, lossy=True, direct=direct)
        self.place = place_of(stream)
        """What tells whether another stream leads to the same place."""

    def say(self, text: str, patience_s: float = 0.0) -> None:
        """Have a text written, and wait for that, unless something waits already.

        Args:
            text: one or more lines with their ends.
            patience_s: seconds to wait.
        """
        stream = self._stream
        if stream is None:
            return
        with suppress(OSError, ValueError):  # nobody is there to be told
            if self._writer is None:
                stream.write(text)
                stream.flush()
                return
            stuck = self._writer.waiting
            data = text.encode(stream.encoding or "utf-8", "backslashreplace")
            if self._writer.put(data) and not stuck:
                self._writer.flush(patience_s)

    def draw(self, text: str) -> None:
        """Write a text unless something waits already."""
        if self._writer is None or not self._writer.waiting:
            self.say(text)

    def close(self, patience_s: float) -> None:
        """Write what waits, within some seconds."""
        if self._writer is not None:
            self._writer.close(patience_s)


class _Process:
    """The diagnostics of this process."""

    on_stderr: Diagnostics | None = None
    ending = False


WITHIN_S: Final = 1.0
"""Seconds that a line for people may take, before anything else is done."""
IN_THE_END_S: Final = 0.1
"""The same after a signal has ended the program."""


def tell_on_stderr(text: str) -> None:
    """Write lines with their ends to ``sys.stderr`` as it is now."""
    _on_stderr().say(text, IN_THE_END_S if _Process.ending else WITHIN_S)


def draw_on_stderr(text: str) -> None:
    """Write what is only of use at once, without waiting; left out where stderr stands still."""
    _on_stderr().draw(text)


def _on_stderr() -> Diagnostics:
    current = _Process.on_stderr
    if current is None or current.place != place_of(sys.stderr):
        current = _Process.on_stderr = Diagnostics(sys.stderr)
    return current


def hurry() -> None:
    """Note that the program is being ended, and must not wait for its reader."""
    _Process.ending = True


def settle_diagnostics() -> None:
    """Write what waits, in a bounded time."""
    if _Process.on_stderr is not None:
        _Process.on_stderr.close(IN_THE_END_S if _Process.ending else WITHIN_S)
    _Process.on_stderr, _Process.ending = None, False


def place_of(stream: TextIO | None) -> tuple[int, int] | int:
    """Return what a stream leads to: its device and file, or the stream itself."""
    with suppress(OSError, ValueError, AttributeError):
        status = os.fstat(stream.fileno()) if stream is not None else None
        return (status.st_dev, status.st_ino) if status is not None else 0
    return id(stream)
