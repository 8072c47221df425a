"""How likely each step is speech, by what was heard in it and by its level.

What the endpoint says of a step is not the truth: with a period of 1024 ms it speaks of sixteen
steps at once, and it hears voices in babble. Levels say where within it the pauses are. So the
levels of speech and of the rest are each described by a mean and a spread, found from what was
heard; then every step is judged anew by both, together with its neighbours; and so on, a few times.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from deeptone_tui.tuning.evidence import OTHER, SPEECH, Heard
from deeptone_tui.tuning.hidden import smoothed

Floats = npt.NDArray[np.float64]

HEARD_SPEECH: Final = 1.2
"""Log odds of speech where the endpoint heard it."""
HEARD_OTHER: Final = -1.8
"""Log odds of speech where it heard something else: it misses less than it invents."""
LEVEL_LIMIT: Final = 4.0
"""Most that a level can say, as log odds: outliers there are always."""
BELOW_OTHER: Final = -2.0
"""What is quieter than the middle of the rest is no speech, however wide speech spreads."""
LEAST_SPREAD: Final = (3.0, 0.7)
"""dB, of speech and of the rest."""
_ROUNDS = 2
_ROUNDS_UNHEARD = 4
_NEVER = -20.0


def believed(dbfs: Floats, counted: npt.NDArray[np.bool_], heard: Heard | None) -> Floats:
    """Return the probability of speech for each step.

    Args:
        dbfs: levels of steps, finite, shape (n,), n ≥ 1.
        counted: steps whose level says something; the others are digital zero, shape (n,), at
            least one of them.
        heard: what the endpoint says of them, shape (n,).

    Returns:
        Shape (n,), from 0 to 1.
    """
    said = np.zeros(dbfs.shape)
    if heard is not None:
        said[heard == SPEECH] = HEARD_SPEECH
        said[heard == OTHER] = HEARD_OTHER
    said[~counted] = _NEVER
    guessed = np.where(said == 0.0, _loudness(dbfs, dbfs[counted]), said)
    speech = np.asarray(1.0 / (1.0 + np.exp(-guessed)))
    for _ in range(_ROUNDS_UNHEARD if (said == 0.0).any() else _ROUNDS):
        speech = smoothed(said + _levels_say(dbfs, speech * counted, (1.0 - speech) * counted))
    return speech


def _loudness(dbfs: Floats, counted: Floats) -> Floats:
    """A first guess, where nothing was heard: what is louder than most is speech."""
    low, high = np.percentile(counted, (10, 80))
    return np.asarray(np.clip(dbfs - (low + high) / 2.0, -10.0, 10.0))


def _levels_say(dbfs: Floats, speech: Floats, other: Floats) -> Floats:
    """Log odds of speech of each level, both kinds having normal distributions in dB."""
    speech_mean, speech_spread = _spread(dbfs, speech, LEAST_SPREAD[0])
    other_mean, other_spread = _spread(dbfs, other, LEAST_SPREAD[1])
    far = ((dbfs - other_mean) / other_spread) ** 2 - ((dbfs - speech_mean) / speech_spread) ** 2
    odds = far / 2.0 + np.log(other_spread / speech_spread)
    odds = np.where(dbfs < other_mean, np.minimum(odds, BELOW_OTHER), odds)
    return np.asarray(np.clip(odds, -LEVEL_LIMIT, LEVEL_LIMIT))


def _spread(dbfs: Floats, weights: Floats, least: float) -> tuple[float, float]:
    """Mean and standard deviation in dB; those of all steps where there is no weight."""
    if weights.sum() < 1e-6:  # noqa: PLR2004  a millionth of a step
        weights = np.ones(dbfs.shape)
    mean = float(np.average(dbfs, weights=weights))
    return mean, max(least, float(np.sqrt(np.average((dbfs - mean) ** 2, weights=weights))))
