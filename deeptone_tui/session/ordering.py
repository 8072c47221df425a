"""Results in the order of their audio, each once. Pure."""

from dataclasses import dataclass, field

from deeptone_tui.protocol import SAMPLE_RATE, Step

PATIENCE = 3
"""Results that are held back at most while an earlier one is missing."""
SHORT = 10 * SAMPLE_RATE
"""Samples: where periods are longer, nothing is held back; it would take too long."""


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
    return PATIENCE if period <= SHORT else 0


@dataclass(slots=True)
class Ordering:
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
