"""An error of our own in the middle of the screen."""

import sys
from pathlib import Path

from support.program import surroundings
from support.terminal import after_the_screen, terminal

CRASHING = """
import sys
from deeptone_tui.app.screens.main import MainScreen
from deeptone_tui.cli import main

def advance(self, state, entries):
    password = "SECRET"
    raise RuntimeError("the screen is broken")

MainScreen.advance = advance
sys.argv = ["deeptone-tui", "demo"]
sys.exit(main())
"""


def test_a_crash_restores_the_terminal_and_says_one_line(tmp_path: Path) -> None:
    """With the file that has the rest; no traceback and no local variable on the screen."""
    command = [sys.executable, "-c", CRASHING]
    with terminal(command, columns=200, env=surroundings(tmp_path)) as session:
        assert session.wait_for_exit(30) == 1
        told = after_the_screen(session)
        assert b"unexpected RuntimeError" in told
        assert b"crash-" in told
        assert b"Traceback" not in told
        assert b"SECRET" not in session.output
