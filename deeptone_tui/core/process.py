"""Child processes: the command that runs one, and its end with its parent."""

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

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
