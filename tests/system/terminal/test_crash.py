"""An error of our own in the middle of the screen."""

import sys
from pathlib import Path

import pytest
from support.programs.program import surroundings
from support.terminals.terminal import after_the_screen, terminal

CRASHING = """
import sys
from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.screens.main import MainScreen
from deeptone_tui.core import libraries
from deeptone_tui.terminal.keyboard import KeyboardDriver
from deeptone_tui.terminal import writer
from deeptone_tui.terminal.screen_output import ScreenOutput
from textual.drivers import linux_driver
from deeptone_tui.cli import main

class Broken(RuntimeError):
    def __rich__(self):
        return "Traceback: SECRET"

def fail(*given, **named):
    password = "SECRET"
    raise Broken("it is broken")

{0}
sys.argv = ["deeptone-tui", "demo", *{1}]
sys.exit(main())
"""

LATE = """
advance = MainScreen.advance
def advance_until_recorded(self, state, entries):
    advance(self, state, entries)
    if state.recording is not None and state.recording.samples:
        fail()
MainScreen.advance = advance_until_recorded
"""
"""Broken once something is recorded."""


@pytest.mark.parametrize(
    ("broken", "options"),
    [
        ("MainScreen.advance = fail", []),
        ("libraries.installed_version = lambda _: '99.0'; MainScreen.advance = fail", []),
        ("KeyboardDriver.run_input_thread = fail", ["--no-diff"]),
        ("linux_driver.Thread = fail", []),
        ("writer._opened_again = lambda _: None; ScreenOutput._flush_soon = fail", []),
    ],
)
def test_a_crash_restores_the_terminal_and_says_one_line(
    tmp_path: Path, broken: str, options: list[str]
) -> None:
    """With the file that has the rest; no traceback and no local variable on the screen."""
    command = [sys.executable, "-c", CRASHING.format(broken, options)]
    with terminal(command, columns=200, env=surroundings(tmp_path)) as session:
        assert session.wait_for_exit(30) == 1
        told = after_the_screen(session)
        assert b"unexpected Broken" in told
        assert b"crash-" in told
        assert b"Traceback" not in told
        assert b"SECRET" not in session.output


def test_what_was_recorded_before_a_crash_is_told(tmp_path: Path) -> None:
    """It is whole, and somebody wants to know where it is."""
    command = [sys.executable, "-c", CRASHING.format(LATE, ["--record", str(tmp_path)])]
    with terminal(command, columns=200, env=surroundings(tmp_path)) as session:
        assert session.wait_for_exit(60) == 1
        told = after_the_screen(session)
    (folder,) = tmp_path.glob("*/audio-*.wav")
    assert f" in {folder.parent}".encode() in told
    assert b"unexpected Broken" in told
