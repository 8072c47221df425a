"""The monitor with a version of Textual whose private names were not checked."""

import sys
from pathlib import Path

from support.programs.program import surroundings
from support.terminals.terminal import terminal

PROGRAM = """
import sys
from deeptone_tui.core import libraries

true = libraries.installed_version
libraries.installed_version = lambda name: "99.0" if name == "textual" else true(name)
from deeptone_tui.cli import main

sys.argv = ["deeptone-tui", "demo"]
sys.exit(main())
"""


def test_it_runs_by_the_driver_of_textual(tmp_path: Path) -> None:
    """It is drawn, keys are obeyed, and it ends as ever."""
    command = [sys.executable, "-c", PROGRAM]
    with terminal(command, columns=100, env=surroundings(tmp_path)) as session:
        session.wait_for("silence", 60)
        session.leave()
