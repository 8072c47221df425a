"""Streaming conversion to the 16 kHz sample rate of the models."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from deeptone_tui.protocol import SAMPLE_RATE_HZ

Samples = npt.NDArray[np.int16]
FULL_SCALE = 32_768


class Resampling(Protocol):
    """Converter of a connection's samples to 16 kHz."""

    def feed(self, samples: Samples) -> Samples:
        """Convert samples and return those at 16 kHz that are ready, shape (n,)."""
        ...

    def finish(self) -> Samples:
        """Return the remaining samples at the end of the stream."""
        ...


class Unchanged:
    """Identity conversion for clients that send 16 kHz."""

    def feed(self, samples: Samples) -> Samples:
        """Return the samples unchanged."""
        return samples

    def finish(self) -> Samples:
        """Return no samples: none are held back."""
        return np.zeros(0, np.int16)


class SoxrResampling:
    """Conversion from any other rate by libsoxr at high quality.

    It computes in floats and rounds the result itself: soxr's 16-bit output is dithered, which
    would turn digital silence into noise.
    """

    def __init__(self, rate: int) -> None:
        import soxr  # noqa: PLC0415  most connections do not need it

        self._stream = soxr.ResampleStream(rate, SAMPLE_RATE_HZ, 1, dtype="float32")

    def feed(self, samples: Samples) -> Samples:
        """Return the output of the filter, which delays by about 20 ms."""
        return self._pass(samples, last=False)

    def finish(self) -> Samples:
        """Return the samples still inside the filter."""
        return self._pass(np.zeros(0, np.int16), last=True)

    def _pass(self, samples: Samples, *, last: bool) -> Samples:
        scaled = samples.astype(np.float32) / FULL_SCALE
        out: npt.NDArray[np.float32] = self._stream.resample_chunk(scaled, last=last)
        limits = np.iinfo(np.int16)
        return np.clip(np.rint(out * FULL_SCALE), limits.min, limits.max).astype(np.int16)


def resampling_from(rate: int) -> Resampling:
    """Return a converter from this rate in Hz to 16 kHz."""
    return Unchanged() if rate == SAMPLE_RATE_HZ else SoxrResampling(rate)
