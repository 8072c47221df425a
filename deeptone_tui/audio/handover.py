"""From PortAudio's thread to the event loop, without ever waiting for either."""

import asyncio
import threading
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """What one callback brought."""

    data: bytes
    frames: int
    overflowed: bool
    lost: int = 0
    """Frames dropped here directly before this piece."""


class Handover:
    """A bounded queue with one writer in any thread and one reader in the loop.

    When it is full the oldest piece goes, and the next one taken tells how much went. The queue
    is on the writer's side of the loop, with at most one wake-up under way: a loop that stands
    still cannot make it grow.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, capacity: int) -> None:
        """Make an empty one for so many pieces."""
        self._loop = loop
        self._capacity = capacity
        self._pieces: deque[Piece] = deque()
        self._lock = threading.Lock()
        self._changed = asyncio.Event()
        self._waking = False
        self._ended = False
        self._lost = 0
        self._overflowed = False

    def put(self, data: bytes, frames: int, overflowed: bool) -> None:
        """Add a piece; from any thread, never waits for the reader."""
        with self._lock:
            if self._ended:
                return
            if len(self._pieces) == self._capacity:
                oldest = self._pieces.popleft()
                self._lost += oldest.frames
                self._overflowed = self._overflowed or oldest.overflowed
            self._pieces.append(Piece(data, frames, overflowed))
        self._wake()

    def end(self) -> None:
        """Let the reader come to an end after what is there; from any thread."""
        with self._lock:
            self._ended = True
        self._wake()

    async def take(self) -> Piece | None:
        """The oldest piece, awaited; None after the end."""
        while True:
            with self._lock:
                if self._pieces:
                    return self._pop()
                if self._ended:
                    return None
                self._changed.clear()
            await self._changed.wait()

    def _pop(self) -> Piece:
        piece = self._pieces.popleft()
        if self._lost or self._overflowed:
            overflowed = piece.overflowed or self._overflowed
            piece = Piece(piece.data, piece.frames, overflowed, self._lost)
            self._lost, self._overflowed = 0, False
        return piece

    def _wake(self) -> None:
        with self._lock:
            if self._waking:
                return
            self._waking = True
        try:
            self._loop.call_soon_threadsafe(self._woken)
        except RuntimeError:
            # The loop was closed while the device was still calling back: nobody reads any more.
            if not self._loop.is_closed():
                raise

    def _woken(self) -> None:
        with self._lock:
            self._waking = False
        self._changed.set()
