"""The runs of text that turn one row into another."""

from collections.abc import Iterator
from itertools import compress
from operator import is_not
from typing import NamedTuple

from deeptone_tui.app.wire.canvas import Row
from deeptone_tui.app.wire.graphemes import graphemes, is_certain, is_narrow
from deeptone_tui.app.wire.pens import Cell, Pen

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


def runs_in(y: int, row: Row, columns: list[int]) -> list[Run]:
    """The runs that draw some columns of a row, with what lies between where that is cheap.

    Args:
        y: which row it is.
        row: what it is to show.
        columns: those that have to be drawn, ascending.
    """
    runs: list[Run] = []
    if not columns:
        return runs
    start = end = columns[0]
    pen = _pen(row[start])
    for x in columns:
        here = _pen(row[x])
        if here is not pen or (x != end and not _is_cheap(row[end:x], pen)):
            runs += _runs_of(y, row, start, end)
            start, pen = x, here
        end = x + 1
    return [*runs, *_runs_of(y, row, start, end)]


def _runs_of(y: int, row: Row, start: int, end: int) -> list[Run]:
    """The runs of a part of a row that is in one pen."""
    cells = [cell for cell in row[start:end] if cell is not None]
    text = "".join([cell.text for cell in cells])
    if len(text) == end - start and is_narrow(text):
        return [Run(y, start, text, cells[0].pen, end if end < len(row) else None)]
    return [*_runs_of_graphemes(y, _with_heads(row, start, end), row)]


def _pen(cell: Cell | None) -> Pen | None:
    return None if cell is None else cell.pen


def _is_cheap(gap: Row, pen: Pen | None) -> bool:
    """Whether writing what stands in a gap costs no more than to move over it."""
    if len(gap) > _GAP:
        return False
    text = "".join([cell.text for cell in gap if cell is not None and cell.pen is pen])
    return len(text) == len(gap) and len(text.encode()) <= _GAP and is_narrow(text)


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
        yield Run(y, x, text, cell.pen, free if known else None)
