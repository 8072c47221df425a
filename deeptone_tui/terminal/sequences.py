"""Escape sequences in as few bytes as possible: moves, repetition, scrolling, UTF-8.

Terminals differ in what they put into cells that become free, at least in the colours, so those
cells count as unknown.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import is_not
from typing import Final, NamedTuple

from deeptone_tui.terminal.canvas import Row

Place = tuple[int, int]
"""Column and row, from 0."""
_FEW_STEPS = 4
"""Steps to the left up to which backspaces take no more bytes than a count."""

QUESTION: Final = "\x1b[H─\x1b[b\x1b[6n"
"""Probe: a line of two cells, the second by repetition (REP), then a cursor position request.

Many terminals that claim to be xterm do not support REP, and terminfo knows only the claim; the
reply shows it. A blank would not do: tmux up to 3.4 repeats ASCII and nothing else.
"""
ANSWER: Final = 2
"""Column, from 0, in the reply of a terminal that supports it."""
SHORTEST_CHARS: Final = 6
"""Least number of characters of a text that may hold a repetition worth encoding."""
_SAME: Final = re.compile(r"([ -~\u2500-\u259f])\1{4,}")
"""Characters one cell wide in every terminal, repeated often enough for REP to be shorter."""

_MOST_ROWS = 3
"""Largest scroll, in rows, that is tried."""
_MOST_COLUMNS = 2
"""Largest slide, in columns, that is tried."""
_MANY_COLUMNS = 8
"""Changed columns in one row from which slides are tried."""
_SAVED = 3
"""Changes that a slide must save in a row for that row to take part."""
_WORTH_ROWS = 2
"""Rows that must be found again elsewhere for a scroll to be tried."""


def encode(text: str) -> bytes:
    """Encode a text in UTF-8.

    File names need not be UTF-8; Python keeps their other bytes as surrogates, which count as one
    cell and cannot be encoded: each is shown as a question mark.
    """
    return text.encode("utf-8", "replace")


@lru_cache(8192)
def move(start: Place | None, end: Place) -> str:
    """Return the shortest sequence that moves the cursor.

    Args:
        start: current position; None where that is uncertain, as after the last column.
        end: target position.
    """
    x, y = end
    if start == end:
        return ""
    ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"]
    if start is not None:
        ways.append(_across(start[0], x) + _down(y - start[1]))
    return min(ways, key=len)


def _across(start: int, end: int) -> str:
    """Return the shortest horizontal move."""
    steps = end - start
    if steps == 0:
        return ""
    if end == 0:
        return "\r"
    if -_FEW_STEPS <= steps < 0:
        return "\b" * -steps
    relative = _steps(abs(steps), "C" if steps > 0 else "D")
    return min(relative, f"\x1b[{end + 1}G", key=len)


def _down(steps: int) -> str:
    """Return the shortest vertical move; a line feed does not keep the column everywhere."""
    if steps == 0:
        return ""
    return _steps(abs(steps), "B" if steps > 0 else "A")


def _steps(number: int, final: str) -> str:
    return f"\x1b[{number if number > 1 else ''}{final}"


def shortened(text: str) -> str:
    """Return a text with repetitions encoded (REP) where that takes fewer bytes."""
    return _SAME.sub(_repetition, text)


def _repetition(same: re.Match[str]) -> str:
    told = f"{same[1]}\x1b[{len(same[0]) - 1}b"
    return told if len(told.encode()) < len(same[0].encode()) else same[0]


class Scroll(NamedTuple):
    """Scroll of some rows, up or down."""

    top: int
    end: int
    """Row after the last one."""
    steps: int
    """Rows to scroll up; negative for down."""

    @property
    def sequence(self) -> str:
        """Escape sequence for the scroll; the position of the cursor counts as unknown after it."""
        move, number = ("M", self.steps) if self.steps > 0 else ("L", -self.steps)
        lines = f"\x1b[{number if number > 1 else ''}{move}"
        return f"\x1b[{self.top + 1};{self.end}r\x1b[{self.top + 1}H{lines}\x1b[r"

    def applied(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows after the scroll."""
        band = list(rows[self.top : self.end])
        free: list[Row] = [[None] * len(row) for row in band[: abs(self.steps)]]
        kept = [*band[self.steps :], *free] if self.steps > 0 else [*free, *band[: self.steps]]
        return [*rows[: self.top], *kept, *rows[self.end :]]


def scrolls(old: Sequence[Row], new: Sequence[Row], changed: Sequence[int]) -> Iterator[Scroll]:
    """Yield scrolls that bring rows to their target place.

    Args:
        old: rows shown.
        new: target rows.
        changed: indices of the rows that differ, ascending.
    """
    for steps in (*range(1, _MOST_ROWS + 1), *range(-1, -_MOST_ROWS - 1, -1)):
        found = [
            y for y in changed if 0 <= y + steps < len(old) and new[y] == old[y + steps] != old[y]
        ]
        if len(found) >= _WORTH_ROWS:
            first, last = found[0], found[-1]
            if steps > 0:
                yield Scroll(first, last + steps + 1, steps)
            else:
                yield Scroll(first + steps, last + 1, steps)


class Slide(NamedTuple):
    """Shift of the same columns of some rows to the left."""

    rows: tuple[int, ...]
    start: int
    end: int
    steps: int

    @property
    def sequence(self) -> str:
        """Escape sequence for the slide, without the move to the start of the first row."""
        number = self.steps if self.steps > 1 else ""
        downwards = zip(self.rows, self.rows[1:], strict=False)
        upwards = zip(self.rows[::-1], self.rows[-2::-1], strict=False)
        start, free = self.start, self.end - self.steps
        taken = "".join(
            f"{move((start, y), (start, below))}\x1b[{number}P" for y, below in downwards
        )
        given = "".join(f"{move((free, y), (free, above))}\x1b[{number}@" for y, above in upwards)
        across = move((start, self.rows[-1]), (free, self.rows[-1]))
        return f"\x1b[{number}P{taken}{across}\x1b[{number}@{given}"

    @property
    def place(self) -> Place:
        """Position of the cursor after the slide."""
        return self.end - self.steps, self.rows[0]

    def applied(self, row: Row) -> Row:
        """Return one of the rows after the slide."""
        free: Row = [None] * self.steps
        return [
            *row[: self.start],
            *row[self.start + self.steps : self.end],
            *free,
            *row[self.end :],
        ]


def slides(
    old: Sequence[Row], new: Sequence[Row], changed: Mapping[int, Sequence[int]]
) -> Iterator[Slide]:
    """Yield slides that leave less to draw in rows of which much has changed.

    Args:
        old: rows shown.
        new: target rows.
        changed: columns that differ, ascending, by index of the row; none of these rows has wide
            characters, which would be split.
    """
    if all(len(columns) < _MANY_COLUMNS for columns in changed.values()):
        return
    for steps in range(1, _MOST_COLUMNS + 1):
        rows = [y for y, columns in changed.items() if _has_slid(old[y], new[y], columns, steps)]
        if rows:
            start = min(changed[y][0] for y in rows)
            end = max(changed[y][-1] for y in rows) + 1
            yield Slide(tuple(rows), start, end, steps)


def _has_slid(old: Row, new: Row, columns: Sequence[int], steps: int) -> bool:
    """Return True if a row is mostly right after a slide."""
    start, end = columns[0], columns[-1] + 1
    if end - start <= steps:
        return False
    left = steps + sum(map(is_not, new[start : end - steps], old[start + steps : end]))
    return left + _SAVED <= len(columns)
