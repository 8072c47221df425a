"""The guided way to a threshold: two seconds of quiet, then one sentence.

A pure state machine: `Calibration.fed` takes levels and returns what has become of it. Time is
counted in steps of 64 ms, so a source that stalls stalls the calibration.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

import numpy as np

from deeptone_tui.level import Levels
from deeptone_tui.tuning.evidence import OTHER, UNKNOWN
from deeptone_tui.tuning.search import suggest
from deeptone_tui.tuning.suggestion import Suggestion

SETTLING_STEPS: Final = 4
"""Steps passed over at the beginning: the key that was pressed is heard in them."""
QUIET_STEPS: Final = 32
"""Steps of quiet: 2 s."""
SENTENCE_STEPS: Final = 94
"""Steps in which the sentence is said: 6 s."""


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

    phase: Phase = Phase.QUIET
    levels: Levels = field(default_factory=_no_levels)
    """All the steps since it began, shape (n,)."""
    suggestion: Suggestion | None = None
    """The result, when it is done."""

    @property
    def progress(self) -> float:
        """How far the present phase is, from 0 to 1."""
        quiet = SETTLING_STEPS + QUIET_STEPS
        if self.phase is Phase.QUIET:
            return self.levels.size / quiet
        if self.phase is Phase.SENTENCE:
            return (self.levels.size - quiet) / SENTENCE_STEPS
        return 1.0

    def fed(self, levels: Levels) -> "Calibration":
        """Return the calibration after some more steps, levels of shape (k,); k may be 0."""
        if self.phase is Phase.DONE:
            return self
        quiet = SETTLING_STEPS + QUIET_STEPS
        heard = np.concatenate([self.levels, levels])[: quiet + SENTENCE_STEPS]
        if heard.size == quiet + SENTENCE_STEPS:
            return Calibration(Phase.DONE, heard, _judged(heard))
        phase = Phase.QUIET if heard.size < quiet else Phase.SENTENCE
        return replace(self, phase=phase, levels=heard)


def _judged(levels: Levels) -> Suggestion:
    """Find the threshold: the quiet is known not to be speech, the rest is told by its level."""
    heard = np.full(levels.shape, UNKNOWN, dtype=np.int8)
    heard[: SETTLING_STEPS + QUIET_STEPS] = OTHER
    return suggest(levels[SETTLING_STEPS:], heard[SETTLING_STEPS:])
