"""The monitor on a link that cannot keep up, and on one that takes nothing at all."""

import itertools
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.programs.program import PROGRAM, surroundings
from support.terminals.answering_terminal import AnsweringTerminal, answering_terminal
from support.terminals.terminal import after_the_screen, children_of, is_running

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

SLOW = 1000
"""Bytes a second."""
TWO_SECONDS = 2 * SLOW
RIGHT = "\x1b[C"
MOST_BUFFERED = 30_000
"""Bytes that the system keeps for a pseudo-terminal, with room to spare."""


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[AnsweringTerminal]:
    """The monitor on the demo, with the first results on its screen."""
    command, env = [*PROGRAM, "demo"], surroundings(tmp_path)
    with answering_terminal(command, columns=100, rows=30, env=env) as session:
        session.wait_for("STREAMING", 60)
        session.wait_until(lambda: re.search(r"00:00:0\d\.\d .*silence", session.text) is not None)
        yield session


@pytest.mark.serial
def test_keys_show_at_once_on_a_slow_link(demo: AnsweringTerminal) -> None:
    """What a key did is on the screen within two seconds' bytes, and nothing is lost meanwhile."""
    demo.rate = SLOW
    demo.pump(4.0)
    for level in ("−45.5", "−45.0", "−44.5"):
        demo.send(RIGHT)
        needed = demo.bytes_until(lambda level=level: f"{level} dBFS" in demo.text, TWO_SECONDS)  # type: ignore[misc]
        assert needed <= TWO_SECONDS
        demo.pump(1.0)
    demo.rate = None
    demo.pump(1.0)
    assert "lost 0 s" in demo.text.splitlines()[0]
    heard = re.findall(r"^ 00:(\d\d):(\d\d)\.\d ", demo.text, re.MULTILINE)
    seconds = [int(minutes) * 60 + int(second) for minutes, second in heard]
    assert all(after - before in {1, 2} for before, after in itertools.pairwise(seconds))
    demo.leave()
    assert re.search(rb"captured .*, \d+ results, lost 0 s", after_the_screen(demo)) is not None


@pytest.mark.realtime
def test_quitting_needs_no_terminal_that_reads(demo: AnsweringTerminal) -> None:
    """With the terminal stalled, its buffers full, q ends everything; the screen comes back."""
    children = [demo.pid, *children_of(demo.pid)]
    _fill(demo)
    demo.send("q")
    demo.wait_until(lambda: not any(map(is_running, children)), pumping=False)
    assert demo.wait_for_exit() == 0
    assert b"\x1b[?1049l" in demo.output[-4096:]


@pytest.mark.realtime
def test_a_stalled_terminal_holds_up_nothing(demo: AnsweringTerminal) -> None:
    """It gets the newest state when it reads again, and none of the frames in between."""
    _fill(demo)
    read = len(demo.output)
    demo.send(RIGHT)
    demo.wait_for("−45.5 dBFS")
    assert len(demo.output) - read < MOST_BUFFERED
    assert "lost 0 s" in demo.text.splitlines()[0]


def _fill(session: AnsweringTerminal) -> None:
    """Do not read until the program must have something that it cannot write."""
    for _ in range(60):  # each asks for the whole screen again, which no buffer takes so often
        os.kill(session.pid, signal.SIGWINCH)
        signal.sigtimedwait([], 0.05)
