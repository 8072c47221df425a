"""Textual's driver for Linux and macOS, with an input thread that survives any input.

A shell sees a job as stopped when all of its processes are: ``make``, or a process that pipes audio
in, has to stop too, or nobody has the terminal.
"""

import os
import selectors
import signal
import termios
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message

from deeptone_tui.terminal.incoming import Admission, Escape, Incoming, Pasted, Piece, within_bounds
from deeptone_tui.terminal.textual_private import HookedDriver, KeyParser

if TYPE_CHECKING:
    from textual.app import App


_READ_SIZE_BYTES = 4096
"""Most bytes of one read."""
_SIGNAL_COMES_WITHIN_S = 1.0
"""Seconds to wait, once the terminal has gone, for the signal that ends the program."""
_WITH_ALT_CHARS = 2
"""Characters of a key with alt: an escape and the key."""
_POLL_INTERVAL_S = 0.1
"""Seconds between checks for the end of the program."""


def stop_job() -> None:
    """Stop every process of this process group; return when it continues. Main thread only.

    Where nothing could continue it, as without a shell above it, the system does not stop it
    either.
    """
    before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    try:
        os.kill(0, signal.SIGTSTP)
    finally:
        signal.signal(signal.SIGTSTP, before)


def await_foreground(terminal: int) -> None:
    """Wait until this job is in the foreground; in the background the system stops it here.

    Args:
        terminal: file descriptor of the terminal.
    """
    with suppress(termios.error):  # it has gone, or is not a terminal
        termios.tcsetattr(terminal, termios.TCSANOW, termios.tcgetattr(terminal))


class KeyboardDriver(HookedDriver):
    """Driver that reads whole sequences and whole pastes, and drops meaningless input.

    It replaces the loop that reads keys, the wrapper of that, which prints, and the handlers of
    SIGTSTP and SIGCONT, which stop this process alone.
    """

    def __init__(
        self,
        app: "App[object]",
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        self._has_terminal = False
        self._on_the_way: deque[None] = deque()  # one entry for each message not queued yet
        before = signal.getsignal(signal.SIGTSTP)
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._job_control = before is not signal.SIG_IGN
        if not self._job_control:
            signal.signal(signal.SIGTSTP, signal.SIG_IGN)

    @property
    def can_suspend(self) -> bool:
        """True if a shell leaves ctrl+z to the program; other parents have SIGTSTP ignored."""
        return self._job_control

    def start_application_mode(self) -> None:
        """Take over the terminal once this job is in the foreground; restore it if that fails."""
        await_foreground(self.fileno)
        try:
            super().start_application_mode()  # type: ignore[no-untyped-call]  # untyped in Textual
        except BaseException:
            with suppress(Exception):  # the first error is the one to report
                self.stop_application_mode()
            raise
        self._has_terminal = True

    def stop_application_mode(self) -> None:
        """Restore the terminal."""
        self._has_terminal = False
        super().stop_application_mode()

    def stop_requested(self) -> None:
        """Stop the whole job, and leave the terminal to the shell meanwhile."""
        with self._terminal_given_back():
            stop_job()

    def continued(self) -> None:
        """Take over the terminal again after a stop that cannot be caught (SIGSTOP)."""
        if self._has_terminal:
            with self._terminal_given_back():
                pass

    @contextmanager
    def _terminal_given_back(self) -> Iterator[None]:
        """Release the terminal, if it is ours, then take it over again and redraw the screen."""
        ours = self._has_terminal and self.restarts_by_itself
        if not ours:
            yield
            return
        self._has_terminal = False  # no other signal handler intervenes
        before = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        await_foreground(self.fileno)
        self.suspend_application_mode()
        yield
        self.announce_resume()
        self.resume_application_mode()
        signal.signal(signal.SIGTSTP, before)

    def read_keys(self) -> None:
        """Run the input loop; let an error end the app, which raises it once it has closed."""
        try:
            self.run_input_thread()
        except OSError:  # the terminal has gone; a signal may report that as well
            if not self.exit_event.wait(_SIGNAL_COMES_WITHIN_S):
                self.textual_app.call_later(self.textual_app.exit, None, 1)
        except Exception as error:  # noqa: BLE001  the main thread reports it
            self.end_with(error)

    def run_input_thread(self) -> None:
        """Read and dispatch input until the program ends.

        Raises:
            OSError: if the terminal has gone.
        """
        incoming, reader, admission = Incoming(), KeyReader(), Admission(self._waiting)
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(min(_POLL_INTERVAL_S, incoming.patience or _POLL_INTERVAL_S)):
                    data = os.read(self.fileno, _READ_SIZE_BYTES)
                    pieces = incoming.feed(data, time.monotonic())
                    if not data:  # end of file: no input comes any more
                        self.exit_event.wait(_POLL_INTERVAL_S)
                else:
                    pieces = incoming.tick(time.monotonic())
                for piece in pieces:
                    for message in admission.admitted(reader.messages(piece)):
                        self.process_message(message)
                for message in admission.due():
                    self.process_message(message)

    def send_message(self, message: Message) -> None:
        """Post a message to the app, and count it until it is queued."""
        self._on_the_way.append(None)
        self.post(message).add_done_callback(lambda _: self._on_the_way.pop())

    def _waiting(self) -> int:
        """Return the number of messages that the app has still to act on, in any of its queues."""
        waiting = len(self._on_the_way) + self.textual_app.message_queue_size
        for screen in self.textual_app.screen_stack[-1:]:
            focused = screen.focused
            waiting += screen.message_queue_size + (focused.message_queue_size if focused else 0)
        return waiting

    def terminal_size(self) -> tuple[int, int]:
        """Return the size, limited to what can be drawn."""
        return within_bounds(*super().terminal_size())


class KeyReader:
    """Textual's parser without its wait for more input after an unknown sequence."""

    def __init__(self) -> None:
        self._parser = KeyParser()

    def messages(self, piece: Piece) -> Iterator[Message]:
        """Yield the messages of a piece; none if it means nothing."""
        match piece:
            case Escape():
                yield events.Key("escape", "\x1b")
            case Pasted(text):
                yield events.Paste(text)
            case _:
                try:
                    yield from self._parser.feed(piece.text)
                except (ValueError, ArithmeticError):  # an invalid character, or a size of 0
                    self._renew()
                yield from self._end(piece.text)

    def _end(self, text: str) -> Iterator[Message]:
        """Finish a piece: emit a pending key with alt, discard an unknown sequence."""
        if self._parser.awaits_more:
            if len(text) == _WITH_ALT_CHARS:
                self._parser.expire()
                yield from self._parser.tick()
            else:
                self._renew()

    def _renew(self) -> None:
        """Replace the parser, keeping what is known of the terminal."""
        before, self._parser = self._parser, KeyParser()
        for name in ("last_x", "last_y", "mouse_pixels", "terminal_size", "terminal_pixel_size"):
            setattr(self._parser, name, getattr(before, name))
