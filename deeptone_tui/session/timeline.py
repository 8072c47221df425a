"""Position of a connection in the audio: its results, their order, and where it stops. Pure."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from deeptone_tui.protocol import (
    CATALOGUE,
    SAMPLE_RATE_HZ,
    SAMPLES_PER_MS,
    STEP_SAMPLES,
    StreamParameters,
)
from deeptone_tui.session.events import PeriodAnswered

MOST_HELD_RESULTS = 3
"""Most results held in the reorder buffer while an earlier one is missing."""
LONGEST_REORDERED_PERIOD_SAMPLES = 10 * SAMPLE_RATE_HZ
"""Samples; results of longer periods are not held, since it would take too long."""
LONGEST_BOUNDARY_WAIT_SAMPLES = 3 * SAMPLE_RATE_HZ
"""Longest wait of a change, in samples, for a period boundary in silence."""
SEAM_SILENCE_SAMPLES = 3 * STEP_SAMPLES
"""Samples below the threshold before a boundary that make it a good place for a change."""


@dataclass(slots=True)
class ConnectionTimeline:
    """Positions of one connection in the audio."""

    base: int
    """Absolute index of its first sample."""
    period: int
    """Samples of an output period."""
    wanted: int = 0
    """Absolute index from which results count; the audio before it is lead-in for the models."""
    sent: int = 0
    """Absolute index after the last sample sent."""
    answered: int = 0
    """Absolute index up to which every result that will come has arrived."""
    until: int | None = None
    """Absolute index from which another connection answers; None if there is none."""
    complete: bool = False
    """True if all audio of this connection was sent."""

    def __post_init__(self) -> None:
        self.sent = self.base
        self.answered = self.wanted = max(self.wanted, self.base)

    def place(self, timestamp: float) -> tuple[int, int] | None:
        """Return the samples that a result covers, as start and end.

        Args:
            timestamp: Milliseconds since the connection's first sample.

        Returns:
            Absolute indices, or None if the timestamp is not within the audio sent.
        """
        if not (math.isfinite(timestamp) and timestamp >= 0):
            return None
        start = self.base + round(timestamp * SAMPLES_PER_MS)
        if start >= self.sent:
            return None
        return start, min(start + self.period, self.sent)

    @property
    def progressed(self) -> bool:
        """True if any result that counts has arrived."""
        return self.answered > self.wanted

    @property
    def outstanding(self) -> int:
        """Number of due samples that no result has reached."""
        return max(0, self.due - self.answered)

    @property
    def overdue(self) -> bool:
        """True if at least a whole period of the audio sent has no result."""
        return self.sent - self.answered >= self.period

    @property
    def periods_answered(self) -> bool:
        """True if the results of all whole periods have arrived."""
        whole = (self.due - self.base) // self.period * self.period
        return self.answered >= self.base + whole

    @property
    def steps_answered(self) -> bool:
        """True if all whole steps are answered, including the last incomplete period."""
        return self.outstanding < STEP_SAMPLES

    def boundary(self) -> int:
        """Return the end of the period that is being sent."""
        return self.sent + (self.base - self.sent) % self.period

    def last_boundary(self) -> int:
        """Return the end of the last whole period that was sent."""
        return self.sent - (self.sent - self.base) % self.period

    @property
    def to_boundary(self) -> int:
        """Number of samples up to the next end of a period."""
        return self.boundary() - self.sent or self.period

    def seam(self, again_from: int | None) -> int:
        """Return the sample from which the next connection's results count.

        Args:
            again_from: First sample before the last one sent that can be sent again, as has to be
                the incomplete period at the end; None if the endpoint judges that.
        """
        last = self.last_boundary()
        again = again_from is not None and again_from <= last
        return max(last, self.wanted) if again else self.sent

    @property
    def due(self) -> int:
        """Absolute index up to which this connection has to answer.

        Never before ``wanted``: the connection may end before it has sent all lead-in audio.
        """
        end = self.sent if self.until is None else min(self.sent, self.until)
        return max(self.wanted, end)


@dataclass(frozen=True, slots=True)
class CutOver:
    """Pending stop of a connection, at a place from which another one can continue.

    That is a period boundary in silence, else the last period boundary in reach; if none is in
    reach or no audio arrives, it is the current position.
    """

    by: int
    """Absolute index of the last sample that may be waited for."""
    at_once: bool = False
    """True if there is nothing to wait for."""

    @classmethod
    def of(cls, timeline: ConnectionTimeline) -> "CutOver":
        """Begin to wait for a place."""
        by = timeline.sent + LONGEST_BOUNDARY_WAIT_SAMPLES
        return cls(by, at_once=timeline.boundary() > by)

    def is_here(self, timeline: ConnectionTimeline, silent: Callable[[int, int], bool]) -> bool:
        """Return True if the connection is to stop after the last sample sent.

        Args:
            timeline: The connection's.
            silent: Tells whether the audio between two samples is silent.
        """
        if self.at_once:
            return True
        if timeline.boundary() != timeline.sent:
            return False
        last = timeline.sent + timeline.period > self.by
        return last or silent(timeline.sent - SEAM_SILENCE_SAMPLES, timeline.sent)


LONGEST_LEAD_SAMPLES = 8 * SAMPLE_RATE_HZ
"""Samples; if more were needed, no lead-in audio is sent."""


def lead(parameters: StreamParameters) -> int:
    """Return the samples of lead-in audio that cover the models' longest receptive field.

    These are whole periods, so that the grid of periods does not shift; 0 if they exceed
    `LONGEST_LEAD_SAMPLES`.
    """
    fields = [CATALOGUE[name].receptive_field_ms for name in parameters.models if name in CATALOGUE]
    period = parameters.period_samples
    samples = math.ceil(max(fields, default=0.0) * SAMPLES_PER_MS / period) * period
    return samples if samples <= LONGEST_LEAD_SAMPLES else 0


def reach(period: int) -> int:
    """Return the samples from a missing result's start to where it is considered lost."""
    return (_patience(period) + 2) * period


