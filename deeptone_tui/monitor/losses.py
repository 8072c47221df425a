"""Losses in words, one line for each. Pure."""

from dataclasses import dataclass

from deeptone_tui.core.clock import clock
from deeptone_tui.protocol import SAMPLE_RATE

OVER_AFTER = 3.0
"""Seconds without more of it after which a loss is over: a full ring loses a second at a time."""


@dataclass(slots=True)
class _Loss:
    """One that may still grow."""

    start: int
    end: int
    samples: int
    newest: float
    """When it grew last."""
    told: bool = False
    """Whether it was said that it goes on."""


class Losses:
    """Losses that are not over, at most one for a reason.

    An outage costs a second of audio each second. That is said when it is seen to go on, and
    summed up when it is over, not told anew each second.
    """

    def __init__(self) -> None:
        self._open: dict[str, _Loss] = {}

    def take(self, start: int, end: int, samples: int, reason: str, now: float) -> str | None:
        """More was lost.

        Args:
            start: absolute sample where it begins.
            end: where it ends; the same where the samples have no place, as never captured.
            samples: how much it is; some between may not be lost.
            reason: why; what is lost for the same reason shortly after belongs to it.
            now: seconds that only grow.

        Returns:
            What is to be said at once.
        """
        loss = self._open.get(reason)
        if loss is None:
            self._open[reason] = _Loss(start, end, samples, now)
            return None
        # Not always in order: what was no silence may be some at another threshold.
        loss.start, loss.end = min(loss.start, start), max(loss.end, end)
        loss.samples += samples
        loss.newest = now
        if loss.told:
            return None
        loss.told = True
        return f"audio is being lost from {clock(loss.start / SAMPLE_RATE)} on: {reason}"

    def over(self, now: float = float("inf")) -> list[str]:
        """The lines of those that have not grown for a while by ``now``; they are forgotten."""
        over = [
            (reason, loss) for reason, loss in self._open.items() if now - loss.newest >= OVER_AFTER
        ]
        for reason, _ in over:
            del self._open[reason]
        return [
            f"{_seconds(loss.samples)} of audio lost {_where(loss)}: {reason}"
            for reason, loss in over
        ]


def _where(loss: _Loss) -> str:
    """Where it begins, and where it ends if something between was not lost."""
    words = f"from {clock(loss.start / SAMPLE_RATE)}"
    whole = loss.end - loss.start <= loss.samples
    return words if whole else f"{words} to {clock(loss.end / SAMPLE_RATE)}"


def _seconds(samples: int) -> str:
    seconds = samples / SAMPLE_RATE
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds:.2f} s"
