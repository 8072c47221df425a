"""The end of the process over a thread that does not end."""

import os
import sys
from contextlib import suppress
from typing import NoReturn


def end_at_once(code: int) -> NoReturn:
    """End without the libraries' own ends, which would take from under a thread what it stands on.

    Args:
        code: the exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # there may be none
            stream.flush()
    os._exit(code)


def call_hangs() -> bool:
    """Whether a call into a sound library was given up, and hangs still."""
    threads = sys.modules.get("deeptone_tui.audio.threads")  # else nothing was called
    return threads is not None and threads.calls_under_way()
