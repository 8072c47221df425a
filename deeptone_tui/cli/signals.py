"""Clean termination by signals."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from deeptone_tui.cli.errors import Interrupted
from deeptone_tui.core.diagnostics import hurry

ENDING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Signals that ask a program to end; Windows has no SIGHUP."""


@contextmanager
def ending_signals() -> Iterator[None]:
    """Raise `Interrupted` in the main thread at the first ending signal, and only once.

    Later ones are ignored until the block is left, so that cleanup is not cut short; every wait in
    it has a timeout. A SIGHUP that was ignored (``nohup``) stays ignored.
    """
    before = {number: signal.getsignal(number) for number in ENDING}

    def end(number: int, _frame: FrameType | None) -> NoReturn:
        for other in ENDING:
            signal.signal(other, signal.SIG_IGN)
        hurry()
        raise Interrupted(number)

    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
