"""Processes: exit codes, ending signals, the command of a child, and its end with its parent."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path

ENDING_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Signals that ask a program to end; Windows has no SIGHUP."""


class ExitCode(IntEnum):
    """Exit codes of the program."""

    DONE = 0
    FAILED = 1
    """A failure while running: a lost device, an endpoint that refuses."""
    USAGE = 2
    """Wrong usage or parameters, found before anything was opened."""
    INTERRUPTED = 130
    """Ctrl+C."""


_PROGRAM = """\
import importlib, sys
sys.path[:] = sys.argv[2:]
sys.exit(importlib.import_module(sys.argv[1]).main())
"""


def command_of(module: str) -> tuple[str, ...]:
    """Return the command that calls ``main`` of a module in a child process of this interpreter.

    The whole search path is passed on, as `multiprocessing` does: a checkout that is not installed
    works, and a file in the working directory cannot shadow a module.

    Args:
        module: full name of the module.
    """
    root = str(Path(__file__).parents[2])
    path = dict.fromkeys((*filter(None, sys.path), root))
    return (sys.executable, "-P", "-c", _PROGRAM, module, *path)


def end_with_parent(wait: Callable[[], object], *, exit_code: int = 0) -> None:
    """Exit at once, in whatever state, when the parent process has ended.

    Args:
        wait: blocks until the parent has ended; runs in a thread of its own.
        exit_code: exit code of this process then.
    """

    def watch() -> None:
        wait()
        os._exit(exit_code)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()
