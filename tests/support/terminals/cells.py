"""What is drawn, cell by cell, with the colours that are seen."""

from collections.abc import Iterator
from typing import NamedTuple

from rich.color import Color
from rich.segment import Segment
from support.terminals.colours import Rgb, contrast
from textual.app import App

_LINES_AND_BLOCKS = range(0x2500, 0x25A0)
"""Lines, bars and shades: shapes, no text."""


class Cell(NamedTuple):
    """A sign on the screen."""

    x: int
    y: int
    sign: str
    front: Rgb
    back: Rgb

    @property
    def is_text(self) -> bool:
        """Whether it is to be read."""
        return not self.sign.isspace() and ord(self.sign[0]) not in _LINES_AND_BLOCKS

    @property
    def contrast(self) -> float:
        """Of the sign to what is behind it, 1 to 21."""
        return contrast(self.front, self.back)


def cells_of(app: App[None]) -> Iterator[Cell]:
    """Every cell of the screen as it is drawn, in a theme of true colours."""
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        x = 0
        for text, style, _ in strip:
            front, back = _colours(Segment(text, style))
            for sign in text:
                yield Cell(x, y, sign, front, back)
                x += 1


def _colours(segment: Segment) -> tuple[Rgb, Rgb]:
    """Foreground and background as they are seen."""
    style = segment.style
    assert style is not None
    if not segment.text.strip():
        return (0, 0, 0), (255, 255, 255)
    assert style.color is not None, segment
    assert style.bgcolor is not None, segment
    assert not style.dim, segment  # a terminal would make it as dim as it likes
    front, back = _rgb(style.color), _rgb(style.bgcolor)
    return (back, front) if style.reverse else (front, back)


def _rgb(colour: Color) -> Rgb:
    red, green, blue = colour.get_truecolor()
    return red, green, blue
