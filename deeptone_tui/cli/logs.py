"""The log file: what goes wrong inside, for a bug report; nothing of it reaches the screen."""

import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path

from deeptone_tui import paths
from deeptone_tui.cli.errors import DEBUG_VARIABLE

_LARGEST = 1_000_000
"""Bytes after which a new file is begun; one old one is kept."""


def log_file() -> Path:
    """Where the program's own log is."""
    return paths.state_folder() / "deeptone-tui.log"


def native_log_file() -> Path:
    """Where the words of C libraries such as ALSA go while the screen is up."""
    return paths.state_folder() / "native-stderr.log"


def start_logging() -> None:
    """Send the log to its file; where that cannot be written, it is dropped."""
    logging.raiseExceptions = False  # a full disk is no reason for a traceback on the terminal
    root = logging.getLogger()
    root.setLevel(logging.INFO if os.environ.get(DEBUG_VARIABLE) == "1" else logging.WARNING)
    root.addHandler(_handler())


def _handler() -> logging.Handler:
    try:
        log_file().parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            log_file(), maxBytes=_LARGEST, backupCount=1, encoding="utf-8"
        )
    except OSError:
        return logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    return handler
