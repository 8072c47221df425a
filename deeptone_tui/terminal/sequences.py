"""Escape sequences in as few bytes as can be: moves, repetition, scrolling, UTF-8.

What a terminal puts into the places that become free depends on it, in colours at least, so
those count as unknown.
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
"""Steps back that are told one by one in fewer bytes than as a number."""

QUESTION: Final = "\x1b[H─\x1b[b\x1b[6n"
"""A line of two cells, the second by repetition, and then: where is the cursor?

Many a terminal that passes for xterm does not know repetition, and terminfo only knows what it
passes for. The answer tells. A blank would not do: tmux up to 3.4 repeats ASCII and nothing else.
"""
ANSWER: Final = 2
"""The column, from 0, of the answer of a terminal that has understood."""
SHORTEST_CHARS: Final = 6
"""Characters of a text that may hold a repetition worth telling."""
_SAME: Final = re.compile(r"([ -~\u2500-\u259f])\1{4,}")
"""Characters that every terminal takes for one cell, often enough for it to be shorter."""

_MOST_ROWS = 3
"""Rows that a scroll is looked for."""
_MOST_COLUMNS = 2
"""Columns that a row is looked for being moved by."""
_MANY_COLUMNS = 8
"""Changes in a row from which rows are looked for having moved."""
_SAVED = 3
"""Changes that moving a row must save for it to be moved along."""
_WORTH_ROWS = 2
"""Rows that must be found again elsewhere for a scroll to be considered."""


def encode(text: str) -> bytes:
    """A text in UTF-8.

    Names of files need not be UTF-8; Python keeps their other bytes as surrogates, which are
    counted as one cell, and cannot be written: a question mark is shown for each.
    """
    return text.encode("utf-8", "replace")


@lru_cache(8192)
def move(start: Place | None, end: Place) -> str:
    """The shortest sequence that takes the cursor somewhere.

    Args:
        start: where it is; None where that is not certain, as behind the last column.
        end: where it goes.
    """
    x, y = end
    if start == end:
        return ""
    ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"]
    if start is not None:
        ways.append(_across(start[0], x) + _down(y - start[1]))
    return min(ways, key=len)


def _across(start: int, end: int) -> str:
    """The shortest way within a row."""
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
    """The shortest way within a column; a line feed would not stay in it everywhere."""
    if steps == 0:
        return ""
    return _steps(abs(steps), "B" if steps > 0 else "A")


def _steps(number: int, final: str) -> str:
    return f"\x1b[{number if number > 1 else ''}{final}"


def shortened(text: str) -> str:
    """A text with repetitions told, where that takes fewer bytes."""
    return _SAME.sub(_repetition, text)


def _repetition(same: re.Match[str]) -> str:
    told = f"{same[1]}\x1b[{len(same[0]) - 1}b"
    return told if len(told.encode()) < len(same[0].encode()) else same[0]


class Scroll(NamedTuple):
    """Rows that moved up, or down."""

    top: int
    end: int
    """The row after the last one."""
    steps: int
    """Rows up; negative for down."""

    @property
    def sequence(self) -> str:
        """What has the terminal do it; the cursor is in the first column of ``top`` after it."""
        move, number = ("M", self.steps) if self.steps > 0 else ("L", -self.steps)
        lines = f"\x1b[{number if number > 1 else ''}{move}"
        return f"\x1b[{self.top + 1};{self.end}r\x1b[{self.top + 1}H{lines}\x1b[r"

    def applied(self, rows: Sequence[Row]) -> list[Row]:
        """The rows after it."""
        band = list(rows[self.top : self.end])
        free: list[Row] = [[None] * len(row) for row in band[: abs(self.steps)]]
        kept = [*band[self.steps :], *free] if self.steps > 0 else [*free, *band[: self.steps]]
        return [*rows[: self.top], *kept, *rows[self.end :]]


def scrolls(old: Sequence[Row], new: Sequence[Row], changed: Sequence[int]) -> Iterator[Scroll]:
    """Scrolls that would bring rows to where they are wanted.

    Args:
        old: what is shown.
        new: what is to be shown.
        changed: the rows that differ, ascending.
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
    """The same part of some rows, that moved to the left."""

    rows: tuple[int, ...]
    start: int
    end: int
    steps: int

    @property
    def sequence(self) -> str:
        """What has the terminal do it, but for getting to the start of the first row."""
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
        """Where the cursor is then."""
        return self.end - self.steps, self.rows[0]

    def applied(self, row: Row) -> Row:
        """One of the rows after it."""
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
    """Slides that would leave less to be drawn in rows of which much has changed.

    Args:
        old: what is shown.
        new: what is to be shown.
        changed: by the number of a row the columns in which it differs, ascending; none of
            these rows has wide characters, which would be cut.
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
    """Whether a row is mostly right once it has been moved."""
    start, end = columns[0], columns[-1] + 1
    if end - start <= steps:
        return False
    left = steps + sum(map(is_not, new[start : end - steps], old[start + steps : end]))
    return left + _SAVED <= len(columns)
