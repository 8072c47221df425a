"""Writing to the terminal without waiting for it.

Where the terminal can be opened once more, for writing without blocking, most frames are written
at once; the thread writes what it does not take. Making the terminal itself not block would do so
for the shell and everybody else who has it.
"""

import os
import select
import termios
from contextlib import suppress
from queue import SimpleQueue
from threading import RLock, Thread
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_DRAINED_WITHIN: Final = 0.1
"""Seconds that the terminal has in the end to take what is left."""
_LOOK_AGAIN: Final = 1.0
"""Seconds between two looks at a terminal that takes nothing and was made not to block."""


class Writer:
    """Writes what it is given, in its order.

    Its queue has no bound of its own: frames are only given to it when it is idle, and the rest
    by `Wire`, which looks at `waiting`.
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
        self._thread.join(_DRAINED_WITHIN)
        if self._thread.is_alive():
            with suppress(termios.error, OSError):
                termios.tcflush(self._descriptor, termios.TCOFLUSH)
            self._thread.join(_DRAINED_WITHIN)
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
                select.select([], [self._descriptor], [], _LOOK_AGAIN)


def _opened_again(descriptor: int) -> int | None:
    """The same terminal, for writing without blocking; None where it cannot be opened."""
    try:
        return os.open(os.ttyname(descriptor), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return None


def _nothing(*_: object) -> None:
    """What is done when nobody wants to know."""
