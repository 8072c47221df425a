"""Gives a target one input after the other, and counts what became of them."""

import itertools
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

from support.terminals.terminal import resident_bytes

from fuzz.target import Target

HANG_S: Final = 2.0
"""Seconds that no input may take."""
_WARM: Final = 200
"""Inputs after which memory is looked at first."""
_MOST_FAILURES: Final = 5


@dataclass(slots=True)
class Figures:
    """What became of the inputs."""

    inputs: int = 0
    failures: list[str] = field(default_factory=list)
    """One line each, with what makes the input again."""
    slowest_s: float = 0.0
    slow: list[int] = field(default_factory=list)
    """Numbers of the inputs that took too long."""
    grown_bytes: int = 0
    """Of resident memory, from the first inputs to the last."""


def made(target: Target, seed: int, number: int) -> object:
    """Make the input of a number again."""
    return target.make(Random(f"{seed} {target.name} {number}"))


def run(target: Target, seed: int, *, first: int = 0, more: Callable[[int], bool]) -> Figures:
    """Judge inputs until there are no more, or too many have failed.

    Args:
        target: what is judged.
        seed: of all inputs.
        first: number of the first input.
        more: whether there are to be more than so many.
    """
    figures = Figures()
    warm_bytes = 0
    try:
        with target.opened() as judge:
            for number in itertools.count(first):
                if not more(figures.inputs) or len(figures.failures) >= _MOST_FAILURES:
                    break
                _judge(target, seed, number, judge, figures)
                if figures.inputs == _WARM:
                    warm_bytes = resident_bytes(os.getpid())
            figures.grown_bytes = resident_bytes(os.getpid()) - warm_bytes if warm_bytes else 0
    except Exception as error:  # noqa: BLE001  it does not end as it should, which is one too
        figures.failures.append(f"{target.name} at its end: {_words(error)}")
    return figures


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:2000]


def _judge(
    target: Target, seed: int, number: int, judge: Callable[[object], None], figures: Figures
) -> None:
    """One input."""
    given = made(target, seed, number)
    begun = time.perf_counter()
    try:
        judge(given)
    except Exception as error:  # noqa: BLE001  whatever it is, it is what is looked for
        figures.failures.append(f"{target.name} --seed {seed} --first {number}: {_words(error)}")
    took_s = time.perf_counter() - begun
    figures.inputs += 1
    figures.slowest_s = max(figures.slowest_s, took_s)
    if took_s > HANG_S:
        figures.slow.append(number)
