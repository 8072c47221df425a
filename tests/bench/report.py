"""How a figure is taken and printed."""

import statistics
from collections.abc import Callable, Sequence


def alternately(
    first: Callable[[], float], second: Callable[[], float], rounds: int
) -> tuple[list[float], list[float]]:
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
