"""Sample types and constants of the meters, and checks of their input."""

import numpy as np
import numpy.typing as npt

FULL_SCALE = 32_768
"""Sample value that stands for 1.0. Only -32768 reaches it; 32767 is just under."""

NEAR_ZERO = 2 / FULL_SCALE
"""Level of samples that are all ±2, −84.3 dBFS: dither, a resampler or a codec turns digital zero
into as much. A level that is no louder is neither room noise nor an open microphone."""

RATE_HZ = 16_000
"""Samples per second. The ballistics of the meters are exact at this rate."""

Samples = npt.NDArray[np.int16]
"""Mono samples at 16 kHz, shape (n,)."""

Magnitudes = npt.NDArray[np.uint16]
"""Absolute values of samples, 0 to 32768, shape (n,)."""

Levels = npt.NDArray[np.float64]
"""Levels of steps from 0 to 1, shape (n,)."""


_INT16 = np.dtype(np.int16)


def checked(samples: Samples) -> Samples:
    """Return the samples, if the meters can work with them.

    A float array would be measured 32768 times too quiet without anybody noticing, and a second
    dimension would be metered as if its channels followed one another.

    Raises:
        ValueError: if it is not one dimension of native 16-bit integers.
    """
    if samples.dtype != _INT16 or samples.ndim != 1:
        raise ValueError(
            f"int16 samples in one dimension are needed, not {samples.dtype} "
            f"with shape {samples.shape}"
        )
    return samples


def magnitudes(samples: Samples) -> Magnitudes:
    """Return the absolute values, exact for -32768 too.

    The absolute value of -32768 does not fit 16 bits with a sign: it stays -32768, whose bits
    read without a sign are 32768.
    """
    return np.abs(samples).view(np.uint16)


def is_digital_zero(samples: Samples) -> bool:
    """Return True if there is audio and every sample of it is zero, as from a muted input.

    Args:
        samples: Any length. No samples allow no statement, so the result is False.
    """
    return len(samples) > 0 and not checked(samples).any()


def is_near_zero(level: float) -> bool:
    """Return True if a level is equivalent to digital zero: not above `NEAR_ZERO`."""
    return bool(level <= NEAR_ZERO)  # a numpy level would give a numpy bool
