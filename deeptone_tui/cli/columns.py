"""Tables on stdout, in the cells of a terminal. Without rich, which takes long to load."""

import unicodedata
from collections.abc import Sequence
from typing import Final

_JOINER: Final = "\N{ZERO WIDTH JOINER}"
_AS_EMOJI: Final = "\N{VARIATION SELECTOR-16}"
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_JOINING_JAMO: Final = range(0x1160, 0x1200)
"""Vowels and final consonants of Hangul, which stand in the cells of what is before them."""


def width_of(text: str) -> int:
    """Return how many cells a text takes: wide letters two, combining and joined ones none."""
    if text.isascii():
        return len(text)
    width = last = 0
    joined = False
    for sign in text:
        if sign == _AS_EMOJI and last == 1:
            width, last = width + 1, 2
        elif not joined and not _joins(sign):
            last = 2 if unicodedata.east_asian_width(sign) in "WF" else 1
            width += last
        joined = sign == _JOINER
    return width


def aligned(rows: Sequence[Sequence[str]], *, right: bool = False) -> list[str]:
    """Return the rows as lines with their cells in columns.

    Args:
        rows: of the same number of cells, at least one.
        right: whether all columns but the first are set to the right.
    """
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        gaps = [" " * (width - width_of(cell)) for cell, width in zip(row, widths, strict=True)]
        cells = [
            gap + cell if right and index else cell + gap
            for index, (cell, gap) in enumerate(zip(row, gaps, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def _joins(sign: str) -> bool:
    """Whether a sign stands in the cells of what is before it, or is not seen at all."""
    if unicodedata.category(sign) in ("Mn", "Me", "Mc", "Cf"):
        return sign != "\N{SOFT HYPHEN}"
    return ord(sign) in _SKIN_TONES or ord(sign) in _JOINING_JAMO
