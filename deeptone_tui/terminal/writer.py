"""Non-blocking writes, with flow control, to a terminal that may stall.

Where the terminal can be opened a second time in non-blocking mode, most frames are written at
once; the thread writes the rest. To put the terminal's own descriptor in that mode would do so for
the shell and for everybody else who shares it.

A pseudo-terminal takes some 15 kB before it blocks, and SSH far more: a program that waits for that
shows keys seconds late on a slow link. So, after some bytes, the terminal is asked for its cursor
position; the reply confirms that everything before it has arrived. The bytes in flight are limited
to what arrives within a moment. A terminal that never replies is limited by blocking alone.
"""

import math
import os
import select
import termios
from collections import deque
from contextlib import suppress
from queue import SimpleQueue
from threading import RLock, Thread
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


QUESTION: Final = "\x1b[6n"
"""Cursor position request. Every terminal since the VT100 replies, and Textual knows the reply."""
_SMALLEST_WINDOW_BYTES: Final = 1024
_LARGEST_WINDOW_BYTES: Final = 1 << 18
"""Bounds of the flow control window, in bytes."""
_GROW_UNDER_S: Final = 0.2
_SHRINK_OVER_S: Final = 0.4
"""Seconds over the quickest reply so far, under and over which the window grows and shrinks."""
_ANSWER_TIMEOUT_S: Final = 10.0
"""Seconds after which a reply counts as lost, as over a reconnection."""
_UNFOCUSED_EVERY_S: Final = 0.5
"""Seconds between frames while the terminal does not have the focus."""

_DRAINED_WITHIN_S: Final = 0.1
"""Seconds that the terminal has at the end to take what is left."""
_POLL_INTERVAL_S: Final = 1.0
"""Longest wait in seconds for a stalled terminal that was put in non-blocking mode."""


class _Asked(NamedTuple):
    at: float
    sent: int
    """Bytes sent up to the request."""
    waiting: int
    """Bytes in flight at the time."""


class FlowControl:
    """Flow control by the bytes in flight. Every time is passed in, in seconds of one clock."""

    def __init__(self) -> None:
        self.focused = True
        """True if the terminal has the focus, as far as it reports it."""
        self._sent = self._arrived = 0
        self._window = _SMALLEST_WINDOW_BYTES
        self._open: deque[_Asked] = deque()
        self._quickest = math.inf
        self._last = -math.inf

    @property
    def answers(self) -> bool:
        """True if the terminal has ever replied."""
        return self._quickest < math.inf

    @property
    def awaits_answer(self) -> bool:
        """True if a terminal that replies still owes a reply."""
        return self.answers and bool(self._open)

    @property
    def on_the_way(self) -> int:
        """Bytes in flight: sent, but confirmed by no reply."""
        return self._sent - self._arrived

    def wait(self, now: float) -> float:
        """Return the seconds until there is room, unless a reply comes first; 0 for room now."""
        unfocused = 0.0 if self.focused else self._last + _UNFOCUSED_EVERY_S - now
        return max(unfocused, self._wait_for_answer(now), 0.0)

    def _wait_for_answer(self, now: float) -> float:
        if not self.awaits_answer or self.on_the_way <= self._window // 2:
            return 0.0
        wait = self._open[0].at + _ANSWER_TIMEOUT_S - now
        if wait <= 0:
            self._open.clear()
            self._arrived = self._sent
        return wait

    def send(self, size: int, now: float) -> bool:
        """Count a frame as sent.

        Args:
            size: bytes of the frame, without a request.
            now: current time.

        Returns:
            True if a request has to follow, which is then counted too.
        """
        self._sent += size
        self._last = now
        if self.on_the_way <= self._window // 2:
            return False
        if not self.answers and self._open:
            return False  # no reply to the first request yet
        self.ask(now)
        return True

    def ask(self, now: float) -> None:
        """Count a request as sent."""
        self._sent += len(QUESTION)
        self._open.append(_Asked(now, self._sent, self.on_the_way))

    def answer(self, now: float) -> bool:
        """Record a reply; return False if there was no request."""
        if not self._open:
            return False
        asked = self._open.popleft()
        self._arrived = asked.sent
        taken = now - asked.at
        self._quickest = min(self._quickest, taken)
        over = taken - self._quickest
        if over > _SHRINK_OVER_S:
            self._window = max(self._window // 2, _SMALLEST_WINDOW_BYTES)
        elif over < _GROW_UNDER_S and asked.waiting > self._window // 2:
            self._window = min(self._window * 2, _LARGEST_WINDOW_BYTES)
        return True


class TerminalWriter:
    """Writes data in the order given.

    Its queue is unbounded: frames are given to it only when it is idle, and the rest is limited by
    `ScreenOutput`, which checks `waiting`.
    """

    def __init__(self, descriptor: int) -> None:
        """Create the thread.

        Args:
            descriptor: file descriptor of the terminal.
        """
        self.on_idle: Callable[[], None] = _nothing
        """Called in the thread when everything has been written."""
        self.on_failure: Callable[[Exception], None] = _nothing
        """Called in the thread with the error when it fails."""
        self._descriptor = descriptor
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._given = self._written = 0
        self._giving = RLock()  # a signal handler may write during a write
        self._direct = _opened_again(descriptor)
        self._thread = Thread(target=self._run, name="terminal-writer", daemon=True)

    @property
    def waiting(self) -> int:
        """Bytes that the terminal has not taken yet."""
        return self._given - self._written

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def put(self, data: bytes) -> None:
        """Write data, or queue it for the thread; return at once."""
        with self._giving:
            if self._direct is not None and not self.waiting:
                with suppress(OSError):
                    data = data[os.write(self._direct, data) :]
            if data:
                self._given += len(data)
                self._queue.put(data)

    def stop(self) -> None:
        """Write what is left and end, within a bounded time whatever the terminal does.

        The output held by a stalled terminal is discarded: its own screen coming back matters more
        than a frame of ours. If even that does not help, the thread is left behind.
        """
        self._queue.put(None)
        self._thread.join(_DRAINED_WITHIN_S)
        if self._thread.is_alive():
            with suppress(termios.error, OSError):
                termios.tcflush(self._descriptor, termios.TCOFLUSH)
            self._thread.join(_DRAINED_WITHIN_S)
        if self._direct is not None and not self._thread.is_alive():
            os.close(self._direct)
            self._direct = None

    def _run(self) -> None:
        while (data := self._queue.get()) is not None:
            try:
                with suppress(OSError):  # the terminal has gone, which the input thread notices
                    self._write(data)
                self._written += len(data)
                if not self.waiting:
                    self.on_idle()
            except Exception as error:  # noqa: BLE001  reported; the terminal is restored later
                self.on_failure(error)

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:  # another process has made it non-blocking
                select.select([], [self._descriptor], [], _POLL_INTERVAL_S)


def _opened_again(descriptor: int) -> int | None:
    """Open the terminal again for non-blocking writes; return None if that fails."""
    try:
        return os.open(os.ttyname(descriptor), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return None


def _nothing(*_: object) -> None:
    """Ignore the event."""
