"""Accounts of the audio: captured, answered, lost, in flight, and how late. Pure."""

from dataclasses import dataclass

from deeptone_tui.core.text import clock
from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.protocol import SAMPLE_RATE_HZ

PATIENCE_SAMPLES = 60 * 16_000
"""Samples: a gap is given up when results have gone on this far beyond it."""

STEPS = 1024
"""Steps whose capture is remembered: 65 s."""
SMOOTHING = 0.25
"""Weight of the newest result."""

OVER_AFTER_S = 3.0
"""Seconds without more of it after which a loss is over: a full ring loses a second at a time."""


class Ledger:
    """Counts samples by their fate: always ``captured == answered + lost + in_flight``.

    Each sample is counted once, whatever the endpoint does: results may be missing, come twice
    or out of order. Samples in flight wait in the ring or on the wire. All arguments are
    absolute samples, as a start and an end.
    """

    def __init__(self) -> None:
        self.captured = 0
        self.sent = 0
        self.answered = 0
        self.lost = 0
        self.lost_at_end = 0
        """Of those, what was given up since the last result."""
        self._sent_to = 0
        self._lost_to = 0  # what is captured before this index is lost already
        self._open: list[tuple[int, int]] = []  # in flight, ascending, apart from each other

    @property
    def in_flight(self) -> int:
        """Samples whose fate is open."""
        return sum(end - start for start, end in self._open)

    @property
    def behind(self) -> int:
        """Samples in flight that were not yet sent."""
        return sum(
            end - max(start, self._sent_to) for start, end in self._open if end > self._sent_to
        )

    def open_from(self, index: int) -> int:
        """The first sample in flight from an index on; the index itself where there is none."""
        return next((max(start, index) for start, end in self._open if end > index), index)

    def capture(self, samples: int) -> None:
        """So many more samples were captured."""
        start, self.captured = self.captured, self.captured + samples
        doomed = min(max(self._lost_to - start, 0), samples)
        self.lost += doomed
        start += doomed
        if start == self.captured:
            return
        if self._open and self._open[-1][1] == start:
            self._open[-1] = (self._open[-1][0], self.captured)
        else:
            self._open.append((start, self.captured))

    def send(self, start: int, end: int) -> None:
        """Samples were written to the socket; again counts as once."""
        self.sent += max(0, end - max(start, self._sent_to))
        self._sent_to = max(self._sent_to, end)

    def answer(self, start: int, end: int) -> int:
        """A result covers samples.

        Returns:
            How many of them were given up because results have gone on far beyond them.
        """
        covered, given_up = self._settle(start, end), self.lose(0, start - PATIENCE_SAMPLES)
        self.answered += covered
        if covered:
            self.lost_at_end = 0
        return given_up

    def lose(self, start: int, end: int) -> int:
        """What is open of these samples will never be answered; they may be yet to come.

        Returns:
            How many samples that is, those to come not counted.
        """
        if end > self.captured:
            self._lost_to = max(self._lost_to, end)
        lost = self._settle(start, end)
        self.lost += lost
        self.lost_at_end += lost
        return lost

    def _settle(self, start: int, end: int) -> int:
        """Take samples out of what is open; how many were in it."""
        if not self._open or end <= self._open[0][0]:
            return 0
        rest: list[tuple[int, int]] = []
        settled = 0
        for first, last in self._open:
            cut_first, cut_last = max(first, start), min(last, end)
            if cut_first >= cut_last:
                rest.append((first, last))
                continue
            settled += cut_last - cut_first
            if first < cut_first:
                rest.append((first, cut_first))
            if cut_last < last:
                rest.append((cut_last, last))
        self._open = rest
        return settled


