"""Private names of Textual: the base classes of the driver and the app, with public hooks.

To be imported only with a version of Textual that was checked. Everything that has to know how
Textual works inside is here; the rest of this package overrides the hooks.
"""

import asyncio
from typing import TYPE_CHECKING, Any

from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate
from textual._context import visible_screen_stack
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from concurrent.futures import Future

    from rich.console import RenderableType
    from textual.driver import Driver
    from textual.geometry import Offset, Region
    from textual.message import Message
    from textual.screen import Screen

__all__ = [
    "ChopsUpdate",
    "CompositorUpdate",
    "HookedApp",
    "HookedCompositor",
    "HookedDriver",
    "KeyParser",
    "LayoutUpdate",
    "use_compositor",
    "visible_screen_stack",
]


class HookedDriver(LinuxDriver):
    """Textual's driver for Linux and macOS, whose private methods call public ones."""

    _text_writer: Any = None  # the thread that Textual has made for writing

    @property
    def textual_app(self) -> App[Any]:
        """The app that is driven."""
        return self._app

    @property
    def output_descriptor(self) -> int:
        """File descriptor of the terminal that is written to."""
        return 2 if self._file is None else self._file.fileno()

    @property
    def restarts_by_itself(self) -> bool:
        """True if the terminal is taken over again after a stop."""
        return self._auto_restart

    def announce_resume(self) -> None:
        """Have the app told that it goes on, once the terminal is taken over again."""
        self._must_signal_resume = True

    def post(self, message: "Message") -> "Future[bool]":
        """Have a message queued for the app; from any thread."""
        queued = self._app._post_message(message)  # noqa: SLF001  no public name
        return asyncio.run_coroutine_threadsafe(queued, self._loop)

    def end_with(self, error: Exception) -> None:
        """End the app with an error of another thread."""
        self._app.call_later(self._app._handle_exception, error)  # noqa: SLF001  no public name

    def read_keys(self) -> None:
        """Run in the thread of the keys; to be overridden."""
        super()._run_input_thread()

    def stop_requested(self) -> None:
        """Act on ctrl+z; to be overridden."""
        super()._sigtstp_application()

    def continued(self) -> None:
        """Act on the end of a stop; to be overridden."""
        super()._sigcont_application()

    def terminal_size(self) -> tuple[int, int]:
        """Return the size of the terminal, which is asked for at the start and when it changes."""
        return super()._get_terminal_size()

    def text_writer(self) -> Any:  # noqa: ANN401  a thread of Textual's, or what stands for it
        """Return what Textual writes to."""
        return self._text_writer

    def writer_changed(self, thread: Any) -> None:  # noqa: ANN401  as above
        """Take the thread that Textual has made for writing, or None at the end."""
        self._text_writer = thread

    def _run_input_thread(self) -> None:
        self.read_keys()

    def _sigtstp_application(self, *_: object) -> None:
        self.stop_requested()

    def _sigcont_application(self, *_: object) -> None:
        self.continued()

    def _get_terminal_size(self) -> tuple[int, int]:
        return self.terminal_size()

    @property  # an attribute in Textual
    def _writer_thread(self) -> Any:  # noqa: ANN401  as above
        return self.text_writer()

    @_writer_thread.setter
    def _writer_thread(self, thread: Any) -> None:  # noqa: ANN401  as above
        self.writer_changed(thread)


class HookedApp(App[None]):
    """An app whose errors and frames go through public hooks."""

    @property
    def first_error(self) -> Exception | None:
        """The error that has ended the app."""
        return self._exception

    @property
    def is_exiting(self) -> bool:
        """True once the app has been asked to end."""
        return self._exit

    @property
    def driver_in_use(self) -> "Driver | None":
        """Driver of the terminal."""
        return self._driver

    def close_silently(self) -> None:
        """Close without printing."""
        self._close_messages_no_wait()

    def end_by(self, error: Exception) -> None:
        """End the app because of an error; to be overridden."""
        super()._handle_exception(error)

    def draw_frame(self, update: CompositorUpdate) -> bool:
        """Draw a frame; return False to have it written as text. To be overridden."""
        del update
        return False

    def cursor_is_at(self, cursor: "Offset") -> None:
        """Take note of the cursor's place after a frame that was drawn."""
        self._previous_cursor_position = cursor

    def _handle_exception(self, error: Exception) -> None:
        self.end_by(error)

    def _fatal_error(self) -> None:
        self.close_silently()

    def _display(self, screen: "Screen[Any]", renderable: "RenderableType | None") -> None:
        shown = self._running and not self._closed and not self._batch_count
        if shown and isinstance(renderable, CompositorUpdate) and self.draw_frame(renderable):
            self.post_display_hook()
        else:
            super()._display(screen, renderable)


class HookedCompositor(Compositor):
    """Textual's compositor, which tells what has changed."""

    @property
    def dirty_regions(self) -> "set[Region]":
        """Regions that have changed since the last frame; to be cleared by whoever draws them."""
        return self._dirty_regions


class KeyParser(XTermParser):
    """Textual's parser of what a terminal sends, one whole piece at a time."""

    @property
    def awaits_more(self) -> bool:
        """True if what was fed may be the beginning of a sequence."""
        return self._timeout_time is not None

    def expire(self) -> None:
        """Have the next ``tick`` take what was fed for complete."""
        self._timeout_time = 0.0


def use_compositor(screen: "Screen[Any]", compositor: Compositor) -> None:
    """Have a screen composed by a compositor of ours; before anything is composed."""
    screen._compositor = compositor  # noqa: SLF001  no public name
