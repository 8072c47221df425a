"""Whether the endpoint calls the same periods silence as the preview does, and if not, why."""

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
"""Periods that are compared at most, the newest: 70 minutes at 1024 ms, 4 minutes at 64 ms."""

Levels = Callable[[int, int], npt.NDArray[np.float64] | None]
"""Exact levels of the absolute steps from the first number to before the second, if known."""


class JudgedPeriod(NamedTuple):
    """A period that preview and endpoint have both judged."""

    loudest: float
    """The preview's level of its loudest step, which alone decides about silence."""
    silent: bool
    """Whether the endpoint called it silence."""
    threshold: float
    """What the endpoint was asked to go by."""


def judged(entry: PlacedResult, levels: Levels) -> JudgedPeriod | None:
    """Put a result beside what the preview measured.

    Args:
        entry: the endpoint's result.
        levels: the preview's levels.

    Returns:
        None when there is nothing to compare: no whole step, levels gone, or no verdict.
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
    """The newest periods that one endpoint and the preview have both judged, `KEPT` at most."""

    def __init__(self, kept: int = KEPT) -> None:
        """Begin with none.

        Args:
            kept: how many are kept.
        """
        self.shift = 0.0
        """Decibels by which the preview is shifted."""
        self._judged = np.zeros((kept, len(JudgedPeriod._fields)))
        self._taken = 0
        self._offset: tuple[int, Offset] | None = None

    def take(self, period: JudgedPeriod | None) -> None:
        """Add a period, unless there was nothing to compare; the oldest gives way to it."""
        if period is not None:
            self._judged[self._taken % len(self._judged)] = period
            self._taken += 1

    def agreement(self, *, foreign: bool) -> Agreement:
        """How far the two agree, with the preview shifted as it is.

        Args:
            foreign: whether the endpoint is not ours, so that an offset is looked for.
        """
        kept = self._judged[: self._taken]
        if not len(kept):
            return Agreement()
        from deeptone_tui.tuning.offset import agreeing  # noqa: PLC0415  with the first result

        loudest, silent, thresholds = kept.T
        agreed = agreeing(loudest, silent > 0, thresholds, self.shift)
        return Agreement(len(kept), agreed, self._best_offset() if foreign else None)

    def _best_offset(self) -> "Offset":
        """What explains the answers best, looked for anew only when there are more."""
        if self._offset is None or self._offset[0] != self._taken:
            from deeptone_tui.tuning.offset import best_offset  # noqa: PLC0415  foreign endpoints only

            loudest, silent, thresholds = self._judged[: self._taken].T
            self._offset = self._taken, best_offset(loudest, silent > 0, thresholds)
        return self._offset[1]


def shifted(state: MonitorState, decibels: float) -> MonitorState:
    """Shift everything that is compared with the threshold.

    The threshold itself is never touched: it is the endpoint's, and goes to it as it stands. What
    was clipped and what is digital zero stays so.

    Args:
        state: a state, shifted or not.
        decibels: how far its levels shall lie over the measured ones; 0 for the measured ones.
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
