"""Commands that run modules of this program in child processes."""

import sys
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
