"""From ``sys.argv`` and the environment to an exit code, and the end over a hung thread."""

import os
import re
import sys
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from deeptone_tui.cli.errors import ExitCode, report
from deeptone_tui.cli.root import COMPLETION_VARIABLE, PROGRAM, program
from deeptone_tui.core.diagnostics import settle_diagnostics, tell_on_stderr

WEB_DRIVER = "textual.drivers.web_driver:WebDriver"
"""Value to which textual-serve sets ``TEXTUAL_DRIVER`` for the programs that it shows."""

_WRITTEN = ("SSLKEYLOGFILE", "TEXTUAL_LOG")
"""Variables naming files that are opened unchecked: by Python's TLS for each context, and by
Textual."""
_LOGINS = "NETRC"
"""Variable naming a file with users and passwords other than ``~/.netrc``."""
_KNOWN = {
    "TEXTUAL_DRIVER": (WEB_DRIVER,),
    "TEXTUAL_COLOR_SYSTEM": ("auto", "standard", "256", "truecolor", "windows"),
}
_SHOWN_CHARS = 200
"""Maximum characters of a value that are repeated."""
_SIZES = ("COLUMNS", "LINES")
_SIZE = re.compile(r"0*[1-9][0-9]{0,3}", re.ASCII)
_BASES = tuple(f"XDG_{name}_HOME" for name in ("CONFIG", "STATE", "CACHE", "DATA"))


def without_unusable(environment: MutableMapping[str, str]) -> list[str]:
    """Remove unusable variables, and return a line for each that may be missed.

    Variables whose value means the same as unset are removed without a line.
    """
    _without_meaningless(environment)
    found = list(_faults(environment))
    if not found:
        return []
    from deeptone_tui.core.redaction import short_line  # noqa: PLC0415  hardly ever

    return [
        f"{name}: {short_line(environment.pop(name), _SHOWN_CHARS)} cannot be {fault},"
        " so it is passed over"
        for name, fault in found
    ]


def keep_secrets_of(environment: Mapping[str, str]) -> None:
    """Let the redactor learn the secrets in the environment."""
    if any(name.startswith("DEEPTONE_") or name.lower().endswith("_proxy") for name in environment):
        from deeptone_tui.core.redaction import redacted  # noqa: PLC0415  often there is nothing

        redacted.learn_environment(environment)


def _faults(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the name of each unusable variable, and what cannot be done with it."""
    for name in _WRITTEN:
        if name in environment and not _writable(Path(environment[name])):
            yield name, "written"
    for name, known in _KNOWN.items():
        if name in environment and environment[name] not in known:
            yield name, "used"
    if _LOGINS in environment:
        from deeptone_tui.session.proxies import fault_of  # noqa: PLC0415  hardly ever

        if fault := fault_of(Path(environment[_LOGINS])):
            yield _LOGINS, f"used ({fault})"


def _without_meaningless(environment: MutableMapping[str, str]) -> None:
    """Remove variables that mean the same as unset by their conventions; set a missing home."""
    for name in ("NO_COLOR", *_WRITTEN, *_KNOWN, _LOGINS):  # no-color.org for the first
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


def _writable(place: Path) -> bool:
    """Return True if a file appears to be writable."""
    try:
        if place.exists():
            return not place.is_dir() and os.access(place, os.W_OK)
        return place.parent.is_dir() and os.access(place.parent, os.W_OK)
    except (OSError, ValueError):
        return False


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program.

    Args:
        arguments: arguments after the program's name; None for those of this process.

    Returns:
        The exit code: 0 done, 1 failed while running, 2 wrong usage or parameters, 130 interrupted
        from the keyboard (128 + N by another signal N).
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        keep_secrets_of(os.environ)
        for words in without_unusable(os.environ):
            if COMPLETION_VARIABLE not in os.environ:  # it would appear in the line being typed
                tell_on_stderr(f"{words}\n")
        result = _run(given)
        code = result if isinstance(result, int) else ExitCode.DONE
    except BaseException as error:  # noqa: BLE001  the one place that turns errors into words
        code = report(error, given)
    settle_diagnostics()
    if arguments is None and call_hangs():
        end_at_once(code)
    return code


def _run(arguments: list[str]) -> object:
    """Run the command, or answer a completion request of the shell.

    click's own ``main`` is not used: it returns exit code 1 if the reader of stdout has gone.
    """
    instruction = os.environ.get(COMPLETION_VARIABLE)
    if instruction:
        from deeptone_tui.cli.completion import shell_complete  # noqa: PLC0415  only when completing

        return shell_complete(program, {}, PROGRAM, COMPLETION_VARIABLE, instruction)
    with program.make_context(PROGRAM, arguments) as context:
        return program.invoke(context)
