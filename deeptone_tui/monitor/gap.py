"""What a device did not hear while it gave nothing. Pure."""

from deeptone_tui.level import STEP_SAMPLES
from deeptone_tui.protocol import SAMPLE_RATE


class Gap:
    """From the last block before a silence of the device to what it hands over after it.

    A device that stood still may have kept what it heard meanwhile, and hand that over faster
    than it was spoken: only what is missing when that gets no less is a loss.

    Args:
        since: when the last block came, in seconds.
        patience: seconds in which some of what was kept would come; 0 for a device that was
            opened anew.
    """

    def __init__(self, since: float, patience: float = 0.0) -> None:
        self._since = since
        self._patience = patience
        self._samples = 0
        self._looked_at: float | None = None  # None before the first block after it
        self._missing = 0  # samples at that time

    def take(self, samples: int, now: float) -> int | None:
        """So many samples came.

        Returns:
            How many are missing, as soon as that is known; less than a step is none, because
            blocks come no more regularly than that.
        """
        self._samples += samples
        if self._looked_at is not None and now - self._looked_at < self._patience:
            return None
        missing = round((now - self._since) * SAMPLE_RATE) - self._samples
        comes = self._looked_at is None or missing < self._missing - STEP_SAMPLES
        self._looked_at, self._missing = now, missing
        if comes and self._patience and missing >= STEP_SAMPLES:
            return None
        return missing if missing >= STEP_SAMPLES else 0
