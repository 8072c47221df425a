"""Overlapping frames and their power spectra."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

FRAME = 400
"""Samples in a frame: 25 ms at 16 kHz."""
HOP = 160
"""Samples from frame to frame: 10 ms."""


def overlapping(samples: Floats, length: int, hop: int) -> Floats:
    """View contiguous samples [n], n ≥ length, as [(n - length) // hop + 1, length].

    Written out because numpy's sliding_window_view costs as much as a call of a network.
    """
    count = (len(samples) - length) // hop + 1
    strides = (hop * samples.itemsize, samples.itemsize)
    return np.ndarray((count, length), samples.dtype, samples, strides=strides)


def framed(samples: Floats) -> Floats:
    """View samples [n], n ≥ 400, as frames of 25 ms every 10 ms."""
    return overlapping(samples, FRAME, HOP)


def power_spectra(frames: Floats, bins: int) -> Floats:
    """Squared magnitudes of the Fourier transform of length ``bins``: [n, bins // 2 + 1]."""
    spectra = np.fft.rfft(frames, bins)
    power: Floats = (spectra.real**2 + spectra.imag**2).astype(np.float32, copy=False)
    return power


def frames_before(end: int) -> int:
    """How many frames of a stream lie wholly in its first ``end`` samples."""
    return max(0, (end - FRAME) // HOP + 1)


def frame_span(first: int, end: int) -> tuple[int, int]:
    """The samples, from and to, that frames ``first`` up to ``end`` (which is more) cover."""
    return first * HOP, (end - 1) * HOP + FRAME
