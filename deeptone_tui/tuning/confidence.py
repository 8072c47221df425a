"""How likely a threshold costs next to the least that any would: no more than 0.2 above it.

Fitted by logistic regression (``python -m bench.fit_tuning``) to one half of the clips of ``make
bench-tune``, apart for steps that an endpoint has judged and for levels alone. What tells most is
whether the choice would be another if things were seen a little differently: with other periods, or
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
"""Thresholds in dBFS, as fine as they are shown: over a steady hum half a decibel is much."""
DOUBT: Final = 0.32
"""Probability of speech of a doubtful step."""

Floats = npt.NDArray[np.float64]

ENOUGH_SECONDS: Final = 1.5
"""Of speech, and of the rest, that are enough to be sure."""
_HEARD: Final = np.array([-2.321, -0.607, 0.378, -5.641, -1.007, -0.298])
_ALONE: Final = np.array([-0.387, 0.186, 0.088, -10.63, -0.659, -0.488])
_LITTLE_DOUBT = 0.02


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
    def of(cls, judged: SpeechPosterior, starts: Starts, doubt: float = DOUBT) -> "Expected":
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


def confidence(
    judged: SpeechPosterior, starts: Starts, choice: "ThresholdChoice", signs: "LevelStatistics"
) -> float:
    """Return the confidence, from 0 to 1; less where there was little of the speech or the rest.

    Args:
        judged: the steps.
        starts: first step of each period, shape (m,), as in `Evidence`.
        choice: the threshold that was chosen.
        signs: what was measured.
    """
    odds = float((_HEARD if judged.listened else _ALONE) @ doubt_figures(judged, starts, choice))
    rarer = signs.seconds * min(signs.share, 1.0 - signs.share)
    return 1.0 / (1.0 + float(np.exp(-odds))) * min(1.0, rarer / ENOUGH_SECONDS)


def doubt_figures(judged: SpeechPosterior, starts: Starts, choice: "ThresholdChoice") -> Floats:
    """What the log odds are weighed from, shape (6,); the arguments are those of `confidence`.

    One, expected cost, width of the plateau in dB, share of steps of which it is unsure what they
    are, and the regret without doubtful steps and with periods half a period later.
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
    """Of a cost that may be nothing."""
    return float(np.log(cost + 0.03))


def _half_a_period_later(starts: Starts, steps: int) -> Starts:
    """Periods that begin in the middle of these; one more at the front."""
    lengths = np.diff(np.append(starts, steps))
    return np.unique(np.append(0, starts + lengths // 2))
