"""Events of the screen: those of the parts, and late ones of Textual that are left out."""

from typing import TYPE_CHECKING, cast

from textual.events import Event, Mount, Resize
from textual.message import Message
from textual.message_pump import MessagePump

from deeptone_tui.app.presenters.results_model import Item

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.screen import Screen


class ThresholdDragged(Message):
    """The mouse put the threshold mark somewhere."""

    def __init__(self, level: float) -> None:
        super().__init__()
        self.level = level
        """Where, 0 to 1."""

    def can_replace(self, message: Message) -> bool:
        """Only the newest place matters."""
        return isinstance(message, ThresholdDragged)


class SpanChosen(Message):
    """The timeline shows another span."""

    def __init__(self, span: int) -> None:
        super().__init__()
        self.span = span
        """Seconds."""


class TuningLeft(Message):
    """Tune mode was left, and nothing of it is wanted."""


class CopyRequested(Message):
    """Somebody wants a line of the log elsewhere."""

    def __init__(self, item: Item | None) -> None:
        super().__init__()
        self.item = item
        """The line; None when the log is empty."""


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
