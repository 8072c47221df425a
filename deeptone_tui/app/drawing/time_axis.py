"""The time axis: how long ago, from left to right."""

from deeptone_tui.level.decibels import MINUS

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)
_ROOM = 9
"""Cells that a tick and its label need at least."""
_MINUTE = 60


def time_ticks(span: int, columns: int) -> tuple[tuple[int, str], ...]:
    """Columns and labels of the round times before now.

    Args:
        span: seconds over all columns.
        columns: how many there are.
    """
    step = next((step for step in _STEPS if step * columns / span >= _ROOM), span)
    return tuple(
        (round(columns - ago * columns / span), _ago(ago, step))
        for ago in range(span - span % step, 0, -step)
    )


def _ago(seconds: int, step: int) -> str:
    if step % _MINUTE == 0:
        return f"{MINUS}{seconds // _MINUTE} min"
    if seconds < 2 * _MINUTE:
        return f"{MINUS}{seconds} s"
    return f"{MINUS}{seconds // _MINUTE}:{seconds % _MINUTE:02}"
