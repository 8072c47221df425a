"""Texts measured in the cells of a terminal, in which letters take none, one or two.

What will be replaced when it is painted is measured, and cut, as it is painted.
"""

from rich.cells import cell_len

from deeptone_tui.core.text import clean_name
from deeptone_tui.terminal.graphemes import graphemes


def width_of(text: str) -> int:
    """Return how many cells a text takes."""
    return len(text) if text.isascii() and text.isprintable() else cell_len(clean_name(text))


def cut(text: str, width: int) -> str:
    """Return as much of a text as fits into so many cells; no letter is taken apart."""
    if width_of(text) <= width:
        return text
    kept, taken = [], 0
    for grapheme, cells in graphemes(clean_name(text)):
        taken += cells
        if taken > width:
            break
        kept.append(grapheme)
    return "".join(kept)


def fitted(text: str, width: int) -> str:
    """Return the text, its end replaced by an ellipsis where it takes more cells than there are."""
    if width_of(text) <= width:
        return text
    return f"{cut(text, width - 1)}…" if width > 0 else ""


def padded(text: str, width: int, fill: str = " ") -> str:
    """Return the text with something of one cell behind it, up to a width in cells."""
    return text + fill * (width - width_of(text))
