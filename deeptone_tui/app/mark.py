"""How the threshold mark moves: on a grid of half decibels, from 0 up to full scale.

The numbers of the grid are rounded as every threshold is, by less than 0.005 dB: the next step
finds the same place again, so that any number of steps there and back leads to the same number.
"""

from deeptone_tui.dsp import from_dbfs, round_threshold, to_dbfs

GRID = 0.5
"""Decibels between two places of the mark."""
BOTTOM = -72.0
"""dBFS of the lowest place above 0; a step down from here is 0."""


def nudged(level: float, decibels: float) -> float:
    """Move a mark along the grid.

    Args:
        level: where it stands, 0 to 1, on the grid or off it.
        decibels: how far, up or down, a multiple of `GRID`.

    Returns:
        Where it stands then, 0 to 1. From 0, any step up leads to the bottom of the grid.
    """
    dbfs = to_dbfs(level)
    if dbfs < BOTTOM - GRID / 2:
        return _placed(BOTTOM) if decibels > 0 else 0.0
    return _placed(round(dbfs / GRID) * GRID + decibels)


def snapped(level: float) -> float:
    """The place on the grid that is nearest to a level, such as one under the mouse."""
    dbfs = to_dbfs(level)
    return _placed(round(dbfs / GRID) * GRID) if dbfs >= BOTTOM - GRID / 2 else 0.0


def _placed(dbfs: float) -> float:
    """The threshold of a place, which ends at 0 below and at full scale above."""
    return round_threshold(from_dbfs(min(dbfs, 0.0))) if dbfs >= BOTTOM else 0.0
