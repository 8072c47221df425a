"""What a device did not hear while it gave nothing. Pure."""

from deeptone_tui.level import STEP_SAMPLES
from deeptone_tui.protocol import SAMPLE_RATE


class Gap:
    """From the last block before a silence of the device to what it hands over after it.

    A device that stood still may have kept what it heard meanwhile, and hand that over faster
    than it was spoken: only what is missing after a while is a loss.

    Args:
        since: when the last block came, in seconds.
        patience: seconds for what was kept; 0 for a device that was opened anew.
    """

    def __init__(self, since: float, patience: float = 0.0) -> None:
        self._since = since
        self._patience = patience
        self._back: float | None = None  # when the first block came after it
        self._samples = 0

    def take(self, samples: int, now: float) -> int | None:
        """So many samples came.

        Returns:
            How many are missing, as soon as that is known; less than a step is none, because
            blocks come no more regularly than that.
        """
        self._samples += samples
        if self._back is None:
            self._back = now
        if now - self._back < self._patience:
            return None
        missing = round((now - self._since) * SAMPLE_RATE) - self._samples
        return missing if missing >= STEP_SAMPLES else 0
