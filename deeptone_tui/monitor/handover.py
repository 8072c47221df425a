"""Interfaces between the pipeline and other threads: results, and replay of a recording."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import Protocol

from deeptone_tui.audio import Source, SourceOptions, SourceSpec
from deeptone_tui.monitor.state import Change, PlacedResult, SessionStatus

BOUND_RESULTS = 5000
"""Maximum number of waiting results."""
BOUND_BYTES = 32 * 1024 * 1024
"""Maximum memory of waiting results, in bytes."""


class ResultQueue:
    """Bounded drop-oldest queue between two threads; dropped results are counted.

    A result can be taken only after ``release``, which follows the publication of a state that
    counts it: a reader that takes results, and reads the state after them, finds each of them in
    it.
    """

    def __init__(self, bound: int = BOUND_RESULTS, bound_bytes: int = BOUND_BYTES) -> None:
        self._bound = bound
        self._bound_bytes = bound_bytes
        self._waiting: deque[tuple[PlacedResult, int]] = deque()
        self._bytes = 0
        self._lock = threading.Lock()
        self._dropped = 0
        self._released = 0  # number of results that may be taken, the oldest

    @property
    def dropped(self) -> int:
        """Number of results that were dropped before they were taken."""
        return self._dropped

    def put(self, entry: PlacedResult) -> None:
        """Add a result, dropping the oldest until it fits; the newest itself always fits."""
        size = entry.step.footprint_bytes
        with self._lock:
            while self._waiting and self._is_full(size):
                self._bytes -= self._waiting.popleft()[1]
                self._dropped += 1
                self._released = max(self._released - 1, 0)
            self._waiting.append((entry, size))
            self._bytes += size

    def _is_full(self, size: int) -> bool:
        """Return True if one more result of ``size`` bytes exceeds a bound."""
        return len(self._waiting) >= self._bound or self._bytes + size > self._bound_bytes

    def release(self) -> None:
        """Allow everything in the queue to be taken: a state that counts it is published."""
        with self._lock:
            self._released = len(self._waiting)

    def take(self) -> list[PlacedResult]:
        """Return all released results, oldest first."""
        with self._lock:
            taken = [self._waiting.popleft() for _ in range(self._released)]
            self._released = 0
            self._bytes -= sum(size for _, size in taken)
        return [entry for entry, _ in taken]


class Playback(Protocol):
    """Recording that is replayed.

    A monitor reads ``session`` and ``speed`` once when it is constructed; after that, everything is
    called in the pipeline's thread.
    """

    @property
    def speed(self) -> float:
        """Seconds of the recording per second."""
        ...

    @property
    def session(self) -> SessionStatus:
        """Connection status at the current position of the recording."""
        ...

    def open_source(self, spec: SourceSpec, options: SourceOptions) -> Source:
        """Return the source of the recording's audio."""
        ...

    def due(self, captured: int) -> Iterator[PlacedResult | Change | str]:
        """Yield the results, changes and notices of the audio played since the last call.

        Args:
            captured: absolute index after the newest sample of the block that was just taken.
        """
        ...

    def set_speed(self, speed: float) -> None:
        """Set the replay speed."""
        ...
