"""Messages of the widgets, and a mixin that drops outdated Textual events."""

from typing import TYPE_CHECKING, cast

from textual.events import Event, Mount, Resize
from textual.message import Message
from textual.message_pump import MessagePump

from deeptone_tui.app.presenters.results_model import Item

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.screen import Screen


class ThresholdDragged(Message):
    """The mouse moved the threshold under the cursor."""

    def __init__(self, level: float) -> None:
        super().__init__()
        self.level = level
        """The new threshold, 0 to 1."""

    def can_replace(self, message: Message) -> bool:
        """Return True for another drag: only the newest threshold matters."""
        return isinstance(message, ThresholdDragged)


class SpanChosen(Message):
    """The user chose another span for the timeline."""

    def __init__(self, span: int) -> None:
        super().__init__()
        self.span = span
        """Seconds."""


class TuningLeft(Message):
    """Tune mode was left without applying a threshold."""


class CopyRequested(Message):
    """The user asked to copy a line of the log."""

    def __init__(self, item: Item | None) -> None:
        super().__init__()
        self.item = item
        """The line; None if the log is empty."""


class Timely(MessagePump):
    """Mixin for screens that drops the Mount and Resize events that come too late.

    A screen that is closed before its widgets are mounted, as when two keys arrive together,
    never gets them but would still receive Mount. And every open screen would lay out each size
    that the terminal ever had, while later keys and the exit of the program wait.

    It is no `Screen` itself, because Textual inherits styles and bindings from the first base
    that is one.
    """

    _sized: "Size | None" = None  # size of the last Resize event that was handled

    async def on_event(self, event: Event) -> None:
        """Handle an event unless it is outdated."""
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
