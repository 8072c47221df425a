"""What of a terminal's messages the app is given, so that it keeps up with them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from textual import events
from textual.message import Message

MOST_WAITING: Final = 32
"""Messages that the app may have before it; what is typed faster nobody waits for."""
MOST_CELLS: Final = 150_000
"""Columns times rows of a screen that is drawn: more than the largest display shows, and few enough
that a frame does not hold up the keys for seconds."""

_LEAVING: Final = frozenset({"ctrl+c", "ctrl+q"})
_OF_HANDS = (events.Key, events.MouseEvent, events.Paste)


class Admission:
    """Leaves out what comes faster than the app acts on it, but for the keys that leave.

    The app's own queues have no bound. Of changes of the focus, each of which has the whole screen
    styled anew, the last one counts.
    """

    def __init__(self, waiting: Callable[[], int]) -> None:
        """Admit all.

        Args:
            waiting: tells how many messages the app has before it.
        """
        self._waiting = waiting
        self._focus: Message | None = None
        self.left_out = 0
        """How many messages were not passed on."""

    def admitted(self, messages: Iterable[Message]) -> Iterator[Message]:
        """Those that are passed on, in their order; the focus comes with `due`."""
        for message in messages:
            if isinstance(message, events.AppFocus | events.AppBlur):
                self._focus = message
            elif self._is_too_much(message):
                self.left_out += 1
            else:
                yield message

    def due(self) -> Iterator[Message]:
        """The newest change of the focus, when there is time for it."""
        if self._focus is not None and self._waiting() < MOST_WAITING:
            focus, self._focus = self._focus, None
            yield focus

    def _is_too_much(self, message: Message) -> bool:
        if isinstance(message, events.Resize):
            return not 0 < message.size.area <= MOST_CELLS
        if isinstance(message, events.Key) and message.key in _LEAVING:
            return False
        if isinstance(message, events.MouseUp):  # without it what was dragged is never let go
            return False
        return isinstance(message, _OF_HANDS) and self._waiting() >= MOST_WAITING


def within_bounds(width: int, height: int) -> tuple[int, int]:
    """Return the part of a terminal that is drawn on, where it claims to be enormous."""
    return width, max(1, min(height, MOST_CELLS // max(1, width)))
