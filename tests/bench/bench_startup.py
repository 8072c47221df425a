"""How long a start takes."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support.programs.program import REPOSITORY
from support.terminals.terminal import terminal

from bench.report import alternately, median_ratio, row

BARE_APP = [sys.executable, str(Path(__file__).with_name("bare_app.py"))]
MONITOR = [sys.executable, "-m", "deeptone_tui", "demo"]
ROUNDS = 7


def seconds_of(command: list[str]) -> float:
    """Time from start to end of a command."""
    compiled = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=REPOSITORY, env=compiled)
    return time.perf_counter() - began


def seconds_to_first_paint(command: list[str], text: str) -> float:
    """Time from start until a text of the first frame has been written to the terminal."""
    with tempfile.TemporaryDirectory() as home:
        began = time.perf_counter()
        with terminal(command, columns=100, rows=30, env={"XDG_STATE_HOME": home}) as session:
            session.wait_until(lambda: text.encode() in session.output)
            return time.perf_counter() - began


def main() -> None:
    """Measure and print, with everything compiled, as an installed package is."""
    seconds_of([sys.executable, "-m", "deeptone_tui", "--version"])
    seconds_to_first_paint(MONITOR, "Level")
    version, bare = alternately(
        lambda: seconds_of([sys.executable, "-m", "deeptone_tui", "--version"]),
        lambda: seconds_of([sys.executable, "-c", "pass"]),
        ROUNDS,
    )
    row("--version", f"{median_ratio(version, bare):.2f} ×", "the bare interpreter's start and end")
    monitor, app = alternately(
        lambda: seconds_to_first_paint(MONITOR, "Level"),
        lambda: seconds_to_first_paint(BARE_APP, "ready"),
        ROUNDS,
    )
    row("first paint", f"{median_ratio(monitor, app):.2f} ×", "a bare Textual app's")


if __name__ == "__main__":
    main()
