"""The VU needle: how a mechanical level meter would move.

IEC 60268-17 asks for a needle that, when a steady tone begins, reaches 99 % of its reading in
300 ms and overshoots by 1 to 1.5 %, and falls the same way. That is a second-order system on
the rectified mean, here with an overshoot of 1.25 %.
"""

import math

import numpy as np

from deeptone_tui.dsp.samples import FULL_SCALE, RATE, Samples, checked, magnitudes

DAMPING = 0.8127
"""zeta = -ln p / sqrt(pi**2 + ln(p)**2) for an overshoot p of 1.25 %."""

NATURAL_FREQUENCY = 13.512
"""omega 0 in rad/s: the one that brings the step response to 99 % at 0.300 s."""

SINE_CALIBRATION = math.pi / (2.0 * math.sqrt(2.0))
"""RMS of a sine over its rectified mean: with it, a steady sine reads its RMS."""

AT_REST = 1e-6
"""A reading under this, -120 dBFS, is 0: after the last sound the fall alone would never end."""

_CHUNK = 1024  # most samples taken in one product; longer blocks are cut


class VuNeedle:
    """A needle with the ballistics above, moved by samples.

    The equation y'' + 2 zeta w y' + w**2 y = w**2 u has the conjugate poles p and p*, so one
    complex number z with z' = p z + c u, c = w**2 / (p - p*), describes it and y = 2 Re z. With
    u constant over a sample this is solved exactly by z <- q z + g u, q = exp(p / rate), and for
    n samples at once by z <- q**n z + sum of g q**(n-1-k) u[k]: one product with fixed weights.
    Cutting the stream elsewhere changes nothing but the order of rounding.
    """

    __slots__ = ("_powers", "_state", "_weights")

    def __init__(self) -> None:
        damped = NATURAL_FREQUENCY * math.sqrt(1.0 - DAMPING**2)
        pole = complex(-DAMPING * NATURAL_FREQUENCY, damped)
        drive = NATURAL_FREQUENCY**2 / complex(0.0, 2.0 * damped)
        powers = np.exp(np.arange(_CHUNK + 1) * (pole / RATE))
        weights = (drive / pole * (np.exp(pole / RATE) - 1.0)) * powers[_CHUNK - 1 :: -1]
        self._powers: list[complex] = powers.tolist()
        self._weights = np.stack([weights.real, weights.imag])
        self._state = 0j

    @property
    def reading(self) -> float:
        """Where the needle stands, 0 to 1: the RMS of a steady sine.

        The pins hold it at 0, where a fall would undershoot, and at 1, which waves with a larger
        mean than a sine (a full-scale square: 1.11) would pass.
        """
        reading = 2.0 * self._state.real * (SINE_CALIBRATION / FULL_SCALE)
        return min(reading, 1.0) if reading >= AT_REST else 0.0

    def feed(self, samples: Samples) -> None:
        """Move by a block of any length.

        Raises:
            ValueError: when the samples are not int16 in one dimension.
        """
        rectified = magnitudes(checked(samples)).astype(np.float64)
        for start in range(0, len(rectified), _CHUNK):
            chunk = rectified[start : start + _CHUNK]
            real, imag = (self._weights[:, _CHUNK - len(chunk) :] @ chunk).tolist()
            self._state = self._powers[len(chunk)] * self._state + complex(real, imag)
