"""Accounting of the audio: captured, answered, lost, in flight, and latency. Pure."""

from deeptone_tui.protocol import SAMPLE_RATE_HZ, STEP_SAMPLES

PATIENCE_SAMPLES = 60 * SAMPLE_RATE_HZ
"""Samples: a gap is given up once results have gone on this far beyond it."""

STEPS = 1024
"""Steps whose capture time is kept: 65 s."""
SMOOTHING = 0.25
"""Weight of the newest result in the smoothed latency."""


class Ledger:
    """Sample counts by fate: always ``captured == answered + lost + in_flight``.

    Each sample is counted once, whatever the endpoint does: results may be missing, repeated or out
    of order. Samples in flight are in the ring or on the wire. Ranges are absolute samples, with a
    start and an exclusive end.
    """

    def __init__(self) -> None:
        self.captured = 0
        self.sent = 0
        self.answered = 0
        self.lost = 0
        self.lost_since_result = 0
        """Of those, samples given up since the last result."""
        self._sent_to = 0
        self._lost_to = 0  # samples captured later, before this index, are lost at once
        self._open: list[tuple[int, int]] = []  # in flight, ascending, disjoint

    @property
    def in_flight(self) -> int:
        """Number of samples neither answered nor lost."""
        return sum(end - start for start, end in self._open)

    @property
    def behind(self) -> int:
        """Number of samples in flight that were not yet sent."""
        return sum(
            end - max(start, self._sent_to) for start, end in self._open if end > self._sent_to
        )

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of samples by their fate."""
        names = ("captured", "sent", "answered", "lost", "lost_since_result", "in_flight")
        return {name: getattr(self, name) for name in names}

    def open_from(self, index: int) -> int:
        """Return the first sample in flight from ``index`` on, or ``index`` if there is none."""
        return next((max(start, index) for start, end in self._open if end > index), index)

    def capture(self, samples: int) -> None:
        """Count newly captured samples."""
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
        """Count samples written to the socket; resent ones count once."""
        self.sent += max(0, end - max(start, self._sent_to))
        self._sent_to = max(self._sent_to, end)

    def answer(self, start: int, end: int) -> int:
        """Count samples that a result covers.

        Returns:
            Number of samples given up because results have gone on far beyond them.
        """
        covered, given_up = self._settle(start, end), self.lose(0, start - PATIENCE_SAMPLES)
        self.answered += covered
        if covered:
            self.lost_since_result = 0
        return given_up

    def lose(self, start: int, end: int) -> int:
        """Give up the open samples of a range, which may include samples still to be captured.

        Returns:
            Number of samples lost, without those still to be captured.
        """
        if end > self.captured:
            self._lost_to = max(self._lost_to, end)
        lost = self._settle(start, end)
        self.lost += lost
        self.lost_since_result += lost
        return lost

    def _settle(self, start: int, end: int) -> int:
        """Remove a range from the samples in flight; return how many it held."""
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
    """Smoothed seconds from the capture of a period's last sample to its result."""

    def __init__(self) -> None:
        self._times = [0.0] * STEPS
        self._captured = 0
        self.seconds: float | None = None

    def capture(self, captured: int, now: float) -> None:
        """Note that audio up to sample ``captured`` was captured at ``now``."""
        first, end = self._captured // STEP_SAMPLES, captured // STEP_SAMPLES
        for step in range(max(first, end - STEPS), end):
            self._times[step % STEPS] = now
        self._captured = captured

    def answer(self, end: int, now: float) -> None:
        """Update the latency with a result up to before sample ``end``, received at ``now``."""
        step = (end - 1) // STEP_SAMPLES
        newest = self._captured // STEP_SAMPLES - 1
        if not newest - STEPS < step <= newest:
            return
        measured = max(0.0, now - self._times[step % STEPS])
        before = measured if self.seconds is None else self.seconds
        self.seconds = before + SMOOTHING * (measured - before)


class DropoutEstimator:
    """Estimate of the audio lost when a device stalls, until it keeps up with real time again.

    It covers the time since the last block before the stall. A stalled device may have buffered
    audio, and deliver it faster than real time, or deliver all its audio in bursts: only the
    smallest deficit within a while, once it no longer shrinks, is a loss.

    Args:
        since: time of the last block, in seconds.
        patience: seconds within which some of the buffered audio would arrive; 0 for a device that
            was opened again.
    """

    def __init__(self, since: float, patience: float = 0.0) -> None:
        self._since = since
        self._patience = patience
        self._samples = 0  # received, or found to be lost
        self._looked_at: float | None = None  # None before the first block after the stall
        self._before = 0  # smallest deficit then
        self._least: int | None = None  # smallest deficit since
        self.over = False
        """True if no unreported audio is missing."""

    def take(self, samples: int, now: float) -> int:
        """Count received samples.

        Returns:
            Number of samples found to be lost. A deficit of less than a step counts as none,
            because blocks arrive no more regularly than that.
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
        # The rest arose after that moment: a burst may just be starting, or more is lost.
        self.over = missing - least < STEP_SAMPLES
        self._look_from(now, missing - least)
        return least

    def close(self, now: float) -> int:
        """End the estimate; return the further samples lost, 0 for less than a step."""
        missing = self._missing(now)
        self._samples += missing
        self.over = True
        return missing if missing >= STEP_SAMPLES else 0

    def _missing(self, now: float) -> int:
        return round((now - self._since) * SAMPLE_RATE_HZ) - self._samples

    def _look_from(self, now: float, missing: int) -> None:
        """Start watching for a smaller deficit."""
        self._looked_at, self._before, self._least = now, missing, None
