"""Output path from Textual's text to the differences sent, as flow control permits."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock
from typing import Final, Protocol

from deeptone_tui.terminal import sequences
from deeptone_tui.terminal.canvas import Canvas
from deeptone_tui.terminal.difference import RemoteScreen
from deeptone_tui.terminal.parsing import Parser, SequenceKind
from deeptone_tui.terminal.pens import Pens
from deeptone_tui.terminal.sequences import encode
from deeptone_tui.terminal.writer import QUESTION, FlowControl

_BEGIN_FRAME: Final = "\x1b[?2026h"
_END_FRAME: Final = "\x1b[?2026l"
_ONE_PIECE_BYTES: Final = 256
"""Size up to which a frame is written, sent and read in one piece without synchronised output."""
_MOST_WAITING_BYTES: Final = 1 << 16
"""Bytes that may wait for a stalled terminal besides a frame; sequences beyond it are dropped."""
_MOST_PENS: Final = 4096
"""Number of pens above which they are forgotten."""
_ANSWERED_WITHIN_S: Final = 0.1
"""Seconds to wait at the end for replies, so that the shell does not get them."""


class Writing(Protocol):
    """Interface of the writer to the terminal."""

    on_idle: Callable[[], None]
    """Called, in any thread, when nothing is left to write."""

    @property
    def waiting(self) -> int:
        """Bytes that the terminal has not taken yet."""
        ...

    def start(self) -> None:
        """Start writing."""
        ...

    def put(self, data: bytes) -> None:
        """Write data, or queue it; return at once."""
        ...

    def stop(self) -> None:
        """Write what is left and end, within a bounded time."""
        ...


class ScreenOutput:
    """Takes Textual's text and sends the terminal the differences.

    It replaces Textual's writer thread, whose interface is `write`, `start` and `stop`. Frames are
    never queued: while there is no room only the canvas changes, and what is sent then is the
    difference to its newest state.
    """

    def __init__(
        self,
        writer: Writing,
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
        self._pens = Pens()
        self._canvas = Canvas(*size, self._pens)
        self._shown = RemoteScreen(self._pens, *size)
        self._parser = Parser(self._canvas)
        self._writer = writer
        writer.on_idle = self._on_idle
        self._pace = FlowControl()
        self._pace_lock = Lock()
        self._all_answered = Event()
        self._loop = loop
        self._now = now
        self._inbox: deque[str] = deque()
        self._drawing = Lock()
        self._size: tuple[int, int] | None = None
        self._stale = False
        self._timer: asyncio.TimerHandle | None = None
        self._leaving = False

    def start(self) -> None:
        """Start the writer."""
        self._writer.start()

    def write(self, text: str) -> None:
        """Draw text; from any thread, or from a signal handler that interrupts this method."""
        if self._leaving:
            self._writer.put(encode(text))
            return
        self._inbox.append(text)
        while self._inbox and self._drawing.acquire(blocking=False):
            try:
                while self._inbox:
                    self._draw(self._inbox.popleft())
            finally:
                self._drawing.release()

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

    @property
    def canvas(self) -> Canvas:
        """Canvas with what the screen should show."""
        return self._canvas

    def frames_known(self) -> None:
        """Record that the terminal supports synchronised output."""
        self._parser.saw_frames = True

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
            self._look_again_in(wait)
            return
        self._stale = False
        text = self._shown.update(self._canvas)
        if text:
            self._send(text, now)
        if len(self._pens) > _MOST_PENS:
            self._pens.forget()

    def ask_for_repeats(self) -> None:
        """Probe whether the terminal can repeat characters, and whether it replies at all."""
        with self._pace_lock:
            self._pace.ask(self._now())
        self._writer.put(sequences.QUESTION.encode())
        self._shown.forget(self._canvas.width, self._canvas.height)

    def resized(self, width: int, height: int) -> None:
        """Record a new size of the terminal, which may then show anything."""
        self._size = (width, height)

    def focused(self, *, focused: bool) -> None:
        """Record that the terminal has gained or lost the focus."""
        with self._pace_lock:
            self._pace.focused = focused
        self._call_in_loop(self._flush_stale)

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
        if self._stale:
            self._call_in_loop(self._flush_stale)
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
        self._writer.put(_END_FRAME.encode() if self._parser.saw_frames else b"")

    def stop(self) -> None:
        """Stop the writer, within a bounded time."""
        self._leaving = True
        self._writer.stop()

    def _draw(self, text: str) -> None:
        self._take_size()
        self._parser.feed(text, self._pass)

    def _take_size(self) -> None:
        """Apply the newest size, if there is one."""
        size, self._size = self._size, None
        if size is not None:
            self._canvas.resize(*size)
            self._shown.forget(*size)

    def _send(self, text: str, now: float) -> None:
        """Write a frame, with a cursor position request if flow control needs one."""
        canvas = self._canvas
        if self._parser.shows_cursor or (canvas.x, canvas.y) != (0, 0):
            text += self._shown.put_hand(canvas)  # users and input methods type there
        if self._parser.saw_frames and len(text) > _ONE_PIECE_BYTES:
            text = f"{_BEGIN_FRAME}{text}{_END_FRAME}"
        data = encode(text)
        with self._pace_lock:
            ask = self._pace.send(len(data), now)
        self._writer.put(data + QUESTION.encode() if ask else data)

    def _pass(self, kind: SequenceKind, sequence: str) -> None:
        """Pass on a sequence meant for the terminal itself."""
        if self._writer.waiting >= _MOST_WAITING_BYTES:
            return  # the terminal has stalled for long
        canvas, shown = self._canvas, self._shown
        # It may draw, so what was drawn before has to be sent first.
        if kind is SequenceKind.UNKNOWN:
            sequence = shown.update(canvas) + shown.put_hand(canvas) + sequence
        self._writer.put(encode(sequence))
        if kind is not SequenceKind.HARMLESS:
            canvas.forget()
            shown.forget(canvas.width, canvas.height)

    def _on_idle(self) -> None:
        """Schedule a flush of unsent changes, now that the writer is idle."""
        if self._stale:
            self._call_in_loop(self._flush_stale)

    def _flush_stale(self) -> None:
        if self._stale:
            self.flush()

    def _look_again_in(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(seconds, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._flush_stale()

    def _call_in_loop(self, call: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(call)
