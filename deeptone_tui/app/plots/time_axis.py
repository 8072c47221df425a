"""The time axis: how long ago, from left to right, and where something has changed."""

from collections.abc import Collection

from deeptone_tui.dsp.decibels import MINUS

TICK = "╵"
"""Stands at a time."""
CHANGE = "▼"
"""Stands where something else has come into force."""

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)
_ROOM = 9
"""Cells that a tick and its label need at least."""
_MINUTE = 60
_NOW = f"now{TICK}"


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


def axis_row(span: int, columns: int, changes: Collection[int], width: int) -> str:
    """The whole axis, one character a column.

    A change goes before the words of a label, which are left out while it stands in them, and so
    are those that have no room before now.

    Args:
        span: seconds over all columns.
        columns: how many there are.
        changes: those of them in which something has changed.
        width: characters, at least one more than columns.
    """
    row = [" "] * width
    labels = [(column, f"{TICK}{label}") for column, label in time_ticks(span, columns)]
    now = columns - len(_NOW) + 1
    for start, text in (*labels, (now, _NOW)):
        crowded = start < now < start + len(text)
        hidden = crowded or any(start <= column < start + len(text) for column in changes)
        shown = "".join(sign if sign == TICK else " " for sign in text) if hidden else text
        row[start : start + len(text)] = shown
    for column in changes:
        row[column] = CHANGE
    return "".join(row[:width])


def _ago(seconds: int, step: int) -> str:
    if step % _MINUTE == 0:
        return f"{MINUS}{seconds // _MINUTE} min"
    if seconds < 2 * _MINUTE:
        return f"{MINUS}{seconds} s"
    return f"{MINUS}{seconds // _MINUTE}:{seconds % _MINUTE:02}"
