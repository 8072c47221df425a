"""Comparison of the endpoint's silence verdicts with the preview's, and why they differ."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import STEP_SAMPLES, from_dbfs
from deeptone_tui.monitor.state import Agreement, LevelHistory, MonitorState, PlacedResult

if TYPE_CHECKING:
    from deeptone_tui.tuning.offset import Offset


KEPT = 4096
"""Maximum number of compared periods, the newest: 70 minutes at 1024 ms, 4 minutes at 64 ms."""

Levels = Callable[[int, int], npt.NDArray[np.float64] | None]
"""Returns the exact levels of the absolute steps from the first number to before the second, or
None if they are unknown."""


class JudgedPeriod(NamedTuple):
    """Period that both the preview and the endpoint have judged."""

    loudest: float
    """Preview level of the loudest step, which alone decides about silence."""
    silent: bool
    """True if the endpoint called it silence."""
    threshold: float
    """Threshold that the endpoint was asked to apply."""


def judged(entry: PlacedResult, levels: Levels) -> JudgedPeriod | None:
    """Pair a result with what the preview measured.

    Args:
        entry: the endpoint's result.
        levels: the preview's levels.

    Returns:
        None if there is nothing to compare: the period does not begin with a step or holds no whole
        step, its levels are no longer kept, or there is no verdict.
    """
    results = [answer.result for answer in entry.step.answers.values()]
    verdicts = [result for result in results if result is not None]
    first, remainder = divmod(entry.sample, STEP_SAMPLES)
    steps = entry.samples // STEP_SAMPLES
    if not verdicts or remainder or not steps:
        return None
    known = levels(first, first + steps)
    if known is None:
        return None
    return JudgedPeriod(
        float(known.max()), "silence" in verdicts, entry.parameters.volume_threshold
    )


class Comparison:
    """Newest periods, at most `KEPT`, that both one endpoint and the preview have judged."""

    def __init__(self, kept: int = KEPT) -> None:
        """Start without any period.

        Args:
            kept: number of periods to keep.
        """
        self.shift = 0.0
        """Shift of the preview in decibels."""
        self._judged = np.zeros((kept, len(JudgedPeriod._fields)))
        self._taken = 0
        self._offset: tuple[int, Offset] | None = None

    def take(self, period: JudgedPeriod | None) -> None:
        """Add a period, dropping the oldest if full; ignore None, which has nothing to compare."""
        if period is not None:
            self._judged[self._taken % len(self._judged)] = period
            self._taken += 1

    def agreement(self, *, foreign: bool) -> Agreement:
        """Return the agreement of the two at the current shift of the preview.

        Args:
            foreign: True if the endpoint is not ours, so that an offset is searched for.
        """
        kept = self._judged[: self._taken]
        if not len(kept):
            return Agreement()
        from deeptone_tui.tuning.offset import agreeing  # noqa: PLC0415  with the first result

        loudest, silent, thresholds = kept.T
        agreed = agreeing(loudest, silent > 0, thresholds, self.shift)
        return Agreement(len(kept), agreed, self._best_offset() if foreign else None)

    def _best_offset(self) -> "Offset":
        """Return the offset that explains the answers best, recomputed only for new ones."""
        if self._offset is None or self._offset[0] != self._taken:
            from deeptone_tui.tuning.offset import best_offset  # noqa: PLC0415  foreign endpoints only

            loudest, silent, thresholds = self._judged[: self._taken].T
            self._offset = self._taken, best_offset(loudest, silent > 0, thresholds)
        return self._offset[1]


def shifted(state: MonitorState, decibels: float) -> MonitorState:
    """Shift every level that is compared with the threshold.

    The threshold itself never changes: it belongs to the endpoint and is sent to it as it is. The
    clip count and the digital-zero flag stay unchanged.

    Args:
        state: a state, shifted or not.
        decibels: shift relative to the measured levels; 0 restores them.
    """
    if decibels == state.shift:
        return state
    gain = from_dbfs(decibels - state.shift)
    meter, history = state.meter, state.history
    levels = history.levels * np.float32(gain)
    levels.flags.writeable = False
    return replace(
        state,
        meter=replace(meter, level=meter.level * gain, peak=meter.peak * gain, vu=meter.vu * gain),
        history=LevelHistory(history.first_step, levels),
        shift=decibels,
    )
