"""What thresholds are expected to cost in periods, as far as it is known what each step is."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from deeptone_tui.tuning.belief import ZERO_DBFS, Judged
from deeptone_tui.tuning.evidence import Starts
from deeptone_tui.tuning.periods import SPEECH_WEIGHT

Floats = npt.NDArray[np.float64]

GRID_DB: Final = 0.1
GRID_DBFS: Final = np.arange(ZERO_DBFS, 0.05, GRID_DB)
"""Thresholds in dBFS, as fine as they are shown: over a steady hum half a decibel is much."""
DOUBT: Final = 0.32
"""Probability of speech of a doubtful step."""


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Expected shares at each threshold of `GRID_DBFS`, arrays of its shape."""

    lost: Floats
    """Of the speech that is silence, from 0 to 1."""
    passed: Floats
    """Of the pauses that is not."""
    spoken: float
    """Expected number of periods of speech."""
    pauses: float
    """Expected number of pauses."""

    @classmethod
    def of(cls, judged: Judged, starts: Starts, doubt: float = DOUBT) -> "Expected":
        """Weigh all periods.

        A period is speech as far as its steps are, and a pause as far as its likeliest step of
        speech is none, and none of the doubtful ones is.

        Args:
            judged: the steps.
            starts: first step of each period, shape (m,), as in `Evidence`.
            doubt: probability of speech of a doubtful step.
        """
        known = np.logical_or.reduceat(~np.isnan(judged.speech), starts)
        lengths = np.diff(np.append(starts, judged.levels.size))
        likely, doubtful = np.nan_to_num(judged.speech), judged.doubtful
        spoken = np.add.reduceat(np.where(doubtful, doubt, likely), starts) / lengths
        quiet = 1.0 - np.maximum.reduceat(np.where(doubtful, 0.0, likely), starts)
        pauses = known * quiet * (1.0 - doubt) ** np.add.reduceat(doubtful.astype(np.int64), starts)
        loudest = np.maximum.reduceat(judged.dbfs, starts)
        order = np.argsort(loudest)
        place = np.searchsorted(loudest[order], GRID_DBFS, side="left")
        lost = _share_before(spoken[order], place)
        passed = 1.0 - _share_before(pauses[order], place) if pauses.any() else np.zeros(lost.shape)
        return cls(lost, passed, float(spoken.sum()), float(pauses.sum()))

    @property
    def cost(self) -> Floats:
        """4 times the one share and the other."""
        return SPEECH_WEIGHT * self.lost + self.passed

    def regret(self, dbfs: float) -> float:
        """How much more than the least a threshold is expected to cost."""
        place = int(np.abs(GRID_DBFS - dbfs).argmin())
        return float(self.cost[place] - self.cost.min())


def _share_before(weights: Floats, places: npt.NDArray[np.intp]) -> Floats:
    """Share of the weight that lies before each place; 0 of no weight."""
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    return np.asarray(sums[places] / max(float(sums[-1]), 1e-9))
