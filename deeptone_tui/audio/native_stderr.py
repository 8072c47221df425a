"""Redirection of what C libraries write to stderr, to keep it off the screen.

ALSA, JACK and PortAudio write to file descriptor 2 whatever Python thinks of ``sys.stderr``, and
Textual draws on that same descriptor.
"""

import contextlib
import io
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

_STDERR = 2
_LARGEST_LOG_BYTES = 1_000_000
"""Bytes after which the log of earlier runs is dropped at the next start."""


class _Redirection:
    """State of descriptor 2 in this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.whole_run = False
        """True if descriptor 2 is already a log file and the screen has another descriptor."""
        self.silencers = 0
        self.stream: TextIO | None = None
        """Stream on the real descriptor that replaces ``sys.stderr`` meanwhile."""
        self.saved = -1
        """A copy of the real descriptor 2 while it is silenced."""


_redirection = _Redirection()


@contextlib.contextmanager
def redirect_native_stderr(log_path: Path | None = None) -> Iterator[TextIO]:
    """Send descriptor 2 to a log file; ``sys.stderr`` and ``sys.__stderr__`` keep the screen.

    Enter it before the Textual app is constructed: its driver takes ``sys.__stderr__`` then.
    Child processes inherit the log file as their stderr.

    Args:
        log_path: File to append to; its directories are created. If it is None or cannot be
            written, the output is dropped.

    Yields:
        The stream on the old stderr, which is what Python code sees meanwhile.
    """
    if sys.__stderr__ is None or _redirection.whole_run:
        yield sys.stderr
        return
    sys.__stderr__.flush()
    screen = _take_over()
    log = _open_log(log_path)
    os.dup2(log, _STDERR)
    os.close(log)
    stream = _stream_on(screen, sys.__stderr__)
    before = sys.__stderr__, sys.stderr
    sys.__stderr__ = stream  # type: ignore[misc]  # Textual reads this name
    if sys.stderr is before[0]:
        sys.stderr = stream
    try:
        yield stream
    finally:
        _redirection.whole_run = False
        with contextlib.suppress(OSError, ValueError):  # a terminal that is gone cannot be flushed
            stream.flush()
        os.dup2(screen, _STDERR)
        if sys.stderr is stream:
            sys.stderr = before[1]
        sys.__stderr__ = before[0]  # type: ignore[misc]  # as above
        with contextlib.suppress(OSError, ValueError):
            stream.close()


@contextlib.contextmanager
def native_stderr_silenced() -> Iterator[None]:
    """Drop what C libraries write to descriptor 2 for a moment, such as a call into PortAudio.

    Python's own ``sys.stderr`` keeps its target: the call may hang, which has to be reported.
    Threads may overlap: the first in silences, the last out restores. Does nothing while
    `redirect_native_stderr` holds for the whole run. Without it, no screen may be drawn on
    stderr at the same time: the drawing would be dropped too.
    """
    _silence()
    try:
        yield
    finally:
        _restore()


def _take_over() -> int:
    """Begin a whole run and return a copy of the real descriptor 2.

    This works even while a hung call silences the descriptor: if that call returns after all, it
    does not restore over the log.
    """
    with _redirection.lock:
        _redirection.whole_run = True
        _give_back(_redirection)
        saved, _redirection.saved = _redirection.saved, -1
    return saved if saved >= 0 else os.dup(_STDERR)


def _silence() -> None:
    with _redirection.lock:
        _redirection.silencers += 1
        if _redirection.silencers > 1 or _redirection.whole_run:
            return
        try:
            _redirection.saved = os.dup(_STDERR)
        except OSError:
            return  # stderr is closed; nothing can be written to it
        _keep_python_heard(_redirection)
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, _STDERR)
        os.close(sink)


def _keep_python_heard(redirection: _Redirection) -> None:
    """Set ``sys.stderr`` to the copy of the real descriptor, unless it was redirected elsewhere."""
    before = sys.__stderr__
    if before is not None and sys.stderr is before:
        with contextlib.suppress(OSError, ValueError):  # its reader may be gone
            before.flush()
        sys.stderr = redirection.stream = _stream_on(os.dup(redirection.saved), before)


def _give_back(redirection: _Redirection) -> None:
    """Restore ``sys.stderr``."""
    stream, redirection.stream = redirection.stream, None
    if stream is not None:
        if sys.stderr is stream:
            sys.stderr = sys.__stderr__
        with contextlib.suppress(OSError, ValueError):
            stream.close()


def _restore() -> None:
    with _redirection.lock:
        _redirection.silencers -= 1
        if _redirection.silencers == 0 and _redirection.saved >= 0:
            os.dup2(_redirection.saved, _STDERR)
            _give_back(_redirection)
            os.close(_redirection.saved)
            _redirection.saved = -1


def _open_log(path: Path | None) -> int:
    if path is not None:
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            grown = path.exists() and path.stat().st_size > _LARGEST_LOG_BYTES
            flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if grown else os.O_APPEND)
            return os.open(path, flags | os.O_APPEND, 0o600)
    return os.open(os.devnull, os.O_WRONLY)


def _stream_on(descriptor: int, like: TextIO) -> io.TextIOWrapper:
    """Make a text stream like Python's own stderr on another descriptor."""
    return io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(descriptor, "w")),
        encoding=like.encoding,
        errors="backslashreplace",
        line_buffering=True,
    )
