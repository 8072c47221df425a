"""Place of a connection's results on the timeline of the audio, and their order. Pure."""

import math
from dataclasses import dataclass, field

from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.protocol import CATALOGUE, SAMPLE_RATE_HZ, Step, StreamParameters

_SAMPLES_A_MS = SAMPLE_RATE_HZ // 1000

MOST_HELD_RESULTS = 3
"""Results that are held back at most while an earlier one is missing."""
LONGEST_REORDERED_PERIOD_SAMPLES = 10 * SAMPLE_RATE_HZ
"""Samples: where periods are longer, nothing is held back; it would take too long."""


@dataclass(slots=True)
class ConnectionTimeline:
    """The audio of one connection."""

    base: int
    """Absolute index of its first sample."""
    period: int
    """Samples of an output period."""
    wanted: int = 0
    """Absolute index from which results count: what is before is sent for the models to hear."""
    sent: int = 0
    """Absolute index after the last sample sent."""
    answered: int = 0
    """Absolute index up to which every result is in that will come."""
    until: int | None = None
    """Absolute index from which on another connection answers."""
    complete: bool = False
    """Whether all audio of this connection was sent."""

    def __post_init__(self) -> None:
        self.sent = self.base
        self.answered = self.wanted = max(self.wanted, self.base)

    def place(self, timestamp: float) -> tuple[int, int] | None:
        """The samples that a result covers, as start and end.

        Args:
            timestamp: milliseconds since the connection's first sample.

        Returns:
            None when no audio of this connection is meant.
        """
        if not (math.isfinite(timestamp) and timestamp >= 0):
            return None
        start = self.base + round(timestamp * _SAMPLES_A_MS)
        if start >= self.sent:
            return None
        return start, min(start + self.period, self.sent)

    @property
    def progressed(self) -> bool:
        """Whether any result has come that counts."""
        return self.answered > self.wanted

    @property
    def outstanding(self) -> int:
        """Samples sent that no result has reached."""
        return max(0, self.due - self.answered)

    @property
    def overdue(self) -> bool:
        """Whether a whole period was sent that has no result."""
        return self.sent - self.answered >= self.period

    @property
    def periods_answered(self) -> bool:
        """Whether the results of all whole periods are in."""
        whole = (self.due - self.base) // self.period * self.period
        return self.answered >= self.base + whole

    @property
    def steps_answered(self) -> bool:
        """Whether the results of all whole steps are in, the last incomplete period included."""
        return self.outstanding < STEP_SAMPLES

    def boundary(self) -> int:
        """The end of the period that is being sent."""
        return self.sent + (self.base - self.sent) % self.period

    def last_boundary(self) -> int:
        """The end of the last whole period that was sent."""
        return self.sent - (self.sent - self.base) % self.period

    @property
    def due(self) -> int:
        """Absolute index up to which this connection has to answer.

        Never before what is wanted of it: it may end before it has sent what models hear ahead.
        """
        end = self.sent if self.until is None else min(self.sent, self.until)
        return max(self.wanted, end)


LONGEST_LEAD_SAMPLES = 8 * SAMPLE_RATE_HZ
"""Samples: for longer periods the models hear nothing ahead."""


def lead(parameters: StreamParameters) -> int:
    """Samples that a connection sends ahead so that the models have heard what they must.

    Whole periods that cover the longest receptive field, so that the grid of the periods stays
    where it is.
    """
    fields = [CATALOGUE[name].receptive_field_ms for name in parameters.models if name in CATALOGUE]
    period = parameters.period_samples
    samples = math.ceil(max(fields, default=0.0) * _SAMPLES_A_MS / period) * period
    return samples if samples <= LONGEST_LEAD_SAMPLES else 0


LONGEST_DRAIN = 60.0


def drain_allowance(outstanding: int) -> float:
    """Seconds without news after which the rest is given up.

    Grows with what is outstanding: a slow endpoint that got a file faster than real time has
    work left.

    Args:
        outstanding: samples.
    """
    return min(LONGEST_DRAIN, max(5.0, 3.0 + 2.0 * outstanding / SAMPLE_RATE_HZ))


@dataclass(frozen=True, slots=True)
class Placed:
    """A result and the audio it covers, as absolute samples."""

    step: Step
    start: int
    end: int


def reach(period: int) -> int:
    """Samples from the start of a missing result to where it is clear that it will not come."""
    return (_patience(period) + 2) * period


def _patience(period: int) -> int:
    """Results that are held back at most."""
    return MOST_HELD_RESULTS if period <= LONGEST_REORDERED_PERIOD_SAMPLES else 0


@dataclass(slots=True)
class ReorderBuffer:
    """Puts results in order that an endpoint gives late, twice or mixed up.

    A result that comes before an earlier one of a whole period or more is held back until that
    is there, or until it is clear that it will not come. Nothing is given out whose audio is
    covered, so that time never goes back.
    """

    answered: int
    """Absolute index up to which results were given out, or given up."""
    period: int
    """Samples of an output period."""
    _held: list[Placed] = field(default_factory=list)

    def take(self, placed: Placed) -> list[Placed] | None:
        """A result has come.

        Returns:
            What is given out now, in order; None when it says again what is covered.
        """
        known = any(held.start == placed.start for held in self._held)
        if placed.end <= self.answered or known:
            return None
        self._held = sorted([*self._held, placed], key=lambda held: held.start)
        ready = self._in_order()
        return ready if len(self._held) <= _patience(self.period) else [*ready, *self.flush()]

    def flush(self) -> list[Placed]:
        """What was held back: the missing ones are not expected any more."""
        held, self._held = self._held, []
        if held:
            self.answered = max(self.answered, held[-1].end)
        return held

    def _in_order(self) -> list[Placed]:
        """What may go out: nothing is missing before it that is as long as a period."""
        ready: list[Placed] = []
        while self._held and self._held[0].start - self.answered < self.period:
            first = self._held.pop(0)
            if first.end > self.answered:
                ready.append(first)
                self.answered = first.end
        return ready
