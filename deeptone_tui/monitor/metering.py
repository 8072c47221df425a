"""Meters, level history and input faults, updated block by block."""

from collections import deque
from collections.abc import Callable
from typing import Final

import numpy as np

from deeptone_tui.dsp import (
    ChannelFigures,
    ClipCounter,
    Fault,
    InputMeter,
    Levels,
    PeakHold,
    Samples,
    SlidingArray,
    StepMeter,
    VuNeedle,
    input_faults,
)
from deeptone_tui.monitor.state import LevelHistory, Meter

KEPT_SECONDS: Final = 180.0
"""Seconds of audio that are evaluated: long enough for some pauses, short enough that a repaired
fault is forgotten."""
LOOK_EVERY_S: Final = 2.0
"""Seconds between two evaluations, which cost more than measuring."""

KEPT_STEPS = 16_384
"""Minimum number of steps kept, once there are so many: 17 minutes."""

MUTED_STEPS = 8
"""Number of all-zero steps (half a second) that mean muted: a microphone always has noise."""


class FaultWatch:
    """Measurement of the source's audio, with an evaluation of its faults now and then.

    Args:
        clock: monotonic time in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.restart()

    def restart(self) -> None:
        """Reset for another source."""
        self._meter = InputMeter(KEPT_SECONDS)
        self._channels: deque[ChannelFigures] = deque(maxlen=round(KEPT_SECONDS / LOOK_EVERY_S))
        self._faults: tuple[Fault, ...] = ()
        self._fresh = False  # audio has arrived since the last evaluation
        self._judged = -LOOK_EVERY_S

    def feed(self, samples: Samples) -> None:
        """Add a block of any length."""
        self._meter.feed(samples)
        self._fresh = True

    def faults(self, channels: ChannelFigures | None, *, ended: bool) -> tuple[Fault, ...]:
        """Return the faults, at most `LOOK_EVERY_S` old, or of all audio at the end.

        Args:
            channels: what the source has mixed since it was opened; None if it mixes nothing.
            ended: True if no more audio follows.
        """
        now = self._clock()
        if self._fresh and (ended or now - self._judged >= LOOK_EVERY_S):
            self._fresh, self._judged = False, now
            self._faults = input_faults(self._meter.figures(), self._recent(channels))
        return self._faults

    def _recent(self, channels: ChannelFigures | None) -> ChannelFigures | None:
        """Return what was mixed in the time that is evaluated."""
        kept = self._channels
        if channels is None or (kept and channels.frames < kept[-1].frames):
            kept.clear()  # the source was opened again, and counts from nothing
        if channels is None:
            return None
        recent = channels.since(kept[0]) if len(kept) == kept.maxlen else channels
        kept.append(channels)
        return recent


class Metering:
    """Level, needle, peak and clips of a stream of samples."""

    def __init__(self) -> None:
        self._steps = StepMeter()
        self._needle = VuNeedle()
        self._peak = PeakHold()
        self._clips = ClipCounter()
        self._level = 0.0
        self._zeros = 0
        self._track = SlidingArray(np.float64, KEPT_STEPS)

    def feed(self, samples: Samples) -> None:
        """Add a block of any length."""
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
        """Reset clips and peak."""
        self._clips.reset()
        self._peak = PeakHold()

    def reading(self) -> Meter:
        """Return the current meter values."""
        return Meter(
            level=self._level,
            peak=self._peak.reading,
            vu=self._needle.reading,
            clips=self._clips.total,
            muted=self._zeros >= MUTED_STEPS,
        )

    def history(self) -> LevelHistory:
        """Return the levels for the screen, without a copy."""
        return LevelHistory(self._track.first, self._track.view())

    def levels(self, first: int, end: int) -> Levels | None:
        """Return the exact levels of steps from ``first`` to before ``end``; None if not kept."""
        try:
            return self._track.view(first, end)
        except IndexError:
            return None
