"""Whether there is a terminal that the screen can be drawn on."""

import os
import sys
from typing import TextIO

from deeptone_tui.cli.errors import WrongUsage

_NOT_TERMINALS = {"", "dumb", "unknown"}


def require_terminal(*, stdin_is_audio: bool) -> None:
    """Refuse where no screen can be drawn.

    Args:
        stdin_is_audio: the keys come from the controlling terminal then, not from stdin.

    Raises:
        WrongUsage: in one line with what to do instead.
    """
    reason = _reason(stdin_is_audio=stdin_is_audio)
    if reason is not None:
        raise WrongUsage(f"{reason}; 'deeptone-tui stream' prints results without a screen")


def _reason(*, stdin_is_audio: bool) -> str | None:
    """Why no screen can be drawn; None when it can."""
    if not _is_terminal(sys.stdout):
        return "stdout is not a terminal"
    if os.name != "posix":
        return None
    term = os.environ.get("TERM", "")
    if term in _NOT_TERMINALS:
        return f"the terminal cannot draw a screen (TERM={term or 'not set'})"
    if stdin_is_audio:
        if _is_terminal(sys.stdin):
            return "the audio is to come from stdin, but that is the terminal"
        return None if _has_controlling_terminal() else "there is no terminal for the keys"
    return None if _is_terminal(sys.stdin) else "stdin is not a terminal"


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether it is one; a stream that was closed before the start is None, and is not."""
    return stream is not None and stream.isatty()


def _has_controlling_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
