"""A widget on which the mouse drags the mark."""

from abc import abstractmethod

from textual import events

from deeptone_tui.app.messages import MarkDragged
from deeptone_tui.app.widgets.painted import Painted


class Draggable(Painted):
    """Takes the mark where the button goes down, and lets it go where it comes up."""

    @abstractmethod
    def level_under(self, event: events.MouseEvent) -> float:
        """Where the mark goes with the mouse there: an amplitude from 0 to 1."""

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take the mark."""
        if event.button == 1:
            self.capture_mouse()
            self.post_message(MarkDragged(self.level_under(event)))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the mark, for as long as the button is down."""
        if self.app.mouse_captured is self:
            self.post_message(MarkDragged(self.level_under(event)))

    def on_mouse_up(self) -> None:
        """Let the mark go."""
        self.release_mouse()
