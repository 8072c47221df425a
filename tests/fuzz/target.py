"""A place where something comes in from outside, what is made for it, and what is judged."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random
from typing import Any

Judge = Callable[[Any], None]
"""Gives one input to the program. Raises whatever the program raises but the errors that it
promises, and AssertionError where it says or keeps something that it must not."""


@dataclass(frozen=True, slots=True)
class Target:
    """One place. What is made for it depends on the generator alone."""

    name: str
    make: Callable[[Random], Any]
    opened: Callable[[], AbstractContextManager[Judge]]
    short: int = 200
    """Inputs in the short form."""


def fit_for_a_terminal(words: str, *, longest: int = 4000) -> None:
    """Hold words for the user to what a terminal takes.

    Raises:
        AssertionError: for control characters, lone surrogates, or no bound.
    """
    assert len(words) <= longest, f"{len(words)} characters"
    assert not any(
        ord(each) < 0x20 or 0x7F <= ord(each) < 0xA0  # C0, DEL, C1
        for each in words.replace("\n", "")
    ), words[:200]
    words.encode()
