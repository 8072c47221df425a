"""What a threshold costs: the gate of the endpoint, replayed on the levels of steps."""

import numpy as np
import numpy.typing as npt

from deeptone_tui.level import Levels, from_dbfs
from deeptone_tui.tuning.evidence import SPEECH, UNKNOWN, Heard, check
from deeptone_tui.tuning.periods import Cost, Curve, Floats, Periods

Counts = npt.NDArray[np.int64]

GRID: Floats = np.array([from_dbfs(dbfs) for dbfs in np.arange(-90.0, 0.1, 0.5)])
"""The thresholds of a curve: every half decibel from -90 to 0 dBFS, as amplitudes, shape (181,)."""
GRID.flags.writeable = False


def cost_of(
    threshold: float, levels: Levels, heard: Heard | None, *, period_steps: int = 1
) -> Cost:
    """Replay one threshold.

    Args:
        threshold: ``volume_threshold``, from 0 to 1.
        levels: of steps from the beginning of a period, shape (n,).
        heard: what the endpoint says of each step at threshold 0, shape (n,), or None.
        period_steps: steps in a period; the last one may be incomplete. A period was heard as
            its first step was: from an endpoint, all its steps were heard alike.

    Raises:
        ValueError: when levels and answers do not fit, or a period has no steps.
    """
    return _periods(levels, heard, period_steps).cost(threshold)


def curve(
    levels: Levels,
    heard: Heard | None,
    *,
    period_steps: int = 1,
    thresholds: Floats | None = None,
) -> Curve:
    """Replay many thresholds at once; the arguments are those of `cost_of`.

    Args:
        levels: of steps, shape (n,).
        heard: what the endpoint says of each step at threshold 0, shape (n,), or None.
        period_steps: steps in a period.
        thresholds: from 0 to 1, shape (k,), in any order; `GRID` where there are none.

    Raises:
        ValueError: when levels and answers do not fit, or a period has no steps.
    """
    tried = GRID if thresholds is None else np.asarray(thresholds, dtype=np.float64)
    return _periods(levels, heard, period_steps).curve(tried)


def _periods(levels: Levels, heard: Heard | None, period_steps: int) -> Periods:
    """The periods of a stretch of steps, each of which counts as one."""
    check(levels, heard)
    loudest = period_levels(levels, period_steps)
    unknown = np.full(loudest.shape, UNKNOWN, np.int8)
    answers = unknown if heard is None else heard[::period_steps]
    return Periods(loudest, answers, np.ones(loudest.shape, np.int64))


def period_levels(levels: Levels, period_steps: int) -> Levels:
    """Return the loudest step of each period, the last of which may be incomplete.

    Raises:
        ValueError: when a period has no steps.
    """
    if period_steps < 1:
        raise ValueError(f"a period of {period_steps} steps is not allowed: 1 or more")
    if period_steps == 1 or not levels.size:
        return levels
    return np.asarray(np.maximum.reduceat(levels, np.arange(0, levels.size, period_steps)))


def histogram(levels: Levels, heard: Heard | None, edges: Floats) -> tuple[Counts, Counts]:
    """Count the steps of speech and the rest by level.

    Args:
        levels: of steps, from 0 to 1, shape (n,).
        heard: what was heard in each, shape (n,); without it all of them are the rest.
        edges: amplitudes from 0 to 1, rising, shape (k + 1,). What is quieter than the first is
            counted in the first bin, what is louder than the last in the last.

    Returns:
        Counts of speech and of the rest, unknown included, each of shape (k,).

    Raises:
        ValueError: when levels and answers do not fit.
    """
    check(levels, heard)
    bins = np.searchsorted(edges[1:-1], levels, side="right")
    speech = np.zeros(levels.shape, np.bool_) if heard is None else heard == SPEECH
    size = len(edges) - 1
    return _count(bins[speech], size), _count(bins[~speech], size)


def _count(bins: npt.NDArray[np.intp], size: int) -> Counts:
    return np.bincount(bins, minlength=size).astype(np.int64)
