"""The near end of an SSH link: its terminals, and what a monitor shows in them."""

import contextlib
import itertools
import os
import re
import subprocess

import pytest
from support.terminals.answering_terminal import answering_terminal
from support.terminals.ssh_host import SshHost
from support.terminals.terminal import Terminal

_ROW = re.compile(r"^ (\d\d):(\d\d):(\d\d\.\d) .*(speech|silence|music|other) ", re.MULTILINE)
"""A result on the screen."""
_PERIOD = 1.024
_TITLES = 3
_PATIENCE = 60
"""Seconds after which a test hangs."""


class Laptop:
    """The near end, where lines are typed into terminals."""

    def __init__(self, box: SshHost, env: dict[str, str]) -> None:
        self.box = box
        self.env = {**env, "PATH": box.path, "LANG": "C.UTF-8"}

    def types(
        self, line: str, columns: int = 80, rows: int = 24
    ) -> contextlib.AbstractContextManager[Terminal]:
        """Run a line in a terminal of its own, which is closed in the end."""
        command = ["bash", "-c", line]
        return answering_terminal(command, columns=columns, rows=rows, env=self.env)

    def asks(self, line: str) -> str:
        """What a line prints on the server."""
        asked = subprocess.run(
            ["ssh", "-n", "capture-box", line],
            env={**os.environ, **self.env},
            capture_output=True,
            text=True,
            check=True,
            timeout=_PATIENCE,
        )
        return asked.stdout


def wait_for_speech(session: Terminal) -> None:
    """Wait for it among the results on the screen; they are without a gap, and nothing is lost."""
    session.wait_until(lambda: "speech" in words(session.text))
    assert session.text.splitlines()[0].endswith("lost 0 s")
    times = [seconds for seconds, _ in results(session.text)]
    for before, after in itertools.pairwise(times):
        assert after - before == pytest.approx(_PERIOD, abs=0.11)


def results(screen: str) -> list[tuple[float, str]]:
    """The results on a screen: from which second on, and the class."""
    return [
        (int(hours) * 3600 + int(minutes) * 60 + float(seconds), word)
        for hours, minutes, seconds, word in _ROW.findall(screen)
    ]


def reaches_across(screen: str, columns: int) -> bool:
    """Whether each title's line does; it is told to the terminal as a repetition."""
    titles = [row for row in screen.splitlines() if row.startswith("─ ")]
    return len(titles) == _TITLES and all(
        len(row) >= columns - 1 and "───" in row for row in titles
    )


def words(screen: str) -> set[str]:
    """The classes among the results on a screen."""
    return {word for _, word in results(screen)}
