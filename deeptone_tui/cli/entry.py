"""From ``sys.argv`` and the environment to an exit code, and the end over a hung thread."""

import os
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from deeptone_tui.cli.errors import report
from deeptone_tui.cli.root import COMPLETION_VARIABLE, PROGRAM, program
from deeptone_tui.core.line_writer import settle_diagnostics, tell_on_stderr
from deeptone_tui.core.process import ExitCode
from deeptone_tui.core.redaction import redacted, short_line

WEB_DRIVER = "textual.drivers.web_driver:WebDriver"
"""Value to which textual-serve sets ``TEXTUAL_DRIVER`` for the programs that it shows."""

_SHOWN_CHARS = 200
"""Maximum characters of a value that are repeated."""
_COLOR_SYSTEMS = ("auto", "standard", "256", "truecolor", "windows")
_SIZES = ("COLUMNS", "LINES")
_SIZE = re.compile(r"0*[1-9][0-9]{0,3}", re.ASCII)
_BASES = tuple(f"XDG_{name}_HOME" for name in ("CONFIG", "STATE", "CACHE", "DATA"))


def without_unusable(environment: MutableMapping[str, str]) -> list[str]:
    """Remove unusable variables, and return a line for each that may be missed.

    Variables whose value means the same as unset are removed without a line.
    """
    _without_meaningless(environment)
    faults = {
        name: fault
        for name, fault_of in _FAULTS.items()
        if name in environment and (fault := fault_of(environment[name]))
    }
    return [
        f"{name}: {short_line(environment.pop(name), _SHOWN_CHARS)} cannot be {fault},"
        " so it is ignored"
        for name, fault in faults.items()
    ]


def _without_meaningless(environment: MutableMapping[str, str]) -> None:
    """Remove variables that mean the same as unset by their conventions; set a missing home."""
    for name in ("NO_COLOR", *_FAULTS):  # no-color.org for the first
        if environment.get(name) == "":
            del environment[name]
    for name in _SIZES:
        if not _SIZE.fullmatch(environment.get(name, "1")):
            del environment[name]
    if os.name != "posix":
        return
    for name in _BASES:  # XDG Base Directory Specification: relative ones are invalid
        if not environment.get(name, "/").startswith("/"):
            del environment[name]
    if not environment.get("HOME", "").startswith("/"):
        environment["HOME"] = _home()


def _home() -> str:
    """Return the user's home; the root if the system does not know the user, as in containers."""
    import pwd  # noqa: PLC0415  hardly ever, and not everywhere

    try:
        return pwd.getpwuid(os.getuid()).pw_dir or "/"
    except KeyError:
        return "/"


def _unwritable(value: str) -> str:
    """Return ``written`` if a file appears not to be writable."""
    place = Path(value)
    try:
        if place.exists():
            fits = not place.is_dir() and os.access(place, os.W_OK)
        else:
            fits = place.parent.is_dir() and os.access(place.parent, os.W_OK)
    except (OSError, ValueError):
        fits = False
    return "" if fits else "written"


def _unusable_logins(value: str) -> str:
    """Return why a file of users and passwords cannot be used; empty if it can."""
    from deeptone_tui.session.proxies import fault_of  # noqa: PLC0415  hardly ever

    fault = fault_of(Path(value))
    return f"used ({fault})" if fault else ""


_FAULTS: Mapping[str, Callable[[str], str]] = {
    "SSLKEYLOGFILE": _unwritable,  # opened unchecked by Python's TLS for each context
    "TEXTUAL_LOG": _unwritable,  # the same by Textual
    "TEXTUAL_DRIVER": lambda value: "" if value == WEB_DRIVER else "used",
    "TEXTUAL_COLOR_SYSTEM": lambda value: "" if value in _COLOR_SYSTEMS else "used",
    "NETRC": _unusable_logins,  # a file of logins other than ~/.netrc
}
"""What cannot be done with the values of variables, by name; empty if nothing is wrong."""


def end_at_once(code: int) -> NoReturn:
    """End the process without the libraries' finalisers, which would free what a thread still uses.

    Args:
        code: the exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # there may be none
            stream.flush()
    os._exit(code)


def call_hangs() -> bool:
    """Return True if an abandoned call into a sound library still hangs."""
    threads = sys.modules.get("deeptone_tui.core.blocking")  # if not loaded, nothing was called
    return threads is not None and threads.calls_under_way()


def run(arguments: list[str] | None) -> int:
    """Run the program; see `deeptone_tui.cli.main`."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        redacted.learn_environment(os.environ)
        for words in without_unusable(os.environ):
            if COMPLETION_VARIABLE not in os.environ:  # it would appear in the line being typed
                tell_on_stderr(f"{words}\n")
        result = _invoke(given)
        code = result if isinstance(result, int) else ExitCode.DONE
    except BaseException as error:  # noqa: BLE001  the one place that turns errors into words
        code = report(error, given)
    settle_diagnostics()
    if arguments is None and call_hangs():
        end_at_once(code)
    return code


def _invoke(arguments: list[str]) -> object:
    """Run the command, or answer a completion request of the shell.

    click's own ``main`` is not used: it returns exit code 1 if the reader of stdout has gone.
    """
    instruction = os.environ.get(COMPLETION_VARIABLE)
    if instruction:
        from deeptone_tui.cli.completion import shell_complete  # noqa: PLC0415  only when completing

        return shell_complete(program, {}, PROGRAM, COMPLETION_VARIABLE, instruction)
    with program.make_context(PROGRAM, arguments) as context:
        return program.invoke(context)
