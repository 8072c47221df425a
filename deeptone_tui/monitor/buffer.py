"""The ring between the source that writes and the session that reads."""

import asyncio

import numpy as np

from deeptone_tui.level import STEP_SAMPLES
from deeptone_tui.monitor.ring import Ring, Samples
from deeptone_tui.session.reader import Chunk

_NOTHING: Samples = np.empty(0, dtype=np.int16)


class AudioBuffer:
    """One writer, one reader, one event loop. The reader's side is ``session.AudioReader``.

    A live writer never waits: it overwrites the oldest samples, and the reader learns from the
    index of its next chunk what it has missed. A writer that can wait asks for ``room``, so
    that its audio is never more than half the ring ahead: the other half stays behind the
    reader, to be read again after a lost connection.
    """

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._position = 0
        self._cuts: list[int] = []  # where pieces of audio end, ascending
        self._told = -1  # the end of a piece that the reader has been told of
        self._live = True
        self._finished = False
        self._discarding = False
        self._reading = False
        self._woken = False
        self._arrived = asyncio.Event()
        self._taken = asyncio.Event()

    # The writer's side.

    def write(self, samples: Samples) -> None:
        """Append what was captured."""
        self._ring.write(samples)
        self._finished = False
        if self._ring.end - self._position >= STEP_SAMPLES:
            _pulse(self._arrived)

    async def room(self, samples: int) -> None:
        """Wait until so many samples may be written without running away from the reader."""
        ahead = max(self._ring.capacity // 2, samples)
        while not (
            self._live or self._discarding or self._ring.end + samples - self._position <= ahead
        ):
            await self._taken.wait()

    def begin(self, *, live: bool) -> None:
        """A source begins: whether its audio waits is known from now on."""
        self._live = live
        self._finished = False
        _pulse(self._taken)

    def cut(self) -> None:
        """What follows does not follow from what was written: another connection's audio."""
        if self._ring.end > (self._cuts[-1] if self._cuts else 0):
            self._cuts.append(self._ring.end)
        self._cuts = [cut for cut in self._cuts if cut >= self._ring.start]
        _pulse(self._arrived)

    def finish(self) -> None:
        """The source has ended; nothing follows unless another one begins."""
        self._finished = True
        _pulse(self._arrived)

    # The reader's side.

    @property
    def position(self) -> int:
        """Index of the next sample to be read."""
        return self._position

    @property
    def captured(self) -> int:
        """Index after the newest sample."""
        return self._ring.end

    @property
    def oldest(self) -> int:
        """Index of the oldest sample that can still be read."""
        return self._ring.start

    @property
    def live(self) -> bool:
        """Whether the audio does not wait."""
        return self._live

    @property
    def ended(self) -> bool:
        """Whether the source has ended and its audio was read."""
        return self._finished and self._position >= self._ring.end

    async def read(self, at_most: int) -> Chunk | None:
        """Wait for audio and take it; see ``AudioReader``."""
        self._reading = True
        try:
            while not self._woken:
                available = self._available()
                if available is None:
                    self._told = self._position
                    return None
                if available:
                    return self._take(min(available, at_most))
                await self._arrived.wait()
            return Chunk(self._position, _NOTHING)
        finally:
            self._reading = self._woken = False

    async def more(self) -> bool:
        """Wait until there is audio, or no more of it; see ``AudioReader``."""
        ended = self.ended
        while not (available := self._available()):
            if self.ended and not ended:
                return False
            if available is None and not self._finished:
                self._told = self._position  # an empty piece is not worth a connection
            else:
                await self._arrived.wait()
        return True

    def wake(self) -> None:
        """Let a read that waits return an empty chunk."""
        if self._reading:
            self._woken = True
            _pulse(self._arrived)

    def move_to(self, position: int) -> None:
        """Go on from another position."""
        if position < self._position:
            self._told = -1
        self._position = position
        _pulse(self._taken)

    def discard(self, discarding: bool) -> None:
        """Let the writer run on without a reader, or wait for it again."""
        self._discarding = discarding
        _pulse(self._taken)

    def _piece_end(self) -> int | None:
        """Where the piece of audio at the position ends; None while it goes on."""
        for cut in self._cuts:
            if cut > self._position or (cut == self._position != self._told):
                return cut
        return self._ring.end if self._finished else None

    def _available(self) -> int | None:
        """Samples that can be read now; None where a piece ends."""
        self._position = max(self._position, self._ring.start)
        end = self._piece_end()
        if end is None:
            return max(0, self._ring.end - self._position) // STEP_SAMPLES * STEP_SAMPLES
        if end > self._position:
            return end - self._position
        return None

    def _take(self, samples: int) -> Chunk:
        """Read on by so many samples."""
        start, self._position = self._position, self._position + samples
        _pulse(self._taken)
        return Chunk(start, self._ring.read(start, self._position))


def _pulse(event: asyncio.Event) -> None:
    """Wake whoever waits now; who waits later waits for the next time."""
    event.set()
    event.clear()
