"""Whether levels alone look as if somebody spoke, where nobody has listened.

Speech comes in stretches of some length, of widely differing levels, which rise and fall without a
rhythm. Notes, tones, steps and machines keep their levels, or come and go evenly. The weights are
fitted by logistic regression (``python -m bench.fit_tuning``) to one half of the clips of ``make
bench-tune`` and to made sounds without speech (`bench.tuning.sounds`).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SHORTEST: Final = 6
"""Steps of a stretch, 0.4 s, from which its inside tells something."""
_CONSTANT: Final = -5.95
_WEIGHTS: Final = np.array([1.416, -0.959, 7.115, -1.078, 0.34, -12.24, -4.354, -4.385])


def voice_odds(dbfs: Floats, spoken: Flags, passed: float) -> float:
    """Log odds that what stands out is speech; minus infinity where no stretch is long enough.

    Args:
        dbfs: levels of steps, finite, shape (n,).
        spoken: steps that are speech if anything is, shape (n,).
        passed: expected share of the rest that the best threshold for steps lets pass.
    """
    figures = voice_figures(dbfs, spoken, passed)
    return -np.inf if figures is None else float(_CONSTANT + _WEIGHTS @ figures)


def voice_figures(dbfs: Floats, spoken: Flags, passed: float) -> Floats | None:
    """What the log odds are weighed from, shape (8,); the arguments are those of `voice_odds`.

    Length of the stretches, change from step to step, share passed, stretches in 100 steps, range
    of the levels inside, and how the changes go with later ones.
    """
    bounds = np.flatnonzero(np.diff(np.concatenate([[0], spoken, [0]])))
    runs = list(zip(bounds[::2].tolist(), bounds[1::2].tolist(), strict=True))
    inner = [dbfs[start:end] for start, end in runs if end - start >= SHORTEST]
    if not inner:
        return None
    length = sum(end - start for start, end in runs) / len(runs)
    centred = np.concatenate([one[1:-1] - one[1:-1].mean() for one in inner])
    return np.array(
        [
            np.log(length),
            float(np.median(np.abs(np.diff(dbfs))[spoken[1:] & spoken[:-1]])),
            passed,
            100.0 * len(runs) / dbfs.size,
            float(np.subtract(*np.percentile(centred, (90, 10)))),
            *_rhythm(np.concatenate([np.diff(one) for one in inner])),
        ]
    )


def _rhythm(changes: Floats) -> tuple[float, ...]:
    """Correlation of the changes with those one, two and three steps later."""
    power = max(float(changes.var()), 0.01)
    return tuple(float((changes[:-lag] * changes[lag:]).mean()) / power for lag in (1, 2, 3))
