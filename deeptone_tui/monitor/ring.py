"""The last minute of samples, indexed by absolute sample."""

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

CAPACITY = 60 * 16_000
"""Samples kept by default: 60 s, 1.9 MB."""


class Ring:
    """Mono samples of 16 bit; the newest overwrite the oldest.

    Args:
        capacity: samples that are kept.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._kept = np.zeros(capacity, dtype=np.int16)
        self._end = 0

    @property
    def capacity(self) -> int:
        """Samples that are kept."""
        return len(self._kept)

    @property
    def end(self) -> int:
        """Absolute index after the newest sample: how many were ever written."""
        return self._end

    @property
    def start(self) -> int:
        """Absolute index of the oldest sample that is still there."""
        return max(0, self._end - self.capacity)

    def write(self, samples: Samples) -> None:
        """Append samples, any number of them."""
        newest = samples[-self.capacity :]
        first = (self._end + len(samples) - len(newest)) % self.capacity
        head = min(len(newest), self.capacity - first)
        self._kept[first : first + head] = newest[:head]
        self._kept[: len(newest) - head] = newest[head:]
        self._end += len(samples)

    def read(self, start: int, end: int) -> Samples:
        """A copy of the samples from ``start`` to before ``end``.

        Raises:
            IndexError: when some of them are not there any more, or not yet.
        """
        if not self.start <= start <= end <= self._end:
            raise IndexError(f"{start} to {end} is not within {self.start} to {self._end}")
        first = start % self.capacity
        head = min(end - start, self.capacity - first)
        copied = np.empty(end - start, dtype=np.int16)
        copied[:head] = self._kept[first : first + head]
        copied[head:] = self._kept[: end - start - head]
        return copied
