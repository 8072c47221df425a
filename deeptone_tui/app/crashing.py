"""The end of the screen by an error of its own: nothing is printed, whoever shows it is told."""

from traceback import walk_tb
from typing import TYPE_CHECKING

from textual.app import App
from textual.css.query import NoMatches
from textual.widget import Widget
from textual.worker import WorkerFailed

if TYPE_CHECKING:
    from rich.console import RenderableType


class ScreenError(Exception):
    """What Textual itself found wrong, in its words."""


class Crashing(App[None]):
    """Closes at any error, without a word over the screen, and keeps the first one.

    Textual is pinned: this stands in for three of its methods, by which it would print the
    traceback with every local variable, keys among them.
    """

    @property
    def crash(self) -> Exception | None:
        """What has ended the screen, where that was not the user."""
        return self._exception

    def panic(self, *renderables: "RenderableType") -> None:
        """Close because of something that Textual has words for; only some of its drivers do."""
        if self._exception is None:
            self._handle_exception(ScreenError(" ".join(map(str, renderables))))
        else:
            self._close_messages_no_wait()

    def _handle_exception(self, error: Exception) -> None:
        """Close because of an error, wherever in the app it was raised."""
        if isinstance(error, WorkerFailed) and isinstance(error.error, Exception):
            error = error.error  # the one that says where
        if isinstance(error, NoMatches) and (self._exit or _of_what_is_gone(error)):
            return  # a dialog that was opening, or still searching, when the user left it
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Close without printing."""
        self._close_messages_no_wait()


def _of_what_is_gone(error: Exception) -> bool:
    """Whether an error came up in a widget that is not in the app any more: it has no others."""
    frames = (frame for frame, _ in walk_tb(error.__traceback__))
    nodes = (frame.f_locals.get("self") for frame in frames)
    return any(isinstance(node, Widget) and not node.is_attached for node in nodes)
