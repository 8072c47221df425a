"""What a threshold costs against the truth."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deeptone_tui.level import Levels, silent

Truth = npt.NDArray[np.bool_]
SPEECH_WEIGHT = 4.0
FAILURE = 0.2
"""A share of speech lost, or of noise passed, that is a failure."""


@dataclass(frozen=True, slots=True)
class Score:
    """Shares from 0 to 1: of the true speech that is silence, of the rest that is not."""

    lost: float
    passed: float

    @property
    def cost(self) -> float:
        """Four times the one and the other."""
        return SPEECH_WEIGHT * self.lost + self.passed

    @property
    def failed(self) -> bool:
        """Whether it is of no use."""
        return max(self.lost, self.passed) > FAILURE


def score(threshold: float, levels: Levels, truth: Truth) -> Score:
    """Gate the steps; the share of nothing is 0."""
    gated = silent(levels, threshold)
    lost = float(gated[truth].mean()) if truth.any() else 0.0
    return Score(lost, float((~gated[~truth]).mean()) if not truth.all() else 0.0)


def best(levels: Levels, truth: Truth) -> float:
    """The threshold that costs least: one of the levels, or one above them all."""
    tried = np.append(np.unique(levels), 1.01)
    return float(min(tried, key=lambda threshold: score(threshold, levels, truth).cost))


def area_under_curve(values: npt.NDArray[np.float64], failed: Truth) -> float:
    """Probability that a success has a greater value than a failure; ties count half."""
    good, bad = values[~failed, None], values[None, failed]
    return float((good > bad).mean() + (good == bad).mean() / 2) if good.size and bad.size else 1.0
