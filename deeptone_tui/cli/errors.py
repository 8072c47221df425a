"""Errors and signals that end the program, each with its exit code and one line that says why."""

import errno
import os
import re
import select
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

import click

from deeptone_tui.core.line_writer import hurry, tell_on_stderr
from deeptone_tui.core.process import ENDING_SIGNALS, ExitCode
from deeptone_tui.core.redaction import for_people
from deeptone_tui.core.text import reason_of

DEBUG_VARIABLE = "DEEPTONE_DEBUG"
"""If set to 1, an unexpected error shows its traceback."""


class RunError(Exception):
    """A failure while running, in one line for people."""


class OutputError(RunError):
    """A failed write to stdout, in one line; what else is missing is then not reported."""


class WrongUsage(click.UsageError):
    """Wrong usage, in one line that says what is allowed.

    Args:
        message: the line.
        about: name of the one parameter at fault, which the message names as it was given: by its
            option or by its variable.
    """

    def __init__(self, message: str, *, about: str | None = None) -> None:
        context = click.get_current_context(silent=True)
        params = [] if context is None else context.command.params
        self.param = next((each for each in params if each.name == about), None)
        # ``tune`` has no parameter "source": it takes several, which the same code checks.
        prefix = f"{about.upper()}: " if about and self.param is None else ""
        super().__init__(f"{prefix}{message}", context)


class Interrupted(BaseException):
    """A signal that ends the program; like ``KeyboardInterrupt`` it is not an ``Exception``."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.code: int = 128 + number
        """Exit code by the shell's convention."""


def report(error: BaseException, arguments: Sequence[str] = ()) -> int:
    """Report an error on stderr, unless it needs no message.

    Args:
        error: the exception that ended the program.
        arguments: the command line for the crash report, where keys are redacted.

    Returns:
        The exit code.
    """
    code = _without_words(error)
    if code is not None:
        return code
    described = _described(error)
    if described is None:
        from deeptone_tui.cli.logs import report_crash  # noqa: PLC0415  hardly ever

        report_crash(error, arguments)
        return ExitCode.FAILED
    line, code = described
    tell(line)
    return code


def tell(line: str) -> None:
    """Write one line of diagnostics to stderr; a missing reader is not an error."""
    words = for_people(_WRAPPED.sub(" ", line))
    if len(words) > _LONGEST_CHARS:  # the fault is named before or after the given value
        words = f"{words[: _LONGEST_CHARS // 2]}…{words[-_LONGEST_CHARS // 2 :]}"
    tell_on_stderr(f"deeptone-tui: {words}\n")


_WRAPPED = re.compile(r"\n[ \t]+")
"""Line break within a library's message; a newline alone may be part of a name, which is shown."""
_LONGEST_CHARS = 2000
"""Maximum characters of a line; a given value need not be repeated in full."""
_STDOUT = 1
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def _described(error: BaseException) -> tuple[str, int] | None:
    """Return the message and exit code of a known error; None for an unexpected one."""
    if isinstance(error, click.UsageError):
        return " ".join(_usage_line(error).split()), ExitCode.USAGE  # click lists choices in lines
    if isinstance(error, click.ClickException):
        return error.format_message(), ExitCode.FAILED
    if isinstance(error, OSError) and error.errno in _FULL:
        _drop_stdout()
        return f"the output cannot be written: {reason_of(error)}", ExitCode.FAILED
    code = _code_of(error)
    return None if code is None else (str(error), code)


def _code_of(error: BaseException) -> ExitCode | None:
    """Return the exit code of an error of this program that is its own message, if it is one."""
    from deeptone_tui.protocol import ParameterError  # noqa: PLC0415  loaded when it is needed
    from deeptone_tui.settings.config import ConfigurationError  # noqa: PLC0415  the same

    if isinstance(error, ParameterError | ConfigurationError):
        return ExitCode.USAGE
    from deeptone_tui.audio import SourceError  # noqa: PLC0415  the same
    from deeptone_tui.session import TargetError  # noqa: PLC0415  the same

    return ExitCode.FAILED if isinstance(error, RunError | SourceError | TargetError) else None


def _without_words(error: BaseException) -> int | None:
    """Return the exit code of an end that needs no message; None for any other."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else ExitCode.FAILED
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, Interrupted | KeyboardInterrupt | click.Abort):
        _drop_stuck_stdout()
        return error.code if isinstance(error, Interrupted) else ExitCode.INTERRUPTED
    if isinstance(error, BrokenPipeError):
        _drop_stdout()
        return ExitCode.DONE  # the reader has had what it wanted (``| head -1``)
    return None


def _drop_stdout() -> None:
    """Redirect stdout to the null device, so that the interpreter's last flush cannot fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STDOUT)
    os.close(nowhere)


def _drop_stuck_stdout() -> None:
    """Redirect a blocked stdout to the null device: the last flush would wait for its reader."""
    if not hasattr(select, "poll"):
        return
    poll = select.poll()
    poll.register(_STDOUT, select.POLLOUT)
    with suppress(OSError):
        if not poll.poll(0):
            _drop_stdout()


def _usage_line(error: click.UsageError) -> str:
    """Return click's message, prefixed with the option or environment variable at fault."""
    context = error.ctx
    parameter = error.param if isinstance(error, click.BadParameter | WrongUsage) else None
    if context is None or parameter is None or parameter.name is None:
        return error.format_message()
    source = context.get_parameter_source(parameter.name)
    if source is click.core.ParameterSource.ENVIRONMENT and isinstance(parameter.envvar, str):
        return f"{parameter.envvar}: {error.message}"
    if isinstance(error, click.MissingParameter):
        return error.format_message()
    name = (
        parameter.opts[0] if isinstance(parameter, click.Option) else parameter.human_readable_name
    )
    return f"{name}: {error.message}"


@contextmanager
def ending_signals() -> Iterator[None]:
    """Raise `Interrupted` in the main thread at the first ending signal, and only once.

    Later ones are ignored until the block is left, so that cleanup is not cut short; every wait in
    it has a timeout. A SIGHUP that was ignored (``nohup``) stays ignored.
    """
    before = {number: signal.getsignal(number) for number in ENDING_SIGNALS}

    def end(number: int, _frame: FrameType | None) -> NoReturn:
        for other in ENDING_SIGNALS:
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
