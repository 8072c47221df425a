"""The newest samples of a stream, found by their place in it."""

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import FULL_SCALE

Floats = npt.NDArray[np.float32]


class RecentAudio:
    """Keeps at least the newest ``kept`` samples, as floats in -1…1.

    What lies before the first sample is zero.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._samples: Floats = np.zeros(kept, np.float32)
        self._end = 0

    @property
    def end(self) -> int:
        """Samples taken since the beginning."""
        return self._end

    def append(self, samples: npt.NDArray[np.int16]) -> None:
        """Take more samples; drops what is older than ``kept`` before them."""
        fresh = samples.astype(np.float32)
        fresh *= np.float32(1 / FULL_SCALE)
        self._samples = np.concatenate([self._samples[-self._kept :], fresh])
        self._end += len(samples)

    def between(self, start: int, end: int) -> Floats:
        """View the samples from one absolute place to another.

        Raises:
            ValueError: when they are not kept any more, or not there yet.
        """
        first = self._end - len(self._samples)
        if not first <= start <= end <= self._end:
            raise ValueError(f"samples {start} to {end} are not within {first} to {self._end}")
        return self._samples[start - first : end - first]
