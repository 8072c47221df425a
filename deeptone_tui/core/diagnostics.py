"""Diagnostics on stderr, with or without a reader."""

import os
import sys
from contextlib import suppress
from typing import Final, TextIO

from deeptone_tui.core.line_writer import LineWriter, writer_on


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
