"""Where a result belongs in the audio, and what is still due. Pure."""

import math
from dataclasses import dataclass

from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.protocol import CATALOGUE, SAMPLE_RATE, StreamParameters

_SAMPLES_A_MS = SAMPLE_RATE // 1000


@dataclass(slots=True)
class Placement:
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


LONGEST_LEAD = 8 * SAMPLE_RATE
"""Samples: for longer periods the models hear nothing ahead."""


def lead(parameters: StreamParameters) -> int:
    """Samples that a connection sends ahead so that the models have heard what they must.

    Whole periods that cover the longest receptive field, so that the grid of the periods stays
    where it is.
    """
    fields = [CATALOGUE[name].receptive_field_ms for name in parameters.models if name in CATALOGUE]
    period = parameters.period_samples
    samples = math.ceil(max(fields, default=0.0) * _SAMPLES_A_MS / period) * period
    return samples if samples <= LONGEST_LEAD else 0


LONGEST_DRAIN = 60.0


def drain_allowance(outstanding: int) -> float:
    """Seconds without news after which the rest is given up.

    Grows with what is outstanding: a slow endpoint that got a file faster than real time has
    work left.

    Args:
        outstanding: samples.
    """
    return min(LONGEST_DRAIN, max(5.0, 3.0 + 2.0 * outstanding / SAMPLE_RATE))
