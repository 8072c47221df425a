"""Where a result belongs in the audio, and what is still due. Pure."""

import math
from dataclasses import dataclass

from deeptone_tui.level import STEP_SAMPLES
from deeptone_tui.protocol import SAMPLE_RATE

_SAMPLES_A_MS = SAMPLE_RATE // 1000


@dataclass(slots=True)
class Placement:
    """The audio of one connection."""

    base: int
    """Absolute index of its first sample."""
    period: int
    """Samples of an output period."""
    sent: int = 0
    """Absolute index after the last sample sent."""
    answered: int = 0
    """Absolute index after the last sample that a result covers."""
    complete: bool = False
    """Whether all audio of this connection was sent."""

    def __post_init__(self) -> None:
        self.sent = self.answered = self.base

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
        end = min(start + self.period, self.sent)
        self.answered = max(self.answered, end)
        return start, end

    @property
    def outstanding(self) -> int:
        """Samples sent that no result has reached."""
        return self.sent - self.answered

    @property
    def periods_answered(self) -> bool:
        """Whether the results of all whole periods are in."""
        whole = (self.sent - self.base) // self.period * self.period
        return self.answered >= self.base + whole

    @property
    def steps_answered(self) -> bool:
        """Whether the results of all whole steps are in, the last incomplete period included."""
        return self.outstanding < STEP_SAMPLES

    def boundary(self) -> int:
        """The end of the period that is being sent."""
        return self.sent + (self.base - self.sent) % self.period


LONGEST_DRAIN = 60.0


def drain_allowance(outstanding: int) -> float:
    """Seconds without news after which the rest is given up.

    Grows with what is outstanding: a slow endpoint that got a file faster than real time has
    work left.

    Args:
        outstanding: samples.
    """
    return min(LONGEST_DRAIN, max(5.0, 3.0 + 2.0 * outstanding / SAMPLE_RATE))