def _patience(period: int) -> int:
    """Return the most results held for this period; 0 for a long one."""
    return MOST_HELD_RESULTS if period <= LONGEST_REORDERED_PERIOD_SAMPLES else 0


@dataclass(slots=True)
class ReorderBuffer:
    """Reorder buffer for results that arrive late, repeatedly or out of order.

    A result that follows a gap of a whole period or more is held until the gap is filled, or
    until the missing result is considered lost. Results for audio that is already covered are
    dropped, so that time never goes back.
    """

    answered: int
    """Absolute index up to which results were released or given up."""
    period: int
    """Samples of an output period."""
    _held: list[PeriodAnswered] = field(default_factory=list)

    def take(self, placed: PeriodAnswered) -> list[PeriodAnswered] | None:
        """Add a result.

        Returns:
            The results that are released by it, in order; None if it is a duplicate.
        """
        known = any(held.start == placed.start for held in self._held)
        if placed.end <= self.answered or known:
            return None
        self._held = sorted([*self._held, placed], key=lambda held: held.start)
        ready = self._in_order()
        return ready if len(self._held) <= _patience(self.period) else [*ready, *self.flush()]

    def flush(self) -> list[PeriodAnswered]:
        """Release all held results in order; missing ones are no longer expected."""
        held, self._held = self._held, []
        if held:
            self.answered = max(self.answered, held[-1].end)
        return held

    def _in_order(self) -> list[PeriodAnswered]:
        """Release the held results that follow no gap of a period or more."""
        ready: list[PeriodAnswered] = []
        while self._held and self._held[0].start - self.answered < self.period:
            first = self._held.pop(0)
            if first.end > self.answered:
                ready.append(first)
                self.answered = first.end
        return ready
