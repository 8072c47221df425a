"""What happened on the screen."""

from textual.message import Message

from deeptone_tui.app.results_model import Item


class MarkDragged(Message):
    """The mouse put the threshold mark somewhere."""

    def __init__(self, level: float) -> None:
        super().__init__()
        self.level = level
        """Where, 0 to 1."""

    def can_replace(self, message: Message) -> bool:
        """Only the newest place matters."""
        return isinstance(message, MarkDragged)


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
