"""Audio buffer that the session reads."""

import asyncio
from collections.abc import Callable

from deeptone_tui.dsp import NO_SAMPLES, Samples
from deeptone_tui.monitor.ring import Dropped, Ring
from deeptone_tui.protocol import STEP_SAMPLES
from deeptone_tui.session.interfaces import Chunk, Cursor
from deeptone_tui.session.timeline import reach


class AudioBuffer:
    """Buffer with one writer and one session that uses a cursor per connection, in one event loop.

    A live writer never waits: when the ring is full, it drops the audio that matters least and
    reports it. A writer that can wait calls ``room``, so that unsettled audio stays in the ring, to
    be read again after a lost connection. The session's side is ``session.interfaces.AudioReader``.

    Args:
        ring: stores the samples.
        on_drop: called with the samples that were dropped before anybody read them.
    """

    def __init__(self, ring: Ring, on_drop: Callable[[Dropped], None] = lambda _: None) -> None:
        self._ring = ring
        self._on_drop = on_drop
        self._cuts: list[int] = []  # ends of the pieces of audio, ascending
        self._cursors: list[BufferCursor] = []
        self._live = self._paced = True
        self._hold = True
        self._finished = False
        self._discarding = False
        self.arrived = asyncio.Event()
        """Pulsed at each change at the end of the audio."""
        self._taken = asyncio.Event()

    # The writer's side.

    def write(self, samples: Samples) -> None:
        """Append captured samples."""
        before = self._ring.end // STEP_SAMPLES
        self._finished = False
        for dropped in self._ring.write(samples):
            self._on_drop(dropped)
        if self._ring.end // STEP_SAMPLES > before:
            _pulse(self.arrived)

    async def room(self, samples: int) -> None:
        """Wait until ``samples`` may be written without getting too far ahead of the reader."""
        while not (self._live or self._discarding or self._has_room(samples)):
            await self._taken.wait()

    def begin(self, *, live: bool, paced: bool = True) -> None:
        """Start a source.

        Args:
            live: True if the source does not wait for ``room``.
            paced: True if its audio arrives in real time.
        """
        self._live, self._paced = live, paced
        self._finished = False
        _pulse(self._taken)

    def cut(self) -> None:
        """Mark a discontinuity: what follows belongs to another connection."""
        if self._ring.end > (self._cuts[-1] if self._cuts else 0):
            self._cuts.append(self._ring.end)
        self._cuts = [cut for cut in self._cuts if cut >= self._ring.start]
        _pulse(self.arrived)

    def finish(self) -> None:
        """Mark the end of the source; nothing follows unless another one begins."""
        self._finished = True
        _pulse(self.arrived)

    # The session's side: see ``AudioReader``.

    @property
    def paced(self) -> bool:
        """True if the audio arrives in real time."""
        return self._paced

    def ended(self, index: int) -> bool:
        """Return True if the source has ended and nothing follows from ``index`` on."""
        return self._finished and index >= self._ring.end

    def available(self, index: int) -> int:
        """Return the first sample from ``index`` on that can be read now or later."""
        return self._ring.available(index)

    def piece_start(self, index: int) -> int:
        """Return the start of the contiguous audio that reaches up to ``index``."""
        cuts = [cut for cut in self._cuts if cut <= index]
        return max(self._ring.piece_start(index), *cuts, 0)

    def silent(self, start: int, end: int) -> bool:
        """Return True if all whole steps of the range are there and under the threshold."""
        return self._ring.silent(start, end)

    async def more(self, index: int) -> bool:
        """Wait for audio at ``index``.

        Returns:
            False if the source ends without any. A source that has ended before the call does not
            end the wait.
        """
        ended = self.ended(index)
        while not self._readable(index):
            if self.ended(index) and not ended:
                return False
            await self.arrived.wait()
        return True

    def cursor(self, start: int, *, period: int) -> Cursor:
        """Return a cursor that reads from ``start`` on."""
        self._hold = reach(period) + 2 * STEP_SAMPLES <= self._ring.capacity
        cursor = BufferCursor(self, start)
        self._cursors.append(cursor)
        _pulse(self._taken)
        return cursor

    def settle(self, index: int) -> None:
        """Mark the samples before ``index`` as never read again."""
        self._ring.settled = max(self._ring.settled, index)
        _pulse(self._taken)

    def discard(self, discarding: bool) -> None:
        """Let the writer run without a reader if ``discarding``, otherwise make it wait for one."""
        self._discarding = discarding
        _pulse(self._taken)

    # The cursors' side.

    def available_at(self, cursor: "BufferCursor") -> int | None:
        """Return the number of samples that a cursor can read now; None at the end of its piece."""
        position = cursor.position
        if self._ring.available(position) != position:
            return None  # dropped: what follows is not contiguous
        end = self._piece_end(cursor.begin, position)
        if end is None:
            return max(0, self._ring.end - position) // STEP_SAMPLES * STEP_SAMPLES
        return end - position if end > position else None

    def take(self, start: int, end: int) -> Samples:
        """Return samples that are there, and mark them as taken."""
        self._ring.taken = max(self._ring.taken, end)
        _pulse(self._taken)
        return self._ring.read(start, end)

    def forget(self, cursor: "BufferCursor") -> None:
        """Remove a cursor; samples it took that are not settled may be read again."""
        if cursor in self._cursors:
            self._cursors.remove(cursor)
        reached = [other.position for other in self._cursors]
        self._ring.taken = max(reached, default=self._ring.settled)
        _pulse(self._taken)

    def _piece_end(self, begin: int, position: int) -> int | None:
        """Return the end of the piece of audio at ``position``; None while it still grows."""
        cuts = [cut for cut in self._cuts if cut > begin and cut >= position]
        hole = self._ring.piece_end(position)
        ends = [*cuts[:1], *([hole] if hole < self._ring.end else [])]
        if self._finished:
            ends.append(self._ring.end)
        return min(ends, default=None)

    def _readable(self, index: int) -> bool:
        """Return True if a connection that begins at ``index`` would get audio at once."""
        index = self._ring.available(index)
        ends = [cut for cut in self._cuts if cut > index]
        if ends or self._finished:
            return self._ring.end > index
        return self._ring.end - index >= STEP_SAMPLES

    def _has_room(self, samples: int) -> bool:
        """Return True if a writer that can wait may write."""
        ring = self._ring
        ahead = ring.end + samples - max(ring.taken, ring.settled)
        owed = ring.end + samples - ring.settled
        kept = ring.capacity - STEP_SAMPLES  # without the step being filled
        near = ahead <= max(ring.capacity // 2, samples)
        return near and (owed <= max(kept, samples) or not self._hold)


class BufferCursor:
    """Read position in the buffer; see ``session.interfaces.Cursor``."""

    def __init__(self, buffer: AudioBuffer, begin: int) -> None:
        self._buffer = buffer
        self._reading = False
        self._woken = False
        self.begin = self.position = begin

    async def read(self, at_most: int) -> Chunk | None:
        """Wait for audio and take it."""
        self._reading = True
        try:
            while not self._woken:
                available = self._buffer.available_at(self)
                if available is None:
                    return None
                if available:
                    return self._take(min(available, at_most))
                await self._buffer.arrived.wait()
            return Chunk(self.position, NO_SAMPLES)
        finally:
            self._reading = self._woken = False

    def wake(self) -> None:
        """Let a waiting read return an empty chunk."""
        if self._reading:
            self._woken = True
            _pulse(self._buffer.arrived)

    def close(self) -> None:
        """Release the cursor; nothing more is read here."""
        self._buffer.forget(self)

    def _take(self, samples: int) -> Chunk:
        """Take samples and advance."""
        start, self.position = self.position, self.position + samples
        return Chunk(start, self._buffer.take(start, self.position))


def _pulse(event: asyncio.Event) -> None:
    """Wake the current waiters; later ones wait for the next pulse."""
    event.set()
    event.clear()
