"""Clipped places: where the converter, or software before us, ran out of numbers."""

import numpy as np
import numpy.typing as npt

from deeptone_tui.level.samples import Samples, checked

HIGHEST = 32_767
"""Positive full scale."""

LOWEST = -32_767
"""Negative full scale begins here. Converters end at -32768, but software that scales by 32767
clips at -32767 and would never be noticed otherwise; so both count."""

RUN = 3
"""Samples in a row at the same end of the scale that make a clipped place. One or two can be a
sound that just fits."""


class ClipCounter:
    """Counts runs of three or more samples at the same end of the scale, each run once.

    A run is counted with its third sample, and goes on across blocks.
    """

    __slots__ = ("_length", "_sign", "total")

    total: int
    """Clipped places since the start or the last reset."""

    def __init__(self) -> None:
        self.total = 0
        self._sign = 0
        self._length = 0  # of the run at the end of what was fed, 0 to RUN (no more matters)

    def reset(self) -> None:
        """Count from 0 again. A run that is going on stays counted and does not count anew."""
        self.total = 0

    def feed(self, samples: Samples) -> int:
        """Take a block of any length and return how many clipped places it brought.

        Raises:
            ValueError: when the samples are not int16 in one dimension.
        """
        if not len(checked(samples)):
            return 0
        if samples.max() < HIGHEST and samples.min() > LOWEST:
            self._length = 0
            return 0
        signs = (samples >= HIGHEST).astype(np.int8) - (samples <= LOWEST)
        new = self._count(np.concatenate([np.full(self._length, self._sign, np.int8), signs]))
        self.total += new
        return new

    def _count(self, signs: npt.NDArray[np.int8]) -> int:
        """Count the runs of +1 or -1, the one carried over put in front, and carry the last."""
        starts = np.flatnonzero(np.diff(signs, prepend=np.int8(2)))
        lengths = np.diff(starts, append=len(signs))
        clipped = (lengths >= RUN) & (signs[starts] != 0)
        carried = self._length == RUN
        self._sign = int(signs[-1])
        self._length = min(int(lengths[-1]), RUN) if self._sign else 0
        return int(np.count_nonzero(clipped)) - carried
