"""Job control: how a whole job stops, and takes its terminal again.

A shell sees that a job has stopped when all of it has: ``make``, or what pipes audio in, has to
stop too, or the terminal is nobody's.
"""

import os
import signal
import termios
from contextlib import suppress


def stop_job() -> None:
    """Stop every process of this one's group; returns when it goes on, in the main thread only.

    Where nobody could let it go on, without a shell above it, the system does not stop it either.
    """
    before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    try:
        os.kill(0, signal.SIGTSTP)
    finally:
        signal.signal(signal.SIGTSTP, before)


def await_foreground(terminal: int) -> None:
    """Return when the terminal is this job's; in the background the system stops the job here.

    Args:
        terminal: its descriptor.
    """
    with suppress(termios.error):  # it has gone, or is none
        termios.tcsetattr(terminal, termios.TCSANOW, termios.tcgetattr(terminal))
