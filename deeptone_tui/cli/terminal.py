"""Checks of the terminal: whether the screen can be drawn, with which signs and colours."""

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from deeptone_tui.audio.source import SourceError
from deeptone_tui.cli.entry import WEB_DRIVER
from deeptone_tui.cli.errors import WrongUsage

_STDIN = 0

_DRIVER_VARIABLE = "TEXTUAL_DRIVER"
_NOT_TERMINALS = {"", "dumb", "unknown"}


@contextlib.contextmanager
def keys_from_terminal() -> Iterator[int]:
    """Put the terminal on descriptor 0, and move piped input to a descriptor of its own.

    Enter it before the Textual app is constructed: its driver reads keys from descriptor 0.
    ``sys.stdin`` is unchanged, and reads the terminal meanwhile.

    Yields:
        The descriptor of the piped audio, for `SourceOptions.stdin_fd`.

    Raises:
        SourceError: if this process has no terminal to read keys from.
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
            "the screen cannot read keys here while stdin carries audio; use deeptone-tui stream -"
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
    """Return the output terminal by its real name: macOS cannot wait for input on ``/dev/tty``."""
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            return os.ttyname(descriptor)
    return "/dev/tty"


def require_terminal(*, stdin_is_audio: bool) -> None:
    """Raise an error if no screen can be drawn.

    Args:
        stdin_is_audio: True if the keys come from the controlling terminal, not from stdin.

    Raises:
        WrongUsage: in one line, with an alternative.
    """
    if os.environ.get(_DRIVER_VARIABLE) == WEB_DRIVER:
        return  # a browser is the terminal, and talks through pipes
    reason = _reason(stdin_is_audio=stdin_is_audio)
    if reason is not None:
        raise WrongUsage(f"{reason}; 'deeptone-tui stream' prints results without a screen")


def _reason(*, stdin_is_audio: bool) -> str | None:
    """Return in words why no screen can be drawn; None if it can."""
    if not _is_terminal(sys.stdout):
        return "stdout is not a terminal"
    if os.name != "posix":
        return None
    term = os.environ.get("TERM", "")
    if term in _NOT_TERMINALS:
        return f"the terminal cannot draw a screen (TERM={term or 'not set'})"
    if stdin_is_audio:
        if _is_terminal(sys.stdin):
            return "the audio is to come from stdin, but stdin is the terminal"
        return None if has_controlling_terminal() else "there is no terminal for the keys"
    return None if _is_terminal(sys.stdin) else "stdin is not a terminal"


def has_ascii_only(environment: Mapping[str, str], *, coerced: bool = True) -> bool:
    """Return True if the terminal would not show characters other than ASCII.

    That is so for a named locale with an encoding other than UTF-8, even if it is not installed,
    and for a terminal whose fonts have no bars in eighths. Without a named locale, as in containers
    and behind many SSH servers, nothing is known about the terminal, and the result is False.

    Args:
        environment: variables by name.
        coerced: True to ignore an ``LC_CTYPE`` that Python itself sets.
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
    """Return True if Python set ``LC_CTYPE`` itself, as it does if the locale is C (PEP 538)."""
    try:
        started_with = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return bool(sys.flags.utf8_mode)  # which Python turns on with it (PEP 540)
    name = b"LC_CTYPE="
    return not any(each.startswith(name) and each != name for each in started_with)


def keeps_to_256_colours(environment: Mapping[str, str]) -> bool:
    """Return True if true colours are not shown: in GNU screen, which passes on ``COLORTERM``.

    Version 4, which most systems have, interprets such colours as other attributes.

    Args:
        environment: variables by name.
    """
    term = environment.get("TERM", "")
    within = bool(environment.get("STY")) and "TMUX" not in environment
    return within and term.startswith("screen") and "256color" in term


def fit_textual() -> None:
    """Correct what the environment tells Textual about the terminal; call it before its import.

    The terminal may have fewer colours. Its size is what it reports itself: ``COLUMNS`` and
    ``LINES``, which a shell may have exported, do not follow when it changes.
    """
    if keeps_to_256_colours(os.environ):
        os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", "256")
    if os.environ.get(_DRIVER_VARIABLE) != WEB_DRIVER and _knows_its_size(sys.stdout):
        for name in ("COLUMNS", "LINES"):
            os.environ.pop(name, None)


_SIMPLE_FONTS = frozenset({"linux", "vt100", "vt220", "ansi"})
_COERCED = frozenset({"C.UTF-8", "C.utf8", "UTF-8"})
"""Values to which Python itself sets ``LC_CTYPE``."""


def _is_terminal(stream: TextIO | None) -> bool:
    """Return True for a terminal; a stream that was closed before the start is None."""
    return stream is not None and stream.isatty()


def _knows_its_size(stream: TextIO | None) -> bool:
    """Return True for a terminal that knows its size; many serial lines do not."""
    try:
        return stream is not None and all(os.get_terminal_size(stream.fileno()))
    except (OSError, ValueError):
        return False


def has_controlling_terminal() -> bool:
    """Return True if this process has a terminal, whatever its streams are."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
