"""The guided way to a threshold: two seconds of quiet, then one sentence.

A pure state machine: `Calibration.fed` takes levels and returns what has become of it. Time is
counted in steps of 64 ms, so a source that stalls stalls the calibration. Where it was not quiet,
because somebody spoke or knocked, quiet is asked for again.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

import numpy as np

from deeptone_tui.dsp import Levels, from_dbfs
from deeptone_tui.tuning.periods import OTHER, UNKNOWN, Evidence

SETTLING_STEPS: Final = 4
"""Steps passed over at the beginning: the key that was pressed is heard in them."""
QUIET_STEPS: Final = 32
"""Steps of quiet: 2 s."""
SENTENCE_STEPS: Final = 94
"""Steps in which the sentence is said: 6 s."""
UNREST_DB: Final = 6.0
"""The loudest steps over the middle ones, from which on it was not quiet."""
QUIETEST: Final = from_dbfs(-75.0)
"""Under this the last bits of the samples are heard: it is quiet, however unevenly."""
MOST_RESTARTS: Final = 3
"""Then it is as quiet there as it will be."""


def _no_levels() -> Levels:
    return np.empty(0, dtype=np.float64)


class Phase(StrEnum):
    """What the person in front of the microphone is asked for."""

    QUIET = "Be quiet for two seconds."
    SENTENCE = "Now say one sentence, as you will speak later."
    DONE = "Done."


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Where a calibration stands; ``Calibration()`` is its beginning."""

    period_steps: int = 16
    """Steps in a period of the endpoint, for which the threshold is sought."""
    phase: Phase = Phase.QUIET
    levels: Levels = field(default_factory=_no_levels)
    """All the steps since it began, or began again, shape (n,)."""
    restarts: int = 0
    """How often it was not quiet."""

    @property
    def progress(self) -> float:
        """How far the present phase is, from 0 to 1."""
        quiet = SETTLING_STEPS + QUIET_STEPS
        if self.phase is Phase.QUIET:
            return self.levels.size / quiet
        if self.phase is Phase.SENTENCE:
            return (self.levels.size - quiet) / SENTENCE_STEPS
        return 1.0

    @property
    def evidence(self) -> Evidence:
        """What is known: the quiet is no speech, and the rest is told by its level."""
        heard = np.full(self.levels.shape, UNKNOWN, dtype=np.int8)
        heard[: SETTLING_STEPS + QUIET_STEPS] = OTHER
        return Evidence.cut(self.levels[SETTLING_STEPS:], heard[SETTLING_STEPS:], self.period_steps)

    def fed(self, levels: Levels) -> "Calibration":
        """Return the calibration after some more steps, levels of shape (k,); k may be 0."""
        state, rest = self, levels
        while rest.size and state.phase is not Phase.DONE:
            room = state._ends_at - state.levels.size
            state, rest = state._after(rest[:room]), rest[room:]
        return state

    @property
    def _ends_at(self) -> int:
        """Steps at the end of the present phase."""
        quiet = SETTLING_STEPS + QUIET_STEPS
        return quiet if self.phase is Phase.QUIET else quiet + SENTENCE_STEPS

    def _after(self, levels: Levels) -> "Calibration":
        """Take steps up to the end of the phase at most."""
        heard = np.concatenate([self.levels, levels])
        if heard.size < self._ends_at:
            return replace(self, levels=heard)
        if self.phase is Phase.SENTENCE:
            return replace(self, phase=Phase.DONE, levels=heard)
        if self.restarts < MOST_RESTARTS and not _quiet(heard[SETTLING_STEPS:]):
            return Calibration(self.period_steps, restarts=self.restarts + 1)
        return replace(self, phase=Phase.SENTENCE, levels=heard)


def _quiet(levels: Levels) -> bool:
    """Whether nothing stood out from the room."""
    middle, loud = np.percentile(levels, (50, 95))
    return bool(loud <= middle * from_dbfs(UNREST_DB) or loud <= QUIETEST)
