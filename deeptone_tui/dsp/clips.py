"""Clipped places: where the converter, or software before us, ran out of numbers."""

import re

import numpy as np

from deeptone_tui.dsp.samples import Samples, checked, magnitudes

HIGHEST = 32_767
"""Positive full scale."""

LOWEST = -32_767
"""Negative full scale begins here. Converters end at -32768, but software that scales by 32767
clips at -32767 and would never be noticed otherwise; so both count."""

RUN = 3
"""Samples in a row at the same end of the scale that make a clipped place. One or two can be a
sound that just fits."""


_RISEN, _FALLEN = b"\x01", b"\x02"  # a byte for each sample at an end of the scale; others are 0
_CLIPPED = re.compile(rb"\x01{3,}|\x02{3,}")


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
        new = len(_CLIPPED.findall(text)) - (len(self._open) == RUN)
        last = text[-RUN:]
        rising, falling = last.rstrip(_RISEN), last.rstrip(_FALLEN)
        self._open = last[min(len(rising), len(falling)) :]
        self.total += new
        return new
