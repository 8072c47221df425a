"""Whether there is a terminal that the screen can be drawn on."""

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from deeptone_tui.audio.source import SourceError
from deeptone_tui.cli.environment import WEB_DRIVER
from deeptone_tui.cli.errors import WrongUsage

_STDIN = 0

_DRIVER_VARIABLE = "TEXTUAL_DRIVER"
_NOT_TERMINALS = {"", "dumb", "unknown"}


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


def require_terminal(*, stdin_is_audio: bool) -> None:
    """Refuse where no screen can be drawn.

    Args:
        stdin_is_audio: the keys come from the controlling terminal then, not from stdin.

    Raises:
        WrongUsage: in one line with what to do instead.
    """
    if os.environ.get(_DRIVER_VARIABLE) == WEB_DRIVER:
        return  # a browser is the terminal, and talks through pipes
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


def has_ascii_only(environment: Mapping[str, str], *, coerced: bool = True) -> bool:
    """Whether other signs than those of ASCII would not be shown.

    A locale that is named and has another encoding than UTF-8 says so, also where it is not
    installed, and so does a terminal whose fonts have no bars in eighths. Where no locale is named,
    as in containers and behind many an SSH server, nothing is said about the terminal.

    Args:
        environment: variables by name.
        coerced: whether an ``LC_CTYPE`` that Python sets itself is Python's.
    """
    if environment.get("TERM") in _SIMPLE_FONTS:
        return True
    said = [environment.get(name) or "" for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    if coerced and said[1] in _COERCED:
        said[1] = ""
    locale = next(filter(None, said), "")
    encoding = locale.partition("@")[0].rpartition(".")[2].lower()
    return bool(locale) and encoding.replace("-", "").replace("_", "") != "utf8"


def locale_is_coerced() -> bool:
    """Whether ``LC_CTYPE`` is Python's own: it sets it where it finds no locale but C (PEP 538)."""
    try:
        started_with = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return bool(sys.flags.utf8_mode)  # which Python turns on with it (PEP 540)
    name = b"LC_CTYPE="
    return not any(each.startswith(name) and each != name for each in started_with)


def keeps_to_256_colours(environment: Mapping[str, str]) -> bool:
    """Whether true colours would not arrive: in GNU screen, which hands on ``COLORTERM``.

    Its fourth version, the one that most systems have, takes such colours for other attributes.

    Args:
        environment: variables by name.
    """
    term = environment.get("TERM", "")
    within = bool(environment.get("STY")) and "TMUX" not in environment
    return within and term.startswith("screen") and "256color" in term


def fit_textual() -> None:
    """Tell Textual what the terminal is where the environment says otherwise; before its import.

    Its colours may be fewer; and its size is what it says itself, while ``COLUMNS`` and ``LINES``,
    which a shell may have exported, do not follow when it changes.
    """
    if keeps_to_256_colours(os.environ):
        os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", "256")
    if os.environ.get(_DRIVER_VARIABLE) != WEB_DRIVER and _knows_its_size(sys.stdout):
        for name in ("COLUMNS", "LINES"):
            os.environ.pop(name, None)


_SIMPLE_FONTS = frozenset({"linux", "vt100", "vt220", "ansi"})
_COERCED = frozenset({"C.UTF-8", "C.utf8", "UTF-8"})
"""What Python itself sets ``LC_CTYPE`` to."""


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether it is one; a stream that was closed before the start is None, and is not."""
    return stream is not None and stream.isatty()


def _knows_its_size(stream: TextIO | None) -> bool:
    """Whether it is a terminal that does; many a serial line does not."""
    try:
        return stream is not None and all(os.get_terminal_size(stream.fileno()))
    except (OSError, ValueError):
        return False


def _has_controlling_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
