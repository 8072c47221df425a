"""The end of the screen by an error of its own: nothing is printed, whoever shows it is told."""

from typing import TYPE_CHECKING

from textual.app import App
from textual.css.query import NoMatches
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
        if self._exit and isinstance(error, NoMatches):
            return  # a dialog that was opening when the user left gets no widgets any more
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Close without printing."""
        self._close_messages_no_wait()
