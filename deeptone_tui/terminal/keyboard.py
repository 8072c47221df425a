"""Textual's driver for Linux and macOS, whose thread of the keys outlives whatever it reads.

A shell sees that a job has stopped when all of it has: ``make``, or what pipes audio in, has to
stop too, or the terminal is nobody's.
"""

import asyncio
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
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from deeptone_tui.terminal.incoming import Admission, Escape, Incoming, Pasted, Piece, within_bounds

if TYPE_CHECKING:
    from textual.app import App


_READ_SIZE_BYTES = 4096
"""Bytes."""
_SIGNAL_COMES_WITHIN_S = 1.0
"""Seconds."""
_WITH_ALT_CHARS = 2
"""Characters: an escape and the key."""
_POLL_INTERVAL_S = 0.1
"""Seconds between looks whether the program ends."""


def stop_job() -> None:
    """Stop every process of this one's group; returns when it goes on, in the main thread only.

    Where nobody could let it go on, without a shell above it, the system does not stop it either.
    """
    before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    try:
        os.kill(0, signal.SIGTSTP)
    finally:
        signal.signal(signal.SIGTSTP, before)


def await_foreground(terminal: int) -> None:
    """Return when the terminal is this job's; in the background the system stops the job here.

    Args:
        terminal: its descriptor.
    """
    with suppress(termios.error):  # it has gone, or is none
        termios.tcsetattr(terminal, termios.TCSANOW, termios.tcgetattr(terminal))


class KeyboardDriver(LinuxDriver):
    """Reads whole sequences and whole pastes, and passes over what nobody can mean.

    Textual is pinned: this stands in for its `run_input_thread`, for the wrapper, which prints,
    and for its handlers of SIGTSTP and SIGCONT, which stop this process alone.
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
        self._on_the_way: deque[None] = deque()  # one for each message that no queue has yet
        before = signal.getsignal(signal.SIGTSTP)
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._job_control = before is not signal.SIG_IGN
        if not self._job_control:
            signal.signal(signal.SIGTSTP, signal.SIG_IGN)

    @property
    def can_suspend(self) -> bool:
        """Whether a shell has left ctrl+z to the program: others have it ignored."""
        return self._job_control

    def start_application_mode(self) -> None:
        """Take the terminal over, when it is this job's; where that fails, give it back."""
        await_foreground(self.fileno)
        try:
            super().start_application_mode()  # type: ignore[no-untyped-call]  # as Textual has it
        except BaseException:
            with suppress(Exception):  # what it failed with is told
                self.stop_application_mode()
            raise
        self._has_terminal = True

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        self._has_terminal = False
        super().stop_application_mode()

    def _sigtstp_application(self, *_: object) -> None:
        """Stop with the whole job, and leave the terminal to the shell meanwhile."""
        with self._terminal_given_back():
            stop_job()

    def _sigcont_application(self, *_: object) -> None:
        """Take the terminal again after a stop that nobody could see coming (SIGSTOP)."""
        if self._has_terminal:
            with self._terminal_given_back():
                pass

    @contextmanager
    def _terminal_given_back(self) -> Iterator[None]:
        """Leave the terminal to others, if it is ours, and take it again with all that is shown."""
        ours = self._has_terminal and self._auto_restart
        if not ours:
            yield
            return
        self._has_terminal = False  # no other signal comes in between
        before = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        await_foreground(self.fileno)
        self.suspend_application_mode()
        yield
        self._must_signal_resume = True
        self.resume_application_mode()
        signal.signal(signal.SIGTSTP, before)

    def _run_input_thread(self) -> None:
        """Let an error end the app as one of its own does: it is raised when the screen closed."""
        try:
            self.run_input_thread()
        except OSError:  # the terminal has gone, of which a signal tells, or not
            if not self.exit_event.wait(_SIGNAL_COMES_WITHIN_S):
                self._app.call_later(self._app.exit, None, 1)
        except Exception as error:  # noqa: BLE001  whatever it is, it is told by the main thread
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        """Let an error of another thread end the app."""
        self._app.call_later(self._app._handle_exception, error)  # noqa: SLF001  nothing public

    def run_input_thread(self) -> None:
        """Read until the end of the program, or of the terminal."""
        incoming, reader, admission = Incoming(), KeyReader(), Admission(self._waiting)
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(min(_POLL_INTERVAL_S, incoming.patience or _POLL_INTERVAL_S)):
                    data = os.read(self.fileno, _READ_SIZE_BYTES)
                    pieces = incoming.feed(data, time.monotonic())
                    if not data:  # nothing is ever read again
                        self.exit_event.wait(_POLL_INTERVAL_S)
                else:
                    pieces = incoming.tick(time.monotonic())
                for piece in pieces:
                    for message in admission.admitted(reader.messages(piece)):
                        self.process_message(message)
                for message in admission.due():
                    self.process_message(message)

    def send_message(self, message: Message) -> None:
        """Hand a message over, and count it until the app has it."""
        self._on_the_way.append(None)
        handing = self._app._post_message(message)  # noqa: SLF001  as Textual does
        handed = asyncio.run_coroutine_threadsafe(handing, loop=self._loop)
        handed.add_done_callback(lambda _: self._on_the_way.pop())

    def _waiting(self) -> int:
        """How many messages the app has still to act on, wherever it has put them."""
        waiting = len(self._on_the_way) + self._app.message_queue_size
        for screen in self._app.screen_stack[-1:]:
            focused = screen.focused
            waiting += screen.message_queue_size + (focused.message_queue_size if focused else 0)
        return waiting

    def _get_terminal_size(self) -> tuple[int, int]:
        """The size, within what can be drawn."""
        return within_bounds(*super()._get_terminal_size())


class KeyReader:
    """Textual's parser, which waits for more after a sequence that it does not know."""

    def __init__(self) -> None:
        self._parser = XTermParser()

    def messages(self, piece: Piece) -> Iterator[Message]:
        """What a piece means; nothing where it means nothing."""
        match piece:
            case Escape():
                yield events.Key("escape", "\x1b")
            case Pasted(text):
                yield events.Paste(text)
            case _:
                try:
                    yield from self._parser.feed(piece.text)
                except (ValueError, ArithmeticError):  # no such character, or a size of 0
                    self._renew()
                yield from self._end(piece.text)

    def _end(self, text: str) -> Iterator[Message]:
        """Nothing belongs to a piece but itself: a key with alt is one now, the rest is unknown."""
        if self._parser._timeout_time is not None:  # noqa: SLF001  it waits for more
            if len(text) == _WITH_ALT_CHARS:
                self._parser._timeout_time = 0.0  # noqa: SLF001  as above
                yield from self._parser.tick()
            else:
                self._renew()

    def _renew(self) -> None:
        """Begin anew, with what is known of the terminal."""
        before, self._parser = self._parser, XTermParser()
        for name in ("last_x", "last_y", "mouse_pixels", "terminal_size", "terminal_pixel_size"):
            setattr(self._parser, name, getattr(before, name))
