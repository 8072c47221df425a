"""Log file and crash reports, for bug reports; nothing of the log reaches the screen."""

import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from deeptone_tui import __version__
from deeptone_tui.cli.errors import DEBUG_VARIABLE, tell
from deeptone_tui.core.redaction import for_people, lines_for_people, redacted
from deeptone_tui.settings import paths

_log = logging.getLogger(__name__)
_LARGEST_BYTES = 1_000_000
"""Maximum bytes of the log file before rotation; one old file is kept."""


def log_file() -> Path:
    """Return the path of the program's own log."""
    return paths.state_folder() / "deeptone-tui.log"


def native_log_file() -> Path:
    """Return the path of the log for the redirected stderr of C libraries such as ALSA."""
    return paths.state_folder() / "native-stderr.log"


def start_logging() -> None:
    """Send the log to its file; discard it if the file cannot be written."""
    logging.raiseExceptions = False  # a full disk is no reason for a traceback on the terminal
    root = logging.getLogger()
    root.setLevel(logging.INFO if os.environ.get(DEBUG_VARIABLE) == "1" else logging.WARNING)
    root.addHandler(_handler())


@contextmanager
def failures_logged() -> Iterator[None]:
    """Send uncaught exceptions in threads and finalisers to the log.

    Python itself prints them, over the screen or between the program's own lines.
    """

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            name = args.thread.name if args.thread is not None else "unknown"
            _log.error("thread %r has failed", name, exc_info=args.exc_value)

    def unraisable(args: "sys.UnraisableHookArgs") -> None:
        if args.exc_value is not None:
            _log.error("%s", args.err_msg or "ignored", exc_info=args.exc_value)

    before = threading.excepthook, sys.unraisablehook
    threading.excepthook, sys.unraisablehook = in_thread, unraisable
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = before


@contextmanager
def libraries_logged() -> Iterator[None]:
    """Send to logs what would be printed over the screen, or between the program's own lines."""
    from deeptone_tui.audio.native_stderr import redirect_native_stderr  # noqa: PLC0415  numpy is not light

    with failures_logged(), redirect_native_stderr(native_log_file()):
        yield


def _handler() -> logging.Handler:
    try:
        log_file().parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            log_file(), maxBytes=_LARGEST_BYTES, backupCount=1, encoding="utf-8"
        )
    except OSError:
        return logging.NullHandler()
    handler.setFormatter(Careful("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    return handler


def report_crash(error: BaseException, arguments: Sequence[str]) -> None:
    """Write a crash report, and say in one line where it is.

    Args:
        error: an unexpected error.
        arguments: the command line; the keys in it are redacted.
    """
    redacted.learn_arguments(arguments)
    trace = lines_for_people("".join(traceback.format_exception(error)))
    if os.environ.get(DEBUG_VARIABLE) == "1":
        sys.stderr.write(trace)
        return
    summary = f"unexpected {type(error).__name__}"
    try:
        place = _write_crash(trace, arguments)
    except OSError:
        tell(f"{summary}; set {DEBUG_VARIABLE}=1 to see where")
    else:
        tell(f"{summary}; the details are in {place}")


def _write_crash(trace: str, arguments: Sequence[str]) -> Path:
    """Write the crash report to a file readable only by this user, and return its path.

    Raises:
        OSError: if it cannot be written.
    """
    folder = paths.state_folder()
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / time.strftime("crash-%Y%m%d-%H%M%S.log")
    command = for_people(" ".join(["deeptone-tui", *arguments]))
    text = f"deeptone-tui {__version__}, Python {sys.version}\n{command}\n\n{trace}"
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:  # noqa: PTH123  a descriptor, no path
        file.write(text)
    return place


class Careful(logging.Formatter):
    """Formats records, including tracebacks, without secrets and control characters."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        return lines_for_people(super().format(record))
