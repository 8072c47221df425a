"""Block characters in eighths of a cell."""

LEFT = " ▏▎▍▌▋▊▉█"
"""Filled from the left by 0 to 8 eighths."""

LOWER = " ▁▂▃▄▅▆▇█"
"""Filled from below by 0 to 8 eighths."""

EIGHTHS = 8
"""Parts of a cell."""


def column_glyph(height: int, row: int) -> str:
    """The character of one cell of an upright bar.

    Args:
        height: of the whole bar, in eighths of a cell.
        row: of the cell, counted from the bottom row, which is 0.
    """
    return LOWER[min(max(height - row * EIGHTHS, 0), EIGHTHS)]
