"""Bounds on what one message of the other side may bring along. Pure."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from deeptone_tui.core.text import LONGEST_RAW_CHARS

MESSAGE_BYTES: Final = 256 * 1024
"""Memory that the values of one message may take; those of a usual one take two thousand."""
LONGEST_NAME_CHARS: Final = 200
"""Characters of a model's, class's or field's name that are kept."""
MOST_ITEMS: Final = 1024
"""Items of one object or list that are kept: twice as many as any published model has classes."""
DEEPEST: Final = 16
"""Levels of nesting that are kept; a documented message has nine."""
_ITEM_BYTES: Final = 100
"""Memory that an item takes besides its own value: its place, and the object around it."""


def bounded(document: object, redact: Callable[[str], str] = str) -> tuple[object, bool]:
    """Return a JSON document without what goes beyond the bounds.

    Whatever its size, no more is looked at than is kept. Within an object what is narrow goes
    first, so that a result keeps its timestamp and its classes when its raw values are too many.

    Args:
        document: as ``json.loads`` returns it.
        redact: takes out of a text what must not be repeated, before it is cut short.

    Returns:
        A copy, and whether anything was left out of it.
    """
    allowance = _Allowance(redact)
    kept = _bounded(document, allowance, DEEPEST)
    return kept, allowance.exceeded


def shortened(text: str, longest: int) -> str:
    """Return a text of at most so many characters, the last one an ellipsis if it was longer."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def footprint_bytes(value: object) -> int:
    """Return roughly how much memory a plain value takes, with all that is in it."""
    own = sys.getsizeof(value)
    if isinstance(value, dict):
        return own + sum(footprint_bytes(key) + footprint_bytes(value[key]) for key in value)
    if isinstance(value, list | tuple):
        return own + sum(map(footprint_bytes, value))
    return own


@dataclass(slots=True)
class _Allowance:
    """What may still be kept of a message."""

    redact: Callable[[str], str]
    left_bytes: int = MESSAGE_BYTES
    exceeded: bool = False

    def book(self, used_bytes: int) -> bool:
        """Book some memory; whether there was so much left."""
        self.left_bytes -= used_bytes
        self.exceeded = self.exceeded or self.left_bytes < 0
        return self.left_bytes >= 0

    def text(self, text: str, longest: int) -> str:
        """Shorten a text and book it."""
        text = self.redact(text)
        self.exceeded = self.exceeded or len(text) > longest
        kept = shortened(text, longest)
        self.book(sys.getsizeof(kept))
        return kept


def _bounded(value: object, allowance: _Allowance, depth: int) -> object:
    """Return what is kept of a value that has been booked but for its texts."""
    if isinstance(value, str):
        return allowance.text(value, LONGEST_RAW_CHARS)
    if not isinstance(value, dict | list):
        return value
    most = MOST_ITEMS if depth else 0
    allowance.exceeded = allowance.exceeded or len(value) > most
    if isinstance(value, dict):
        return _members(list(islice(value.items(), most)), allowance, depth - 1)
    return list(_elements(islice(value, most), allowance, depth - 1))


def _members(
    members: list[tuple[str, object]], allowance: _Allowance, depth: int
) -> dict[str, object]:
    """Keep the members of an object in their order; the narrow ones are booked first."""
    kept: dict[int, tuple[str, object]] = {}
    for place in sorted(range(len(members)), key=lambda place: _width(members[place][1])):
        if not allowance.book(_ITEM_BYTES):
            break
        name, value = members[place]
        kept[place] = allowance.text(name, LONGEST_NAME_CHARS), _bounded(value, allowance, depth)
    return dict(kept[place] for place in sorted(kept))


def _width(value: object) -> int:
    """Members of an object or list; none of a plain value."""
    return len(value) if isinstance(value, dict | list) else 0


def _elements(items: Iterator[object], allowance: _Allowance, depth: int) -> Iterator[object]:
    for item in items:
        if not allowance.book(_ITEM_BYTES):
            return
        yield _bounded(item, allowance, depth)
