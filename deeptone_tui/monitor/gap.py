"""What a device did not hear while it gave nothing. Pure."""

from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.protocol import SAMPLE_RATE


class Gap:
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
        return round((now - self._since) * SAMPLE_RATE) - self._samples

    def _look_from(self, now: float, missing: int) -> None:
        """See from now on whether it gets less than that."""
        self._looked_at, self._before, self._least = now, missing, None
