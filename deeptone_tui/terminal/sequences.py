"""Escape sequences and text in as few bytes as can be: moves, repeated characters, UTF-8."""

import re
from functools import lru_cache
from typing import Final

Place = tuple[int, int]
"""Column and row, from 0."""
_FEW = 4
"""Steps back that are told one by one in fewer bytes than as a number."""

QUESTION: Final = "\x1b[H─\x1b[b\x1b[6n"
"""A line of two cells, the second by repetition, and then: where is the cursor?

Many a terminal that passes for xterm does not know repetition, and terminfo only knows what it
passes for. The answer tells. A blank would not do: tmux up to 3.4 repeats ASCII and nothing else.
"""
ANSWER: Final = 2
"""The column, from 0, of the answer of a terminal that has understood."""
SHORTEST: Final = 6
"""Characters of a text that may hold a repetition worth telling."""
_SAME: Final = re.compile(r"([ -~\u2500-\u259f])\1{4,}")
"""Characters that every terminal takes for one cell, often enough for it to be shorter."""


def octets(text: str) -> bytes:
    """A text in UTF-8.

    Names of files need not be UTF-8; Python keeps their other bytes as surrogates, which are
    counted as one cell, and cannot be written: a question mark is shown for each.
    """
    return text.encode("utf-8", "replace")


@lru_cache(8192)
def move(start: Place | None, end: Place) -> str:
    """The shortest sequence that takes the cursor somewhere.

    Args:
        start: where it is; None where that is not certain, as behind the last column.
        end: where it goes.
    """
    x, y = end
    if start == end:
        return ""
    ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"]
    if start is not None:
        ways.append(_across(start[0], x) + _down(y - start[1]))
    return min(ways, key=len)


def _across(start: int, end: int) -> str:
    """The shortest way within a row."""
    steps = end - start
    if steps == 0:
        return ""
    if end == 0:
        return "\r"
    if -_FEW <= steps < 0:
        return "\b" * -steps
    relative = _steps(abs(steps), "C" if steps > 0 else "D")
    return min(relative, f"\x1b[{end + 1}G", key=len)


def _down(steps: int) -> str:
    """The shortest way within a column; a line feed would not stay in it everywhere."""
    if steps == 0:
        return ""
    return _steps(abs(steps), "B" if steps > 0 else "A")


def _steps(number: int, final: str) -> str:
    return f"\x1b[{number if number > 1 else ''}{final}"


def shortened(text: str) -> str:
    """A text with repetitions told, where that takes fewer bytes."""
    return _SAME.sub(_repetition, text)


def _repetition(same: re.Match[str]) -> str:
    told = f"{same[1]}\x1b[{len(same[0]) - 1}b"
    return told if len(told.encode()) < len(same[0].encode()) else same[0]
