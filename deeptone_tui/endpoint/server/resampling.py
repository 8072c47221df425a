"""To the 16 kHz of the models, in a stream."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from deeptone_tui.protocol import SAMPLE_RATE_HZ

Samples = npt.NDArray[np.int16]
FULL_SCALE = 32_768


class Resampling(Protocol):
    """Turns the samples of a connection into samples at 16 kHz."""

    def feed(self, samples: Samples) -> Samples:
        """Samples at 16 kHz that are ready, shape (n,)."""
        ...

    def finish(self) -> Samples:
        """The rest, when no more samples come."""
        ...


class Unchanged:
    """For clients that send 16 kHz already."""

    def feed(self, samples: Samples) -> Samples:
        """The same samples."""
        return samples

    def finish(self) -> Samples:
        """Nothing is ever held back."""
        return np.zeros(0, np.int16)


class SoxrResampling:
    """Any other rate, through libsoxr at high quality.

    It computes in floats and rounds by itself: soxr's own 16-bit output is dithered, which
    would turn digital silence into noise.
    """

    def __init__(self, rate: int) -> None:
        import soxr  # noqa: PLC0415  most connections never need it

        self._stream = soxr.ResampleStream(rate, SAMPLE_RATE_HZ, 1, dtype="float32")

    def feed(self, samples: Samples) -> Samples:
        """What has passed the filter; about 20 ms stay inside."""
        return self._pass(samples, last=False)

    def finish(self) -> Samples:
        """What is still inside the filter."""
        return self._pass(np.zeros(0, np.int16), last=True)

    def _pass(self, samples: Samples, *, last: bool) -> Samples:
        scaled = samples.astype(np.float32) / FULL_SCALE
        out: npt.NDArray[np.float32] = self._stream.resample_chunk(scaled, last=last)
        limits = np.iinfo(np.int16)
        return np.clip(np.rint(out * FULL_SCALE), limits.min, limits.max).astype(np.int16)


def resampling_from(rate: int) -> Resampling:
    """What turns samples at this rate, in Hz, into samples at 16 kHz."""
    return Unchanged() if rate == SAMPLE_RATE_HZ else SoxrResampling(rate)
