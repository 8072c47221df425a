"""What a threshold costs against the truth, in periods: a definition of the benchmark's own."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import Levels

Truth = npt.NDArray[np.bool_]
SPEECH_WEIGHT = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class TruePeriods:
    """Whole periods of a clip; arrays of shape (m,)."""

    loudest: Levels
    """Level of the loudest step."""
    speech: Truth
    """At least half of it is speech."""
    pause: Truth
    """Nothing of it is."""

    @classmethod
    def of(cls, levels: Levels, truth: Truth, steps: int) -> "TruePeriods":
        """Cut a clip into periods of so many steps; an incomplete one at the end is left out."""
        size = len(levels) // steps * steps
        spoken = truth[:size].reshape(-1, steps).mean(axis=1)
        loudest = levels[:size].reshape(-1, steps).max(axis=1)
        return cls(loudest, spoken >= 0.5, spoken == 0)

    def cost(self, threshold: float) -> float:
        """4 times the share of speech that is silence, and the share of pauses that is not."""
        return float(self.costs(np.array([threshold]))[0])

    def costs(self, thresholds: Levels) -> Levels:
        """The cost of each threshold; a share of nothing is 0."""
        silent = self.loudest[None, :] < thresholds[:, None]
        lost = silent[:, self.speech].mean(axis=1) if self.speech.any() else 0.0
        passed = (~silent[:, self.pause]).mean(axis=1) if self.pause.any() else 0.0
        return np.asarray(SPEECH_WEIGHT * lost + passed + np.zeros(thresholds.shape))

    @property
    def best(self) -> float:
        """The threshold that costs least: one of the levels, or one above them all."""
        tried = np.append(np.unique(self.loudest), 1.01)
        return float(tried[self.costs(tried).argmin()])


def area_under_curve(values: npt.NDArray[np.float64], failed: Truth) -> float:
    """Probability that a success has a greater value than a failure; ties count half."""
    good, bad = values[~failed, None], values[None, failed]
    return float((good > bad).mean() + (good == bad).mean() / 2) if good.size and bad.size else 1.0
