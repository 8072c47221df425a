"""A terminal emulator that keeps every attribute, repeats characters, and answers."""

import re
from collections.abc import Callable, Iterable
from typing import Any, cast

import pyte
from pyte.screens import Char
from wcwidth import wcswidth

UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<>=][0-9;]*u")
"""The kitty keyboard protocol's push and pop, which pyte would print as text."""
_FRAMES_QUESTION = b"\x1b[?2026$p"
_FRAMES_ANSWER = "\x1b[?2026;2$y"
_ENDS = {
    22: {1, 2},
    23: {3},
    24: {4, 21},
    25: {5, 6},
    27: {7},
    28: {8},
    29: {9},
    54: {51, 52},
    55: {53},
}
_EXTENDED = {5: 1, 2: 3}
MARKS = "\u0301\u0303\u0308"

Cell = tuple[str, str, str, frozenset[int]]
"""Text, foreground, background and attributes."""


class _Screen(pyte.Screen):
    """Keeps all attributes, in the place of the bold one, and knows REP."""

    last = " "
    answer: Callable[[str], None] | None = None

    def write_process_input(self, data: str) -> None:
        """Say something to the program."""
        if self.answer is not None:
            self.answer(data)

    def draw(self, data: str) -> None:
        """Draw, and remember what; of wide characters that are cut nothing is left."""
        super().draw(data)
        self.last = data[-1:]
        self._mend(self.buffer[self.cursor.y])

    def _mend(self, line: Any) -> None:  # noqa: ANN401  pyte's
        for x in range(self.columns):
            head, after = line[x], line[x + 1] if x + 1 < self.columns else None
            wide = wcswidth(head.data) == 2
            if wide and (after is None or after.data.strip(MARKS)):
                line[x] = head._replace(data=" ")
            elif not wide and after is not None and not after.data.strip(MARKS):
                line[x + 1] = after._replace(data=" ")

    def repeat(self, count: int = 1) -> None:
        """Draw the last character again."""
        super().draw(self.last * max(count, 1))

    def select_graphic_rendition(self, *codes: int, **_: object) -> None:
        """Change colours and attributes."""
        now: Any = self.cursor.attrs
        fg, bg = now.fg, now.bg
        on: set[int] = set(now.bold or ())
        numbers = iter(codes or (0,))
        for number in numbers:
            if number == 0:
                fg, bg = "default", "default"
                on.clear()
            elif number in {38, 48}:
                space = next(numbers)
                colour = ";".join(str(next(numbers)) for _ in range(_EXTENDED[space]))
                fg, bg = (colour, bg) if number == 38 else (fg, colour)
            elif number in _ENDS:
                on -= _ENDS[number]
            elif number in {39, 49}:
                fg, bg = ("default", bg) if number == 39 else (fg, "default")
            elif 30 <= number <= 37 or 90 <= number <= 97:
                fg = f"ansi {number}"
            elif 40 <= number <= 47 or 100 <= number <= 107:
                bg = f"ansi {number}"
            else:
                on.add(number)
        self.cursor.attrs = _pen(fg, bg, on)


def _pen(foreground: str, background: str, attributes: Iterable[int]) -> Char:
    """Pyte's cell, with all attributes in the place of one."""
    return Char(" ", foreground, background, cast("Any", frozenset(attributes)))


class _Stream(pyte.ByteStream):
    csi = {**pyte.Stream.csi, "b": "repeat"}  # noqa: RUF012  as in pyte
    events = pyte.Stream.events | {"repeat"}


class Emulator:
    """What a terminal shows that was sent something."""

    def __init__(
        self, columns: int, rows: int, answer: Callable[[str], None] | None = None
    ) -> None:
        """An empty terminal.

        Args:
            columns: its width.
            rows: its height.
            answer: is given what it says; None for a terminal that says nothing.
        """
        self.screen = _Screen(columns, rows)
        self.screen.cursor.attrs = _pen("default", "default", ())
        self._answer = answer
        if answer is not None:
            self.screen.answer = answer
        self._stream = _Stream(self.screen)

    def feed(self, data: bytes) -> None:
        """Show what was sent; no sequence may be cut in two."""
        if self._answer is not None and _FRAMES_QUESTION in data:
            self._answer(_FRAMES_ANSWER)
        self._stream.feed(UNKNOWN_TO_PYTE.sub(b"", data))

    def resize(self, columns: int, rows: int) -> None:
        """Take another size."""
        self.screen.resize(rows, columns)

    @property
    def text(self) -> str:
        """The screen as lines of text."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def cells(self) -> list[list[Cell]]:
        """Everything it shows, by rows."""
        screen = self.screen
        return [
            [
                (cell.data, cell.fg, cell.bg, cast("Any", cell.bold) or frozenset())
                for cell in (screen.buffer[y][x] for x in range(screen.columns))
            ]
            for y in range(screen.lines)
        ]
