"""What happened on the screen."""

from dataclasses import dataclass

from textual.message import Message

from deeptone_tui.app.results_model import Item


@dataclass
class MarkDragged(Message):
    """The mouse put the threshold mark somewhere."""

    level: float
    """Where, 0 to 1."""

    def can_replace(self, message: Message) -> bool:
        """Only the newest place matters."""
        return isinstance(message, MarkDragged)


@dataclass
class SpanChosen(Message):
    """The timeline shows another span."""

    span: int
    """Seconds."""


@dataclass
class CopyRequested(Message):
    """Somebody wants a line of the log elsewhere."""

    item: Item | None
    """The line; None when the log is empty."""
