"""From the levels of steps to the threshold that is expected to cost least."""

import numpy as np
import numpy.typing as npt

from deeptone_tui.level import Levels, format_dbfs, from_dbfs
from deeptone_tui.tuning.evidence import OTHER, SPEECH, Heard, check
from deeptone_tui.tuning.suggestion import Suggestion, Verdict

Floats = npt.NDArray[np.float64]

SPEECH_WEIGHT = 4.0
"""A share of speech lost counts as much as four times that share of noise passed: what was gated
cannot be had back."""
LEAST_STEPS = 48
"""Steps with sound that are needed to say anything: 3 s."""
QUIETEST = from_dbfs(-100.0)
"""What is quieter is digital zero, not the sound of a room: 16 bits end at -90 dBFS."""


def suggest(levels: Levels, heard: Heard | None = None) -> Suggestion:
    """Find the threshold.

    Args:
        levels: of steps of 64 ms, from 0 to 1, shape (n,).
        heard: what the endpoint says of each at threshold 0, shape (n,), where it was asked.

    Returns:
        The threshold, or why there is none; never an error for whatever audio there was.

    Raises:
        ValueError: when levels and answers do not fit.
    """
    check(levels, heard)
    sounding = levels > QUIETEST
    dbfs = 20.0 * np.log10(levels[sounding])
    if dbfs.size < LEAST_STEPS:
        return _none(Verdict.TOO_LITTLE, "Less than 3 s with sound have been heard.")
    believed = _believed(dbfs, None if heard is None else heard[sounding])
    share = float(believed.mean())
    if share < 0.03:  # noqa: PLR2004
        return _none(Verdict.NO_SPEECH, "No speech has been heard: talk, and try again.")
    if share > 0.97:  # noqa: PLR2004
        return _none(Verdict.ONLY_SPEECH, "Only speech has been heard: pause, and try again.")
    return _cheapest(dbfs, believed)


def _believed(dbfs: Floats, heard: Heard | None) -> Floats:
    """How likely each step is speech, shape (n,)."""
    if heard is not None and ((heard == SPEECH) | (heard == OTHER)).any():
        return np.where(heard == SPEECH, 1.0, np.where(heard == OTHER, 0.0, 0.5))
    low, high = np.percentile(dbfs, [15, 90])
    middle = (low + high) / 2
    return np.asarray(1.0 / (1.0 + np.exp(-(dbfs - middle))))


def _cheapest(dbfs: Floats, believed: Floats) -> Suggestion:
    """The middle of the thresholds that cost next to the least."""
    grid = np.arange(-90.0, 0.1, 0.5)
    order = np.argsort(dbfs)
    speech = np.concatenate([[0.0], np.cumsum(believed[order])])
    other = np.concatenate([[0.0], np.cumsum(1.0 - believed[order])])
    place = np.searchsorted(dbfs[order], grid, side="left")
    lost, passed = speech[place] / speech[-1], 1.0 - other[place] / other[-1]
    cost = SPEECH_WEIGHT * lost + passed
    near = np.flatnonzero(cost <= cost.min() + 0.01)
    chosen = int(near[len(near) // 2])
    floor = float(np.average(dbfs, weights=1.0 - believed))
    voice = float(np.average(dbfs, weights=believed))
    return Suggestion(
        Verdict.OK,
        from_dbfs(float(grid[chosen])),
        from_dbfs(floor),
        from_dbfs(voice),
        float(lost[chosen]),
        float(passed[chosen]),
        float(np.clip((voice - floor) / 20.0, 0.0, 1.0)),
        f"Noise at {format_dbfs(from_dbfs(floor))} and speech at {format_dbfs(from_dbfs(voice))} "
        "stand apart.",
    )


def _none(verdict: Verdict, reason: str) -> Suggestion:
    return Suggestion(verdict, None, None, None, None, None, 0.0, reason)
