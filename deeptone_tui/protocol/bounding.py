"""Bounds on the size of one received message. Pure."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from deeptone_tui.core.text import LONGEST_RAW_CHARS

MESSAGE_BYTES: Final = 256 * 1024
"""Limit on the memory of one message's values; those of a usual message take 2000 bytes."""
LONGEST_NAME_CHARS: Final = 200
"""Characters kept of a model's, class's or field's name."""
MOST_ITEMS: Final = 1024
"""Items kept of one object or list: twice as many as any published model has classes."""
DEEPEST: Final = 16
"""Nesting levels kept; a documented message has nine."""
_ITEM_BYTES: Final = 100
"""Memory of an item besides its own value: its slot, and the object around it."""


def bounded(document: object, redact: Callable[[str], str] = str) -> tuple[object, bool]:
    """Return a JSON document without the parts that exceed the bounds.

    The bounds, not the size of the document, limit how many items are visited. Within an object,
    members with the fewest items take precedence, so that a result keeps its timestamp and its
    classes when it has too many raw values.

    Args:
        document: The value returned by ``json.loads``.
        redact: Removes secrets from a text before it is truncated.

    Returns:
        A copy, and True if anything was left out of it.
    """
    allowance = _Allowance(redact)
    kept = _bounded(document, allowance, DEEPEST)
    return kept, allowance.exceeded


def shortened(text: str, longest: int) -> str:
    """Truncate a text to ``longest`` characters, the last one an ellipsis if it was longer."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def footprint_bytes(value: object) -> int:
    """Return the approximate memory of a plain value and everything in it, in bytes."""
    own = sys.getsizeof(value)
    if isinstance(value, dict):
        return own + sum(footprint_bytes(key) + footprint_bytes(value[key]) for key in value)
    if isinstance(value, list | tuple):
        return own + sum(map(footprint_bytes, value))
    return own


@dataclass(slots=True)
class _Allowance:
    """Remaining memory budget of a message."""

    redact: Callable[[str], str]
    left_bytes: int = MESSAGE_BYTES
    exceeded: bool = False

    def book(self, used_bytes: int) -> bool:
        """Charge some memory to the budget; return True if it sufficed."""
        self.left_bytes -= used_bytes
        self.exceeded = self.exceeded or self.left_bytes < 0
        return self.left_bytes >= 0

    def text(self, text: str, longest: int) -> str:
        """Redact and truncate a text, and charge its memory to the budget."""
        text = self.redact(text)
        self.exceeded = self.exceeded or len(text) > longest
        kept = shortened(text, longest)
        self.book(sys.getsizeof(kept))
        return kept


def _bounded(value: object, allowance: _Allowance, depth: int) -> object:
    """Return the kept part of a value; its item is charged already, its content is not."""
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
    """Keep members of an object in their order; those with the fewest items are charged first."""
    kept: dict[int, tuple[str, object]] = {}
    for place in sorted(range(len(members)), key=lambda place: _width(members[place][1])):
        if not allowance.book(_ITEM_BYTES):
            break
        name, value = members[place]
        kept[place] = allowance.text(name, LONGEST_NAME_CHARS), _bounded(value, allowance, depth)
    return dict(kept[place] for place in sorted(kept))


def _width(value: object) -> int:
    """Return the number of items of an object or list; 0 for a plain value."""
    return len(value) if isinstance(value, dict | list) else 0


def _elements(items: Iterator[object], allowance: _Allowance, depth: int) -> Iterator[object]:
    for item in items:
        if not allowance.book(_ITEM_BYTES):
            return
        yield _bounded(item, allowance, depth)
