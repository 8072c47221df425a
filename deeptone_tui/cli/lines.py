"""Lines on stdout for another program, which may stop reading at any time."""

import select
import sys
from typing import TextIO

from deeptone_tui.cli.errors import RunError
from deeptone_tui.output import for_people


def write_line(line: str) -> None:
    """Write a line for people at once.

    Raises:
        BrokenPipeError: when nobody reads it.
        RunError: when there is no stdout.
    """
    _write(for_people(line))


def write_json(text: str) -> None:
    """Write a line for programs at once.

    Args:
        text: as `deeptone_tui.output.to_json` makes it.

    Raises:
        BrokenPipeError: when nobody reads it.
        RunError: when there is no stdout.
    """
    _write(text)


def _write(line: str) -> None:
    stdout = _stdout()
    stdout.write(f"{line}\n")
    stdout.flush()


def check_reader() -> None:
    """Find out whether the reader has gone, without writing: results may be long in coming.

    Raises:
        BrokenPipeError: when it has.
        RunError: when there is no stdout.
    """
    stdout = _stdout()
    if not hasattr(select, "poll"):  # Windows: found out by the next line
        return
    poll = select.poll()
    try:
        poll.register(stdout.fileno(), 0)  # errors are always reported
        events = poll.poll(0)
    except (OSError, ValueError):  # no descriptor to ask about
        return
    if any(event & select.POLLERR for _, event in events):
        raise BrokenPipeError


def _stdout() -> TextIO:
    if sys.stdout is None:
        raise RunError("stdout is closed, and results are written there")
    return sys.stdout
