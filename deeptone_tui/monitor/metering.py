"""Everything that is measured of the captured audio."""

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import ClipCounter, PeakHold, Samples, StepMeter, VuNeedle
from deeptone_tui.monitor.state import LevelHistory, Meter
from deeptone_tui.monitor.track import LevelTrack

MUTED_STEPS = 8
"""Steps of nothing but zero (half a second) that mean muted: a microphone always has noise."""


class Metering:
    """Levels, needle, peak and clips of a stream of samples."""

    def __init__(self) -> None:
        self._steps = StepMeter()
        self._needle = VuNeedle()
        self._peak = PeakHold()
        self._clips = ClipCounter()
        self._level = 0.0
        self._zeros = 0
        self._track = LevelTrack(np.float64)

    def feed(self, samples: Samples) -> None:
        """Take a block of any length."""
        self._needle.feed(samples)
        self._peak.feed(samples)
        self._clips.feed(samples)
        levels = self._steps.feed(samples)
        if len(levels):
            self._level = float(levels[-1])
            self._track.append(levels)
            sounding = np.flatnonzero(levels)
            silent = len(levels) - 1 - int(sounding[-1]) if len(sounding) else len(levels)
            self._zeros = silent + (0 if len(sounding) else self._zeros)

    def reset_peaks(self) -> None:
        """Forget clips and peak."""
        self._clips.reset()
        self._peak = PeakHold()

    def reading(self) -> Meter:
        """What the meters show."""
        return Meter(
            level=self._level,
            peak=self._peak.reading,
            vu=self._needle.reading,
            clips=self._clips.total,
            muted=self._zeros >= MUTED_STEPS,
        )

    def history(self) -> LevelHistory:
        """Levels for the screen; costs no copy."""
        return LevelHistory(self._track.first_step, self._track.view())

    def levels(self, first: int, end: int) -> npt.NDArray[np.float64] | None:
        """Exact levels of the absolute steps from ``first`` to before ``end``, if kept."""
        try:
            return self._track.view(first, end)
        except IndexError:
            return None
