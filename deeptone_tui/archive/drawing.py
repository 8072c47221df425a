"""A drawing of lines and words, before it is known what it is written as."""

from dataclasses import dataclass
from enum import StrEnum


class Anchor(StrEnum):
    """Which part of a text stands at its place."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points, in pixels from the upper left corner."""

    points: tuple[tuple[float, float], ...]
    colour: str
    """``#rrggbb``."""
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Words:
    """A text, its baseline at a place."""

    text: str
    x: float
    y: float
    colour: str
    anchor: Anchor = Anchor.START


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lines and words on white, the later ones over the earlier ones."""

    width: int
    height: int
    title: str
    """What it shows, in a sentence for who cannot see it."""
    items: tuple[Line | Words, ...]
