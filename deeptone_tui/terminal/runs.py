"""The runs of text that turn one row into another."""

from collections.abc import Iterator
from itertools import compress
from operator import is_not
from typing import NamedTuple

from deeptone_tui.terminal.canvas import Row
from deeptone_tui.terminal.graphemes import graphemes, is_certain, is_narrow, may_spill
from deeptone_tui.terminal.octets import octets
from deeptone_tui.terminal.pens import Pen

_GAP = 4
"""Bytes that a move over a gap costs at most; fewer that stand there are written again."""


class Run(NamedTuple):
    """Text side by side in one pen."""

    y: int
    x: int
    text: str
    pen: Pen
    end: int | None
    """The column that the cursor is in afterwards; None where terminals do not agree."""


def changed_columns(old: Row, new: Row) -> list[int]:
    """Where a row has to be drawn: what differs and is known."""
    columns = compress(range(len(new)), map(is_not, old, new))
    return [x for x in columns if new[x] is not None]


def with_spilt(row: Row, columns: list[int]) -> list[int]:
    """The same with all that stands behind a grapheme that may be shown wider than it counts for.

    Args:
        row: what it is to show.
        columns: those that have to be drawn, ascending.
    """
    for number, x in enumerate(columns):
        cell = row[x]
        if cell is not None and len(cell.text) > 1 and may_spill(cell.text):
            return columns[:number] + [after for after in range(x, len(row)) if row[after]]
    return columns


def runs_in(y: int, row: Row, columns: list[int]) -> list[Run]:
    """The runs that draw some columns of a row, with what lies between where that is cheap.

    Args:
        y: which row it is.
        row: what it is to show.
        columns: those that have to be drawn, ascending.
    """
    runs: list[Run] = []
    left = iter(columns)
    x = next(left, None)
    while x is not None and (cell := row[x]) is not None:
        start, end, pen, text = x, x + 1, cell.pen, cell.text
        for x in left:
            after = row[x]
            if after is None or after.pen is not pen:
                break
            if x != end:
                between = _cheap_text(row[end:x], pen)
                if not between:
                    break
                text += between
            text += after.text
            end = x + 1
        else:
            x = None
        if len(text) == end - start and is_narrow(text):
            runs.append(Run(y, start, text, pen, end if end < len(row) else None))
        else:
            runs += _runs_of_graphemes(y, _with_heads(row, start, end), row)
    return runs


def _cheap_text(gap: Row, pen: Pen) -> str:
    """What stands in a gap, where writing it costs no more than to move over it; else nothing."""
    if len(gap) > _GAP:
        return ""
    text = "".join([cell.text for cell in gap if cell is not None and cell.pen is pen])
    cheap = len(text) == len(gap) and len(octets(text)) <= _GAP and is_narrow(text)
    return text if cheap else ""


def _with_heads(row: Row, start: int, end: int) -> range:
    """The columns of a stretch, from where its first grapheme begins."""
    first = row[start]
    if first is not None and not first.text and start > 0:
        start -= 1
    return range(start, end)


def _runs_of_graphemes(y: int, columns: range, row: Row) -> Iterator[Run]:
    """One run for each grapheme, where some are wide or made of more than one character."""
    free = columns.start
    for x in columns:
        cell = row[x]
        if cell is None or x < free:
            continue
        ((text, width), *_) = [*graphemes(cell.text)] or [(" ", 1)]
        text = cell.text or text  # the second half of nothing is blank
        free = x + max(width, 1)
        known = is_certain(text) and free < len(row)
        if not is_certain(text) and free <= len(row):
            # A terminal may show it narrower: nothing of what was there is to stay beside it.
            yield Run(y, x, " " * (free - x), cell.pen, None)
        yield Run(y, x, text, cell.pen, free if known else None)
