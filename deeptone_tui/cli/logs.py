"""Log file of internal errors, for bug reports; nothing of it reaches the screen."""

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from deeptone_tui.cli.errors import DEBUG_VARIABLE
from deeptone_tui.core.redaction import lines_for_people
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


class Careful(logging.Formatter):
    """Formats records, including tracebacks, without secrets and control characters."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        return lines_for_people(super().format(record))
