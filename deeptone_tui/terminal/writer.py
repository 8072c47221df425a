"""Writing to a terminal that may stand still: without blocking, and no more than it takes.

Where the terminal can be opened once more, for writing without blocking, most frames are written
at once; the thread writes what it does not take. Making the terminal itself not block would do so
for the shell and everybody else who has it.

A pseudo-terminal takes some 15 kB before it blocks, and SSH far more: whoever waits for that
shows keys seconds late on a slow link. So the terminal is asked, after some bytes, where its
cursor is; the answer says that everything before it has arrived. What is on its way is kept to
what arrives within a moment. A terminal that never answers is only held by what blocks.
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
"""Where is the cursor? Every terminal since the VT100 answers, and Textual knows the answer."""
_SMALLEST_WINDOW_BYTES: Final = 1024
_LARGEST_WINDOW_BYTES: Final = 1 << 18
"""Bounds of the window, in bytes."""
_GROW_UNDER_S: Final = 0.2
_SHRINK_OVER_S: Final = 0.4
"""Seconds, over those of the quickest answer so far, for the window to grow or to shrink."""
_ANSWER_TIMEOUT_S: Final = 10.0
"""Seconds after which an answer counts as lost, as over a reconnection."""
_UNFOCUSED_EVERY_S: Final = 0.5
"""Seconds between two frames that nobody looks at."""

_DRAINED_WITHIN_S: Final = 0.1
"""Seconds that the terminal has in the end to take what is left."""
_POLL_INTERVAL_S: Final = 1.0
"""Seconds between two looks at a terminal that takes nothing and was made not to block."""


class _Asked(NamedTuple):
    at: float
    sent: int
    """Bytes sent until then."""
    waiting: int
    """Bytes that were on their way."""


class FlowControl:
    """Counts what is on its way; every time is given, in seconds of one clock."""

    def __init__(self) -> None:
        self.focused = True
        """Whether the terminal has the focus, as far as it tells."""
        self._sent = self._arrived = 0
        self._window = _SMALLEST_WINDOW_BYTES
        self._open: deque[_Asked] = deque()
        self._quickest = math.inf
        self._last = -math.inf

    @property
    def answers(self) -> bool:
        """Whether the terminal has ever answered."""
        return self._quickest < math.inf

    @property
    def awaits_answer(self) -> bool:
        """Whether a terminal that answers has not answered everything yet."""
        return self.answers and bool(self._open)

    @property
    def on_the_way(self) -> int:
        """Bytes that no answer has told the arrival of."""
        return self._sent - self._arrived

    def wait(self, now: float) -> float:
        """Seconds until there is room, unless an answer comes before; 0 when there is some."""
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
            size: its bytes, without a question.
            now: the time.

        Returns:
            Whether the question is to follow; it is counted too, then.
        """
        self._sent += size
        self._last = now
        if self.on_the_way <= self._window // 2:
            return False
        if not self.answers and self._open:
            return False  # it has not answered the first one
        self.ask(now)
        return True

    def ask(self, now: float) -> None:
        """Count a question as asked."""
        self._sent += len(QUESTION)
        self._open.append(_Asked(now, self._sent, self.on_the_way))

    def answer(self, now: float) -> bool:
        """Take an answer; False when there was no question."""
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
    """Writes what it is given, in its order.

    Its queue has no bound of its own: frames are only given to it when it is idle, and the rest
    by `ScreenOutput`, which looks at `waiting`.
    """

    def __init__(self, descriptor: int) -> None:
        """Prepare the thread.

        Args:
            descriptor: the terminal.
        """
        self.on_idle: Callable[[], None] = _nothing
        """Called in the thread when everything has been written."""
        self.on_failure: Callable[[Exception], None] = _nothing
        """Called in the thread when it fails."""
        self._descriptor = descriptor
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._given = self._written = 0
        self._giving = RLock()  # a signal may write in the middle of a write
        self._direct = _opened_again(descriptor)
        self._thread = Thread(target=self._run, name="terminal-writer", daemon=True)

    @property
    def waiting(self) -> int:
        """Bytes that the terminal has not taken yet."""
        return self._given - self._written

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def put(self, data: bytes) -> None:
        """Have something written; returns at once."""
        with self._giving:
            if self._direct is not None and not self.waiting:
                with suppress(OSError):
                    data = data[os.write(self._direct, data) :]
            if data:
                self._given += len(data)
                self._queue.put(data)

    def stop(self) -> None:
        """Write what is left, and end; within a bounded time, whatever the terminal does.

        What a stalled terminal holds is thrown away: better that it gets its own screen back
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
                with suppress(OSError):  # the terminal has gone; its end comes over the keys
                    self._write(data)
                self._written += len(data)
                if not self.waiting:
                    self.on_idle()
            except Exception as error:  # noqa: BLE001  told; what gives the terminal back comes yet
                self.on_failure(error)

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:  # another process has made it so
                select.select([], [self._descriptor], [], _POLL_INTERVAL_S)


def _opened_again(descriptor: int) -> int | None:
    """The same terminal, for writing without blocking; None where it cannot be opened."""
    try:
        return os.open(os.ttyname(descriptor), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return None


def _nothing(*_: object) -> None:
    """What is done when nobody wants to know."""
