"""How likely a threshold costs next to the least that any would: no more than 0.2 above it.

Fitted by logistic regression (``python -m bench.fit_tuning``) to one half of the clips of ``make
bench-tune``, apart for steps that an endpoint has judged and for levels alone. What tells most is
whether the choice would be another if things were seen a little differently: with other periods, or
without the doubtful steps.
"""

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from deeptone_tui.tuning.belief import Judged
from deeptone_tui.tuning.evidence import Starts
from deeptone_tui.tuning.expected import Expected

if TYPE_CHECKING:
    from deeptone_tui.tuning.search import Choice
    from deeptone_tui.tuning.signs import Signs

Floats = npt.NDArray[np.float64]

ENOUGH_SECONDS: Final = 1.5
"""Of speech, and of the rest, that are enough to be sure."""
_HEARD: Final = np.array([-2.321, -0.607, 0.378, -5.641, -1.007, -0.298])
_ALONE: Final = np.array([-0.387, 0.186, 0.088, -10.63, -0.659, -0.488])
_LITTLE_DOUBT = 0.02


def confidence(judged: Judged, starts: Starts, choice: "Choice", signs: "Signs") -> float:
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


def doubt_figures(judged: Judged, starts: Starts, choice: "Choice") -> Floats:
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
