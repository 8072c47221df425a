"""What is measured, and how a figure is taken and printed."""

import contextlib
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import soundfile
from support.programs.program import PROGRAM
from support.sources.sounds import Samples
from support.terminals.terminal import Terminal

BARE_APP = (sys.executable, str(Path(__file__).with_name("bare_app.py")))
MONITOR = (*PROGRAM, "demo")
Measured = TypeVar("Measured")


def voices() -> Samples:
    """A woman and a man in turn, 10.24 s."""
    data = Path(__file__).parents[1] / "data"
    names = ("woman.flac", "man.flac")
    return np.concatenate([soundfile.read(data / name, dtype="int16")[0] for name in names])


@contextlib.contextmanager
def at_home(
    command: Sequence[str], *more: str, kind: Callable[..., Terminal] = Terminal
) -> Iterator[Terminal]:
    """Run a command in a terminal of 100 × 30, with a folder of its own for what it keeps."""
    with tempfile.TemporaryDirectory() as home:
        env = {"XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home}
        with kind([*command, *more], columns=100, rows=30, env=env) as session:
            yield session


def alternately(
    first: Callable[[], Measured], second: Callable[[], Measured], rounds: int
) -> tuple[list[Measured], list[Measured]]:
    """Measure two things in turn, so that a machine that changes its speed is fair to both."""
    pairs = [(first(), second()) for _ in range(rounds)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def median_ratio(measured: Sequence[float], baseline: Sequence[float]) -> float:
    """The median of the ratios, pair by pair."""
    return statistics.median(a / b for a, b in zip(measured, baseline, strict=True))


def row(name: str, figure: str, meaning: str) -> None:
    """Print one figure."""
    print(f"{name:<44} {figure:>12}   {meaning}", flush=True)  # noqa: T201  the output of make bench


def say(line: str = "") -> None:
    """Print a line of a report."""
    print(line, flush=True)  # noqa: T201  as above
