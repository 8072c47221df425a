"""Driver for Linux and macOS that replaces Textual's writer thread by `ScreenOutput`."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from rich.console import COLOR_SYSTEMS
from textual import events
from textual.messages import TerminalSupportsSynchronizedOutput

from deeptone_tui.terminal.frames import Painter
from deeptone_tui.terminal.keyboard import KeyboardDriver
from deeptone_tui.terminal.screen_output import ScreenOutput
from deeptone_tui.terminal.writer import TerminalWriter

if TYPE_CHECKING:
    from textual.geometry import Offset
    from textual.message import Message

    from deeptone_tui.terminal.textual_private import CompositorUpdate


class ScreenDriver(KeyboardDriver):
    """Driver that sends the terminal only what has changed, and no more than it can take.

    Textual is pinned: this relies on its driver to create a writer thread in
    `start_application_mode`, to call `_get_terminal_size` at the start and at each SIGWINCH, and to
    stop the thread in `close`.
    """

    _output: ScreenOutput | None = None
    _painter: Painter | None = None

    def text_writer(self) -> ScreenOutput | None:
        """Return what Textual writes to."""
        return self._output

    def writer_changed(self, thread: object) -> None:
        """Start with a terminal that is as good as empty."""
        if thread is None:
            self._output = None
            return
        size = super().terminal_size()
        writer = TerminalWriter(self.output_descriptor)
        writer.on_failure = self.end_with
        self._output = ScreenOutput(writer, size, asyncio.get_running_loop())
        colours = COLOR_SYSTEMS[self.textual_app.console.color_system or "truecolor"]
        self._painter = Painter(self._output.canvas, colours)

    def terminal_size(self) -> tuple[int, int]:
        """Return the size and pass it on: Textual asks when it may have changed."""
        size = super().terminal_size()
        if self._output is not None:
            self._output.resized(*size)
        return size

    def start_application_mode(self) -> None:
        """Take over the terminal and probe it for character repetition."""
        super().start_application_mode()
        if self._output is not None and self.input_tty:
            self._output.ask_for_repeats()

    def flush(self) -> None:
        """Send a frame, now that it is complete."""
        if self._output is not None:
            self._output.flush()

    def draw(self, update: "CompositorUpdate", cursor: "Offset") -> bool:
        """Draw a frame onto the canvas without rendering it as text.

        Args:
            update: update that Textual has composed.
            cursor: position of the cursor afterwards.

        Returns:
            True if it was drawn; otherwise it has to be written as text.
        """
        if self._output is None or self._painter is None:
            return False
        return self._output.draw(partial(self._painter.paint, update, cursor))

    def stop_application_mode(self) -> None:
        """Restore the terminal."""
        if self._output is not None:
            self._output.leave()
        super().stop_application_mode()

    def process_message(self, message: "Message") -> None:
        """Handle reports of the terminal before Textual does; runs in the input thread."""
        output = self._output
        if output is not None:
            match message:
                case events.CursorPosition() if output.answered(message.x):
                    return
                case events.AppFocus() | events.AppBlur():
                    output.focused(focused=isinstance(message, events.AppFocus))
                case TerminalSupportsSynchronizedOutput():
                    output.frames_known()
                case events.Resize():
                    output.resized(*message.size)
                case _:
                    pass
        super().process_message(message)