class Latency:
    """Seconds from the capture of a period's last sample to its result, smoothed."""

    def __init__(self, step_samples: int) -> None:
        self._step = step_samples
        self._times = [0.0] * STEPS
        self._captured = 0
        self.seconds: float | None = None

    def capture(self, captured: int, now: float) -> None:
        """Audio up to a sample has been captured now."""
        first, end = self._captured // self._step, captured // self._step
        for step in range(max(first, end - STEPS), end):
            self._times[step % STEPS] = now
        self._captured = captured

    def answer(self, end: int, now: float) -> None:
        """A result up to before a sample has come now."""
        step = (end - 1) // self._step
        newest = self._captured // self._step - 1
        if not newest - STEPS < step <= newest:
            return
        measured = max(0.0, now - self._times[step % STEPS])
        before = measured if self.seconds is None else self.seconds
        self.seconds = before + SMOOTHING * (measured - before)


class DropoutEstimator:
    """From the last block before a silence of the device until it keeps up with time again.

    A device that stood still may have kept what it heard meanwhile, and hand that over faster
    than it was spoken, or all that it hears in bursts: only what is missing at the best moment
    of a while, when that gets no better, is a loss.

    Args:
        since: when the last block came, in seconds.
        patience: seconds in which some of what was kept would come; 0 for a device that was
            opened anew.
    """

    def __init__(self, since: float, patience: float = 0.0) -> None:
        self._since = since
        self._patience = patience
        self._samples = 0  # that came, or were found to be lost
        self._looked_at: float | None = None  # None before the first block after it
        self._before = 0  # missing then, at best
        self._least: int | None = None  # missing since, at best
        self.over = False
        """Whether nothing is missing that was not told."""

    def take(self, samples: int, now: float) -> int:
        """So many samples came.

        Returns:
            How many were found to be lost. Less than a step is none, because blocks come no more
            regularly than that.
        """
        self._samples += samples
        missing = self._missing(now)
        if missing < STEP_SAMPLES:
            self.over = True
            return 0
        if not self._patience:
            return self.close(now)
        if self._looked_at is None:
            self._look_from(now, missing)
            return 0
        self._least = missing if self._least is None else min(self._least, missing)
        if now - self._looked_at < self._patience:
            return 0
        least = self._least
        if least < self._before - STEP_SAMPLES:
            self._look_from(now, least)
            return 0
        self._samples += least
        # The rest came after that moment: it may be a burst that is just beginning, or more lost.
        self.over = missing - least < STEP_SAMPLES
        self._look_from(now, missing - least)
        return least

    def close(self, now: float) -> int:
        """Nothing more comes; how many more samples are lost."""
        missing = self._missing(now)
        self._samples += missing
        self.over = True
        return missing if missing >= STEP_SAMPLES else 0

    def _missing(self, now: float) -> int:
        return round((now - self._since) * SAMPLE_RATE_HZ) - self._samples

    def _look_from(self, now: float, missing: int) -> None:
        """See from now on whether it gets less than that."""
        self._looked_at, self._before, self._least = now, missing, None


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


class LossAggregator:
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
        return f"audio is being lost from {clock(loss.start / SAMPLE_RATE_HZ)} on: {reason}"

    def over(self, now: float = float("inf")) -> list[str]:
        """The lines of those that have not grown for a while by ``now``; they are forgotten."""
        over = [
            (reason, loss)
            for reason, loss in self._open.items()
            if now - loss.newest >= OVER_AFTER_S
        ]
        for reason, _ in over:
            del self._open[reason]
        return [
            f"{_seconds(loss.samples)} of audio lost {_where(loss)}: {reason}"
            for reason, loss in over
        ]


def _where(loss: _Loss) -> str:
    """Where it begins, and where it ends if something between was not lost."""
    words = f"from {clock(loss.start / SAMPLE_RATE_HZ)}"
    whole = loss.end - loss.start <= loss.samples
    return words if whole else f"{words} to {clock(loss.end / SAMPLE_RATE_HZ)}"


def _seconds(samples: int) -> str:
    seconds = samples / SAMPLE_RATE_HZ
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds:.2f} s"
