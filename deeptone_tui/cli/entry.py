"""Entry point: from ``sys.argv`` to an exit code, and a forced exit if a thread does not end."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from deeptone_tui.cli.environment import keep_secrets_of, without_unusable
from deeptone_tui.cli.errors import ExitCode, report
from deeptone_tui.cli.root import COMPLETION_VARIABLE, PROGRAM, program
from deeptone_tui.core.diagnostics import settle_diagnostics, tell_on_stderr


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
    threads = sys.modules.get("deeptone_tui.audio.threads")  # if not loaded, nothing was called
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
