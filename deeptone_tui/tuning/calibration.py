"""Guided calibration of a threshold: two seconds of quiet, then one sentence.

A pure state machine: `Calibration.fed` takes levels and returns the next state. Time is counted in
steps of 64 ms, so a source that stalls stalls the calibration. If it was not quiet, because
somebody spoke or knocked, the request for quiet is repeated.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

import numpy as np

from deeptone_tui.dsp import Levels, from_dbfs
from deeptone_tui.tuning.periods import OTHER, UNKNOWN, Evidence

SETTLING_STEPS: Final = 4
"""Steps skipped at the beginning, in which the key press is audible."""
QUIET_STEPS: Final = 32
"""Steps of quiet: 2 s."""
SENTENCE_STEPS: Final = 94
"""Steps for the sentence: 6 s."""
UNREST_DB: Final = 6.0
"""Distance of the 95th percentile above the median, from which on it was not quiet."""
QUIETEST: Final = from_dbfs(-75.0)
"""Under this only the last bits of the samples are heard: it is quiet, however uneven."""
MOST_RESTARTS: Final = 3
"""Restarts after which the room is accepted as it is."""


def _no_levels() -> Levels:
    return np.empty(0, dtype=np.float64)


class Phase(StrEnum):
    """Phase of a calibration; the value is the request to the person at the microphone."""

    QUIET = "Be quiet for two seconds."
    SENTENCE = "Now say one sentence, as you will speak later."
    DONE = "Done."


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """State of a calibration; ``Calibration()`` is the initial one."""

    period_steps: int = 16
    """Steps in the period of the endpoint for which the threshold is sought."""
    phase: Phase = Phase.QUIET
    levels: Levels = field(default_factory=_no_levels)
    """Levels of all steps since the start or the last restart, shape (n,)."""
    restarts: int = 0
    """Number of restarts because it was not quiet."""

    @property
    def progress(self) -> float:
        """Progress of the current phase, from 0 to 1."""
        quiet = SETTLING_STEPS + QUIET_STEPS
        if self.phase is Phase.QUIET:
            return self.levels.size / quiet
        if self.phase is Phase.SENTENCE:
            return (self.levels.size - quiet) / SENTENCE_STEPS
        return 1.0

    @property
    def evidence(self) -> Evidence:
        """Evidence so far: the quiet is not speech, and the rest is judged by its level."""
        heard = np.full(self.levels.shape, UNKNOWN, dtype=np.int8)
        heard[: SETTLING_STEPS + QUIET_STEPS] = OTHER
        return Evidence.cut(self.levels[SETTLING_STEPS:], heard[SETTLING_STEPS:], self.period_steps)

    def fed(self, levels: Levels) -> "Calibration":
        """Return the calibration after more steps, levels of shape (k,); k may be 0."""
        state, rest = self, levels
        while rest.size and state.phase is not Phase.DONE:
            room = state._ends_at - state.levels.size
            state, rest = state._after(rest[:room]), rest[room:]
        return state

    @property
    def _ends_at(self) -> int:
        """Number of steps at the end of the current phase."""
        quiet = SETTLING_STEPS + QUIET_STEPS
        return quiet if self.phase is Phase.QUIET else quiet + SENTENCE_STEPS

    def _after(self, levels: Levels) -> "Calibration":
        """Return the state after steps that reach at most the end of the phase."""
        heard = np.concatenate([self.levels, levels])
        if heard.size < self._ends_at:
            return replace(self, levels=heard)
        if self.phase is Phase.SENTENCE:
            return replace(self, phase=Phase.DONE, levels=heard)
        if self.restarts < MOST_RESTARTS and not _quiet(heard[SETTLING_STEPS:]):
            return Calibration(self.period_steps, restarts=self.restarts + 1)
        return replace(self, phase=Phase.SENTENCE, levels=heard)


def _quiet(levels: Levels) -> bool:
    """Return True if nothing stood out from the room."""
    middle, loud = np.percentile(levels, (50, 95))
    return bool(loud <= middle * from_dbfs(UNREST_DB) or loud <= QUIETEST)
