"""Probability that a threshold costs close to the least of any: at most 0.2 above it.

Fitted by logistic regression (``python -m bench.fit_tuning``) to one half of the clips of ``make
bench-tune``, separately for steps that an endpoint has judged and for levels alone. The strongest
sign is whether the choice would change under slightly different assumptions: with other periods, or
without the doubtful steps.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from deeptone_tui.tuning.periods import SPEECH_WEIGHT, Starts
from deeptone_tui.tuning.speech_posterior import ZERO_DBFS, SpeechPosterior

if TYPE_CHECKING:
    from deeptone_tui.tuning.features import LevelStatistics
    from deeptone_tui.tuning.search import ThresholdChoice


GRID_DB: Final = 0.1
GRID_DBFS: Final = np.arange(ZERO_DBFS, 0.05, GRID_DB)
"""Thresholds in dBFS, as fine as they are displayed: over a steady hum half a decibel is much."""
DOUBT: Final = 0.32
"""Probability of speech in a doubtful step."""

Floats = npt.NDArray[np.float64]

ENOUGH_SECONDS: Final = 1.5
"""Seconds of speech, and of the rest, that are enough to be sure."""
_HEARD: Final = np.array([-2.321, -0.607, 0.378, -5.641, -1.007, -0.298])
_ALONE: Final = np.array([-0.387, 0.186, 0.088, -10.63, -0.659, -0.488])
_LITTLE_DOUBT = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Expected shares at each threshold of `GRID_DBFS`, arrays of its shape."""

    lost: Floats
    """Share of the speech that is silence, from 0 to 1."""
    passed: Floats
    """Share of the pauses that is not silence."""
    spoken: float
    """Expected number of periods of speech."""
    pauses: float
    """Expected number of pauses."""

    @classmethod
    def of(cls, judged: SpeechPosterior, starts: Starts, doubt: float = DOUBT) -> "Expected":
        """Weigh all periods.

        The weight of a period as speech is the mean probability of its steps. Its weight as a pause
        is the probability that neither its likeliest step nor any doubtful one is speech.

        Args:
            judged: posterior of the steps.
            starts: first step of each period, shape (m,), as in `Evidence`.
            doubt: probability of speech in a doubtful step.
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
        """Expected cost: 4 times the share lost plus the share passed."""
        return SPEECH_WEIGHT * self.lost + self.passed

    def regret(self, dbfs: float) -> float:
        """Return the expected cost of a threshold above the least of any."""
        place = int(np.abs(GRID_DBFS - dbfs).argmin())
        return float(self.cost[place] - self.cost.min())


def _share_before(weights: Floats, places: npt.NDArray[np.intp]) -> Floats:
    """Return the share of the weight before each place; 0 if there is no weight."""
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    return np.asarray(sums[places] / max(float(sums[-1]), 1e-9))


def confidence(
    judged: SpeechPosterior, starts: Starts, choice: "ThresholdChoice", signs: "LevelStatistics"
) -> float:
    """Return the confidence, from 0 to 1; it is lower after little speech or little else.

    Args:
        judged: posterior of the steps.
        starts: first step of each period, shape (m,), as in `Evidence`.
        choice: chosen threshold.
        signs: statistics of the levels.
    """
    odds = float((_HEARD if judged.listened else _ALONE) @ doubt_figures(judged, starts, choice))
    rarer = signs.seconds * min(signs.share, 1.0 - signs.share)
    return 1.0 / (1.0 + float(np.exp(-odds))) * min(1.0, rarer / ENOUGH_SECONDS)


def doubt_figures(judged: SpeechPosterior, starts: Starts, choice: "ThresholdChoice") -> Floats:
    """Return the inputs of the logistic regression, shape (6,); arguments as in `confidence`.

    The constant 1, expected cost, width of the plateau in dB, share of uncertain steps, and the
    regret without doubtful steps and with periods half a period later; costs and width as
    logarithms.
    """
    unsure = float(np.mean((judged.speech > 0.1) & (judged.speech < 0.9)))  # noqa: PLR2004
    later = Expected.of(judged, _half_a_period_later(starts, judged.levels.size))
    trusting = Expected.of(judged, starts, doubt=_LITTLE_DOUBT)
    return np.array(
        [
            1.0,
            _log(choice.cost),
            np.log(choice.highest - choice.lowest + 0.5),
            unsure,
            _log(trusting.regret(choice.dbfs)),
            _log(later.regret(choice.dbfs)),
        ]
    )


def _log(cost: float) -> float:
    """Return the logarithm of a cost that may be 0."""
    return float(np.log(cost + 0.03))


def _half_a_period_later(starts: Starts, steps: int) -> Starts:
    """Return the starts of periods half a period later, with one more at the front."""
    lengths = np.diff(np.append(starts, steps))
    return np.unique(np.append(0, starts + lengths // 2))
