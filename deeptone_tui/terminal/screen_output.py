"""Output path from what Textual draws and writes to what is sent, as flow control permits."""

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock, RLock
from typing import Final

from deeptone_tui.terminal import sequences
from deeptone_tui.terminal.canvas import Canvas
from deeptone_tui.terminal.difference import RemoteScreen
from deeptone_tui.terminal.sequences import encode
from deeptone_tui.terminal.writer import QUESTION, FlowControl, TerminalWriter

_BEGIN_FRAME: Final = "\x1b[?2026h"
_END_FRAME: Final = "\x1b[?2026l"
_ONE_PIECE_BYTES: Final = 256
"""Size up to which a frame is written, sent and read in one piece without synchronised output."""
_MOST_WAITING_BYTES: Final = 1 << 16
"""Bytes that may wait for a stalled terminal besides a frame; sequences beyond it are dropped."""
_ANSWERED_WITHIN_S: Final = 0.1
"""Seconds to wait at the end for replies, so that the shell does not get them."""
_HARMLESS: Final = re.compile(
    r"""(?:
      \x07
    | \x1b\] (?!8;)[^\x07\x1b]* (?:\x07|\x1b\\)  # titles, the clipboard, shapes of the pointer
    | \x1b\[\? [0-9;]* [hl]  # modes, and the other screen, which is entered before all is drawn
    | \x1b\[ (?:[<=>?][0-9;]*(?:[cnqump]|\$p) | [0-9;]*(?:[cnt]|[ ]q))  # requests and the keyboard
    )+""",
    re.VERBOSE,
)
"""Sequences that draw nothing."""


class ScreenOutput:
    """Sends the terminal what has changed of a canvas.

    It replaces Textual's writer thread, whose interface is `write`, `start` and `stop`. Frames are
    drawn, and never queued: while there is no room only the canvas changes, and what is sent then
    is the difference to its newest state. What Textual writes as text is passed on as it is.
    """

    def __init__(
        self,
        writer: TerminalWriter,
        size: tuple[int, int],
        loop: asyncio.AbstractEventLoop,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare for a terminal whose content is unknown.

        Args:
            writer: writer to the terminal.
            size: columns and rows of the terminal.
            loop: Textual's event loop, in which frames are sent.
            now: clock, in seconds.
        """
        self.canvas = Canvas(*size)
        """Canvas with what the screen should show."""
        self._shown = RemoteScreen(self.canvas)
        self._writer = writer
        writer.on_idle = self._flush_soon
        self._pace = FlowControl()
        self._pace_lock = Lock()
        self._all_answered = Event()
        self._loop = loop
        self._now = now
        self._drawing = RLock()  # a signal handler may write while a frame is drawn
        self._size: tuple[int, int] | None = None
        self._synchronises = False
        self._stale = False
        self._timer: asyncio.TimerHandle | None = None
        self._leaving = False

    def start(self) -> None:
        """Start the writer."""
        self._writer.start()

    def write(self, text: str) -> None:
        """Pass text on; from any thread, or from a signal handler."""
        if not self._leaving and self._writer.waiting >= _MOST_WAITING_BYTES:
            return  # the terminal has stalled for long
        if self._leaving or _HARMLESS.fullmatch(text):
            self._writer.put(encode(text))
            return
        with self._drawing:
            # It may draw, so what was drawn before has to be sent first.
            self._take_size()
            before = self._shown.update() + self._shown.place_cursor()
            self._writer.put(encode(before + text))
            self.canvas.forget()
            self._shown.forget()

    def draw(self, paint: Callable[[], bool]) -> bool:
        """Draw a frame onto the canvas.

        Args:
            paint: draws the frame, and returns True if it could.

        Returns:
            True if the frame was drawn.
        """
        with self._drawing:
            self._take_size()
            return not self._leaving and paint()

    def frames_known(self) -> None:
        """Record that the terminal supports synchronised output."""
        self._synchronises = True

    def flush(self) -> None:
        """Send what has changed, now that Textual has completed a frame."""
        if self._leaving:
            return
        now = self._now()
        with self._pace_lock:
            wait = self._pace.wait(now)
        self._stale = True  # set before the check of the writer, which reads it once it is idle
        if self._writer.waiting:
            return
        if wait:
            if self._timer is None:
                self._timer = self._loop.call_later(wait, self._on_timer)
            return
        self._stale = False
        text = self._shown.update()
        if text:
            self._send(text, now)

    def ask_for_repeats(self) -> None:
        """Probe whether the terminal can repeat characters, and whether it replies at all."""
        with self._pace_lock:
            self._pace.ask(self._now())
        self._writer.put(sequences.QUESTION.encode())
        self._shown.forget()

    def resized(self, width: int, height: int) -> None:
        """Record a new size of the terminal, which may then show anything."""
        self._size = (width, height)

    def focused(self, *, focused: bool) -> None:
        """Record that the terminal has gained or lost the focus."""
        with self._pace_lock:
            self._pace.focused = focused
        self._flush_soon()

    def answered(self, column: int) -> bool:
        """Handle a cursor position report; return False if it was not requested.

        Args:
            column: reported column, from 0.
        """
        with self._pace_lock:
            first = not self._pace.answers
            expected = self._pace.answer(self._now())
            awaited = self._pace.awaits_answer
        if expected and first:
            self._shown.repeats = column == sequences.ANSWER
        if not awaited:
            self._all_answered.set()
        self._flush_soon()
        return expected

    def leave(self) -> None:
        """Write everything unchanged from now on, after a short wait for pending replies."""
        if self._leaving:
            return
        self._leaving = True
        if self._timer is not None:
            self._timer.cancel()
        self._all_answered.clear()
        with self._pace_lock:
            awaited = self._pace.awaits_answer
        if awaited and not self._writer.waiting:
            self._all_answered.wait(_ANSWERED_WITHIN_S)
        self._writer.put(_END_FRAME.encode() if self._synchronises else b"")

    def stop(self) -> None:
        """Stop the writer, within a bounded time."""
        self._leaving = True
        self._writer.stop()

    def _take_size(self) -> None:
        """Apply the newest size, if there is one."""
        size, self._size = self._size, None
        if size is not None:
            self.canvas.resize(*size)
            self._shown.forget()

    def _send(self, text: str, now: float) -> None:
        """Write a frame, with a cursor position request if flow control needs one."""
        if (self.canvas.x, self.canvas.y) != (0, 0):
            text += self._shown.place_cursor()  # users and input methods type there
        if self._synchronises and len(text) > _ONE_PIECE_BYTES:
            text = f"{_BEGIN_FRAME}{text}{_END_FRAME}"
        data = encode(text)
        with self._pace_lock:
            ask = self._pace.send(len(data), now)
        self._writer.put(data + QUESTION.encode() if ask else data)

    def _flush_soon(self) -> None:
        """Have what was not sent flushed in the event loop; from any thread."""
        if self._stale:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._flush_stale)

    def _on_timer(self) -> None:
        self._timer = None
        self._flush_stale()

    def _flush_stale(self) -> None:
        if self._stale:
            self.flush()
