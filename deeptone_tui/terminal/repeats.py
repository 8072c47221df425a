"""Telling a terminal how often a character comes, instead of writing it that often."""

import re
from typing import Final

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


def shortened(text: str) -> str:
    """A text with repetitions told, where that takes fewer bytes."""
    return _SAME.sub(_repetition, text)


def _repetition(same: re.Match[str]) -> str:
    told = f"{same[1]}\x1b[{len(same[0]) - 1}b"
    return told if len(told.encode()) < len(same[0].encode()) else same[0]
