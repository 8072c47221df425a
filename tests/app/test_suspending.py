"""Ctrl+z and fg, in a terminal."""

import os
import signal
import sys
from pathlib import Path

import pytest
from support import scene_app
from support.terminal import after_the_screen, terminal

LEAVE_ALTERNATE_SCREEN = b"\x1b[?1049l"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_whole_screen_is_drawn_when_it_comes_back() -> None:
    """The terminal is the shell's meanwhile, and empty afterwards."""
    with terminal([sys.executable, scene_app.__file__]) as session:
        session.wait_for("Last minute")
        session.send("\x1a")
        session.wait_until(lambda: _state(session.pid) == "T")
        session.pump(0.1)
        assert LEAVE_ALTERNATE_SCREEN in session.output
        written = len(session.output)
        os.kill(session.pid, signal.SIGCONT)
        titles = [b"STREAMING", b"Level", b"Last minute", b"Results", b"quit"]
        session.wait_until(lambda: all(title in session.output[written:] for title in titles))
        session.send("q")
        assert session.wait_for_exit() == 0
        assert b"captured 00:01:16, 75 results, lost 0 s" in after_the_screen(session)


def _state(pid: int) -> str:
    """The letter of a process's state (Linux)."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
