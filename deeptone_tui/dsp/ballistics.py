"""Meters that move with time: the needle of a VU meter, peaks with hold, clipped places.

Attack, hold and fall are those of IEC 60268-18 for digital peak meters: no integration, hold
1.0 s, return by 20 dB in 1.7 s.

IEC 60268-17 asks for a needle that, when a steady tone begins, reaches 99 % of its reading in
300 ms and overshoots by 1 to 1.5 %, and falls the same way. That is a second-order system on
the rectified mean, here with an overshoot of 1.25 %.
"""

import math
import re
from functools import cache

import numpy as np

from deeptone_tui.dsp.samples import (
    FULL_SCALE,
    Levels,
    Magnitudes,
    Samples,
    checked,
    magnitudes,
)
from deeptone_tui.protocol.parameters import SAMPLE_RATE_HZ

HOLD_SAMPLES = SAMPLE_RATE_HZ
"""Samples for which the mark stands still: 1 s."""

FALL_DB_PER_SECOND = 20.0 / 1.7
"""Speed of the fall, in decibels a second."""

_FALL_SAMPLES = 1 << 17  # 8.2 s: 96 dB, from full scale to less than half of the smallest sample

DAMPING = 0.8127
"""zeta = -ln p / sqrt(pi**2 + ln(p)**2) for an overshoot p of 1.25 %."""

NATURAL_FREQUENCY = 13.512
"""omega 0 in rad/s: the one that brings the step response to 99 % at 0.300 s."""

SINE_CALIBRATION = math.pi / (2.0 * math.sqrt(2.0))
"""RMS of a sine over its rectified mean: with it, a steady sine reads its RMS."""

AT_REST = 1e-6
"""A reading under this, -120 dBFS, is 0: after the last sound the fall alone would never end."""

_CHUNK = 1024  # most samples taken in one product; longer blocks are cut

HIGHEST = 32_767
"""Positive full scale."""

LOWEST = -32_767
"""Negative full scale begins here. Converters end at -32768, but software that scales by 32767
clips at -32767 and would never be noticed otherwise; so both count."""

RUN_SAMPLES = 3
"""Samples in a row at the same end of the scale that make a clipped place. One or two can be a
sound that just fits."""

_RISEN, _FALLEN = b"\x01", b"\x02"  # a byte for each sample at an end of the scale; others are 0
_CLIPPED = re.compile(rb"\x01{3,}|\x02{3,}")


class PeakHold:
    """The mark, moved by samples.

    For each sample the mark first ages by one sample, and then jumps to the sample's magnitude
    if that is not less than where it stands. Blocks are taken in chunks no longer than the
    hold. Within one, the mark until its first jump is a known curve; from then on it holds, so
    it ends on the largest sample since, at its last occurrence. No loop over samples is needed.
    """

    __slots__ = ("_age", "_fall", "_peak")

    def __init__(self) -> None:
        self._fall = _fall()
        self._peak = 0
        self._age = 0

    @property
    def reading(self) -> float:
        """Where the mark stands, 0 to 1 (1 only for a sample of -32768)."""
        return self._mark(self._age) / FULL_SCALE

    def feed(self, samples: Samples) -> None:
        """Move by a block of any length.

        Raises:
            ValueError: when the samples are not int16 in one dimension.
        """
        heard = magnitudes(checked(samples))
        for start in range(0, len(heard), HOLD_SAMPLES):
            self._feed_chunk(heard[start : start + HOLD_SAMPLES])

    def _feed_chunk(self, heard: Magnitudes) -> None:
        """Move by 1 to `HOLD_SAMPLES` samples."""
        size = len(heard)
        back = int(heard[::-1].argmax())  # samples since the last occurrence of the largest
        loudest = int(heard[size - 1 - back])
        if loudest < self._mark(self._age + size):
            self._grow_older(size)
            return
        if self._age + size > HOLD_SAMPLES:
            # The mark falls within the chunk, so what reaches it may come after the largest.
            reaching = heard >= self._curve(size)
            first = int(reaching.argmax())
            if not reaching[first]:
                self._grow_older(size)
                return
            back = int(heard[first:][::-1].argmax())
            loudest = int(heard[size - 1 - back])
        self._peak, self._age = loudest, back

    def _grow_older(self, samples: int) -> None:
        """Let time pass without a jump. At rest the age stays: older than old is the same."""
        self._age = min(self._age + samples, HOLD_SAMPLES + _FALL_SAMPLES)

    def _mark(self, age: int) -> float:
        """Where a mark of that age stands, in sample units."""
        fallen = age - HOLD_SAMPLES
        if fallen <= 0:
            return self._peak
        return self._peak * float(self._fall[fallen]) if fallen < _FALL_SAMPLES else 0.0

    def _curve(self, size: int) -> Levels:
        """Where the mark would stand at each of the next ``size`` samples, shape (size,)."""
        fallen = np.arange(self._age + 1, self._age + size + 1) - HOLD_SAMPLES
        return self._peak * self._fall[np.clip(fallen, 0, _FALL_SAMPLES - 1)]


@cache
def _fall() -> Levels:
    """Return the factor by which a mark has fallen, by samples since its hold ended.

    One table for all marks, so that the curve is a function of the age alone and cannot depend
    on how the blocks were cut, not even in its last bit. It ends with 0: the mark is at rest.
    """
    per_sample = -FALL_DB_PER_SECOND / SAMPLE_RATE_HZ * np.log(10.0) / 20.0
    factors = np.exp(np.arange(_FALL_SAMPLES) * per_sample)
    factors[-1] = 0.0
    factors.flags.writeable = False
    return np.asarray(factors, dtype=np.float64)


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
        powers = np.exp(np.arange(_CHUNK + 1) * (pole / SAMPLE_RATE_HZ))
        weights = (drive / pole * (np.exp(pole / SAMPLE_RATE_HZ) - 1.0)) * powers[_CHUNK - 1 :: -1]
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


class ClipCounter:
    """Counts runs of three or more samples at the same end of the scale, each run once.

    A run is counted with its third sample, and goes on across blocks.
    """

    __slots__ = ("_open", "total")

    total: int
    """Clipped places since the start or the last reset."""

    def __init__(self) -> None:
        self.total = 0
        self._open = b""  # the run at the end of what was fed, as bytes; past RUN no more matters

    def reset(self) -> None:
        """Count from 0 again. A run that is going on was counted and does not count anew."""
        self.total = 0

    def feed(self, samples: Samples) -> int:
        """Take a block of any length and return how many clipped places it brought.

        Raises:
            ValueError: when the samples are not int16 in one dimension.
        """
        if not len(checked(samples)):
            return 0
        if magnitudes(samples).max() < HIGHEST:
            self._open = b""
            return 0
        ends = (samples == HIGHEST) + (samples <= LOWEST) * np.uint8(2)
        text = self._open + ends.tobytes()
        # The run carried over, if it was long enough to be counted, is found once more.
        new = len(_CLIPPED.findall(text)) - (len(self._open) == RUN_SAMPLES)
        last = text[-RUN_SAMPLES:]
        rising, falling = last.rstrip(_RISEN), last.rstrip(_FALLEN)
        self._open = last[min(len(rising), len(falling)) :]
        self.total += new
        return new
