"""Screens to which no event comes that is out of date."""

from typing import TYPE_CHECKING, cast

from textual.events import Event, Mount, Resize
from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.screen import Screen


class Timely(MessagePump):
    """Leaves out what Textual tells a screen too late: a beginning, and sizes.

    A screen that is left before it has its widgets, as by two keys that come as one, gets none,
    and would still be told that they are there. And each size that a terminal ever had would be
    laid out, by every screen that is open, while the next ones and the end of the program wait.

    No `Screen` itself, for Textual inherits styles and keys from the first base that is one.
    """

    _sized: "Size | None" = None  # by an event of its own, and not because another one was

    async def on_event(self, event: Event) -> None:
        """Handle what comes, unless it is out of date."""
        screen = cast("Screen[object]", self)
        match event:
            case Mount():
                late = screen not in self.app.screen_stack
            case Resize():
                as_it_is = event.size == self._sized == screen.outer_size
                late = as_it_is or event.size != self.app.size
                self._sized = self._sized if late else event.size
            case _:
                late = False
        if not late:
            await super().on_event(event)
