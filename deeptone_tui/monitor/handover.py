"""What a pipeline is given from outside, and how it hands states and results to other threads."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from deeptone_tui.audio import (
    Source,
    SourceInfo,
    SourceKind,
    SourceOptions,
    SourceSpec,
    open_source,
)
from deeptone_tui.monitor.state import Change, PlacedResult, SessionStatus
from deeptone_tui.session.timing import NO_RESULTS_TIMEOUT_S

if TYPE_CHECKING:
    from deeptone_tui.session.active_connection import Connect
    from deeptone_tui.session.timing import Timing

BUFFER_S = 60.0
"""Seconds of audio kept by default."""
PUBLISH_EVERY_S = 1 / 30
"""Minimum interval between publications of the state, in seconds."""
LOOK_EVERY_S = 0.25
"""Seconds between polls of what does not report itself: a stalled source, a retry's countdown."""
BOUND_RESULTS = 5000
"""Maximum number of waiting results."""
BOUND_BYTES = 32 * 1024 * 1024
"""Maximum memory of waiting results, in bytes."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Requested source."""

    spec: SourceSpec
    options: SourceOptions


def info_of(spec: SourceSpec) -> SourceInfo:
    """Return what is known of a source before it is opened."""
    live = spec.kind not in (SourceKind.FILE, SourceKind.DEMO)
    name = Path(spec.value).name if spec.kind is SourceKind.FILE else spec.value
    return SourceInfo(spec.kind, name or spec.kind.value, live=live)


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferOptions:
    """Amount of audio kept while nothing can be sent, and the rate of sending it afterwards."""

    buffer: float = BUFFER_S
    """Seconds of audio kept for retries; 32 kB each."""
    catch_up: float | None = None
    """Rate at which a backlog is sent, as a multiple of real time. None is 1.25, and no limit for
    the local endpoint, which takes what it can."""
    no_results: float = NO_RESULTS_TIMEOUT_S
    """Timeout in seconds: another connection is opened after this long without a due result while
    audio is sent."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """External dependencies of a monitor; tests substitute their own."""

    open_source: Callable[[SourceSpec, SourceOptions], Source] = open_source
    """Constructs a source."""
    connect: "Connect | None" = None
    """Opens a connection; None for aiohttp's, which is imported when needed."""
    timing: "Timing | None" = None
    """Clock, sleep and random numbers; None for the system's."""
    publish_every_s: float = PUBLISH_EVERY_S
    """Minimum seconds between publications."""


class Publisher:
    """Timer of publications, for one event loop.

    Args:
        publish: publishes the state.
        clock: monotonic time in seconds.
        every_s: minimum seconds between publications.
    """

    def __init__(
        self, publish: Callable[[], None], clock: Callable[[], float], every_s: float
    ) -> None:
        self._publish = publish
        self._clock = clock
        self._every_s = every_s
        self._published = -every_s
        self._unpublished = False
        self._timer: asyncio.TimerHandle | None = None

    def touch(self) -> None:
        """Schedule a publication: something has happened."""
        wait = self._published + self._every_s - self._clock()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(max(0.0, wait), self._now)

    def take_block(self) -> None:
        """Publish after a block of audio if it is time; if not, the next block is near."""
        self._unpublished = True
        if self._clock() - self._published >= self._every_s:
            self._now()

    def look(self, *, counting_down: bool) -> None:
        """Publish what no further block has published, or if something changes with time."""
        late = self._clock() - self._published >= LOOK_EVERY_S
        if late and (self._unpublished or counting_down):
            self._now()

    def close(self) -> None:
        """Cancel a scheduled publication."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _now(self) -> None:
        self.close()
        self._published = self._clock()
        self._unpublished = False
        self._publish()


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
