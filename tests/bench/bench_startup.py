"""How long a start takes."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence

from support.programs.program import PROGRAM, REPOSITORY

from bench.report import BARE_APP, MONITOR, alternately, at_home, median_ratio, row

ROUNDS = 7


def seconds_of(command: Sequence[str]) -> float:
    """Time from start to end of a command."""
    compiled = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=REPOSITORY, env=compiled)
    return time.perf_counter() - began


def seconds_to_first_paint(command: Sequence[str], text: str) -> float:
    """Time from start until a text of the first frame has been written to the terminal."""
    began = time.perf_counter()
    with at_home(command) as session:
        session.wait_until(lambda: text.encode() in session.output)
        return time.perf_counter() - began


def main() -> None:
    """Measure and print, with everything compiled, as an installed package is."""
    seconds_of([*PROGRAM, "--version"])
    seconds_to_first_paint(MONITOR, "Level")
    version, bare = alternately(
        lambda: seconds_of([*PROGRAM, "--version"]),
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
