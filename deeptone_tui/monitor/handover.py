"""What the core and the threads around it hand each other: results, and the play of a recording."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import Protocol

from deeptone_tui.audio import Source, SourceOptions, SourceSpec
from deeptone_tui.monitor.state import Change, PlacedResult, SessionStatus

BOUND_RESULTS = 5000
"""Results that wait at most."""
BOUND_BYTES = 32 * 1024 * 1024
"""Memory that they take at most."""


class ResultQueue:
    """A bounded list between two threads: when it is full, the oldest goes, and is counted.

    What is put can be taken only once it is released, which is when a state is out that counts
    it: whoever takes results, and reads the state after them, finds each of them in it.
    """

    def __init__(self, bound: int = BOUND_RESULTS, bound_bytes: int = BOUND_BYTES) -> None:
        self._bound = bound
        self._bound_bytes = bound_bytes
        self._waiting: deque[tuple[PlacedResult, int]] = deque()
        self._bytes = 0
        self._lock = threading.Lock()
        self._dropped = 0
        self._released = 0  # of those that wait, the oldest

    @property
    def dropped(self) -> int:
        """Results that nobody took in time."""
        return self._dropped

    def put(self, entry: PlacedResult) -> None:
        """Add the newest, which itself always finds room."""
        size = entry.step.footprint_bytes
        with self._lock:
            while self._waiting and self._is_full(size):
                self._bytes -= self._waiting.popleft()[1]
                self._dropped += 1
                self._released = max(self._released - 1, 0)
            self._waiting.append((entry, size))
            self._bytes += size

    def _is_full(self, size: int) -> bool:
        """Whether the newest would be one too many, or too large."""
        return len(self._waiting) >= self._bound or self._bytes + size > self._bound_bytes

    def release(self) -> None:
        """Let everything be taken that was put: a state that counts it is out."""
        with self._lock:
            self._released = len(self._waiting)

    def take(self) -> list[PlacedResult]:
        """Everything that was released, oldest first."""
        with self._lock:
            taken = [self._waiting.popleft() for _ in range(self._released)]
            self._released = 0
            self._bytes -= sum(size for _, size in taken)
        return [entry for entry, _ in taken]


class Playback(Protocol):
    """A recording that is played; everything is called in the core's thread."""

    @property
    def speed(self) -> float:
        """Seconds of the recording in a second."""
        ...

    @property
    def session(self) -> SessionStatus:
        """The connection as it was where the recording is now."""
        ...

    def open_source(self, spec: SourceSpec, options: SourceOptions) -> Source:
        """Its audio."""
        ...

    def due(self, captured: int) -> Iterator[PlacedResult | Change | str]:
        """Results, changes and words about what happened, of what was played since last.

        Args:
            captured: absolute index after the newest sample of the block that was just taken.
        """
        ...

    def set_speed(self, speed: float) -> None:
        """Play faster or slower."""
        ...
