"""Keys from the terminal while stdin carries audio."""

import contextlib
import os
import sys
from collections.abc import Iterator

from deeptone_tui.audio.source import SourceError

_STDIN = 0


@contextlib.contextmanager
def keys_from_terminal() -> Iterator[int]:
    """Put the terminal on descriptor 0 and give what was piped in a descriptor of its own.

    Enter it before the Textual app is constructed: its driver reads keys from descriptor 0.
    ``sys.stdin`` stays as it is and reads the terminal meanwhile.

    Yields:
        The descriptor with the piped audio, for `SourceOptions.stdin_fd`.

    Raises:
        SourceError: when this process has no terminal to read keys from.
    """
    terminal = _open_terminal()
    audio = os.dup(_STDIN)
    os.dup2(terminal, _STDIN)
    os.close(terminal)
    try:
        yield audio
    finally:
        os.dup2(audio, _STDIN)
        os.close(audio)


def _open_terminal() -> int:
    if sys.platform == "win32":
        raise SourceError(
            "audio on stdin leaves no keys for the screen here; use deeptone-tui stream -"
        )
    try:
        os.fstat(_STDIN)
        return os.open(_terminal_name(), os.O_RDWR | os.O_NOCTTY)
    except OSError as error:
        raise SourceError(
            "the screen needs a terminal for its keys, and stdin carries audio; "
            "use deeptone-tui stream - without a terminal"
        ) from error


def _terminal_name() -> str:
    """The device we write to, by its real name: macOS cannot wait for input on ``/dev/tty``."""
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            return os.ttyname(descriptor)
    return "/dev/tty"
