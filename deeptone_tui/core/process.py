"""Modules of this program run in child processes of their own."""

import sys
from pathlib import Path

_PROGRAM = """\
import importlib, sys
sys.path[:] = sys.argv[2:]
sys.exit(importlib.import_module(sys.argv[1]).main())
"""


def command_of(module: str) -> tuple[str, ...]:
    """Program and arguments that call ``main`` of a module in this interpreter.

    The search path is handed over whole, as `multiprocessing` does: a checkout that is not
    installed works, and a file in the working directory cannot take the place of a module.

    Args:
        module: full name of the module.
    """
    root = str(Path(__file__).parents[2])
    path = dict.fromkeys((*filter(None, sys.path), root))
    return (sys.executable, "-P", "-c", _PROGRAM, module, *path)
