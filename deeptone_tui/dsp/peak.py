"""The peak mark: rises at once, holds for a second, then falls evenly in decibels.

Attack, hold and fall are those of IEC 60268-18 for digital peak meters: no integration, hold
1.0 s, return by 20 dB in 1.7 s.
"""

from functools import cache

import numpy as np

from deeptone_tui.dsp.samples import (
    FULL_SCALE,
    RATE,
    Levels,
    Magnitudes,
    Samples,
    checked,
    magnitudes,
)

HOLD_SAMPLES = RATE
"""Samples for which the mark stands still: 1 s."""

FALL_DB_PER_SECOND = 20.0 / 1.7
"""Speed of the fall, in decibels a second."""

_FALL_SAMPLES = 1 << 17  # 8.2 s: 96 dB, from full scale to less than half of the smallest sample


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

    def reset(self) -> None:
        """Let the mark drop to 0."""
        self._peak = 0
        self._age = 0

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
    per_sample = -FALL_DB_PER_SECOND / RATE * np.log(10.0) / 20.0
    factors = np.exp(np.arange(_FALL_SAMPLES) * per_sample)
    factors[-1] = 0.0
    factors.flags.writeable = False
    return np.asarray(factors, dtype=np.float64)
