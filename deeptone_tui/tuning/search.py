"""From the levels of steps to the threshold that is expected to cost least."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from deeptone_tui.level import Levels, from_dbfs
from deeptone_tui.tuning.belief import believed
from deeptone_tui.tuning.evidence import OTHER, SPEECH, Heard, check
from deeptone_tui.tuning.signs import ZERO_DBFS, Signs, listened, missing
from deeptone_tui.tuning.suggestion import Suggestion, Verdict
from deeptone_tui.tuning.wording import refusal, why

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SPEECH_WEIGHT: Final = 4.0
"""A share of speech lost counts as much as four times that share of noise passed: what was gated
cannot be had back."""
LEAST_STEPS: Final = 48
"""Steps with sound that are needed to say anything: 3 s."""
LEAST_OTHER: Final = 16
"""Steps besides the speech, 1 s, that are enough to do without those of a muted input."""
MUTED_STEPS: Final = 78
"""Steps of digital zero in a row that are a muted input, not a pause: 5 s."""
PLATEAU: Final = 0.01
"""Thresholds that cost no more than this above the least are all as good."""

_GRID: Final = np.arange(ZERO_DBFS, 0.1, 0.1)
"""dBFS, as fine as they are shown: over a steady hum half a decibel is much."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """A threshold in dBFS and what it is expected to cost."""

    dbfs: float
    lost: float
    passed: float


def suggest(levels: Levels, heard: Heard | None = None) -> Suggestion:
    """Find the threshold.

    Args:
        levels: of steps of 64 ms, from 0 to 1, shape (n,).
        heard: what the endpoint says of each at threshold 0, shape (n,), where it was asked, with
            any output period.

    Returns:
        The threshold, or why there is none; never an error for whatever audio there was.

    Raises:
        ValueError: when levels and answers do not fit.
    """
    check(levels, heard)
    dbfs = np.maximum(20.0 * np.log10(np.maximum(levels, 1e-9)), ZERO_DBFS)
    sounding = dbfs > ZERO_DBFS
    if np.count_nonzero(sounding) < LEAST_STEPS:
        muted = levels.size >= LEAST_STEPS
        return refusal(Verdict.NO_SPEECH if muted else Verdict.TOO_LITTLE, Signs.none(dbfs))
    answers = heard if heard is not None and _answered(heard) else None
    counted, speech = _believed(dbfs, sounding, answers)
    choice = _cheapest(dbfs[counted], speech[counted])
    signs = Signs.of(dbfs[counted], speech[counted], choice.lost, choice.passed)
    verdict = missing(signs, answers)
    if verdict is not Verdict.OK:
        return refusal(verdict, signs)
    return Suggestion(
        Verdict.OK,
        from_dbfs(choice.dbfs),
        from_dbfs(signs.floor) if signs.floor > ZERO_DBFS else None,
        from_dbfs(signs.voice),
        choice.lost,
        choice.passed,
        signs.confidence(heard=listened(answers)),
        why(signs, choice.dbfs),
    )


def _answered(heard: Heard) -> bool:
    return bool(((heard == SPEECH) | (heard == OTHER)).any())


def _believed(dbfs: Floats, sounding: Flags, heard: Heard | None) -> tuple[Flags, Floats]:
    """Which steps count, and how likely each step is speech.

    Digital zero between sentences is a pause like another, of a recording that was cut or of a
    line that sends nothing. In longer stretches the input was muted, and before the first sound
    and after the last it was off: they say nothing about the room, unless they are all there is
    besides the speech.
    """
    counted = ~_muted(sounding)
    speech = believed(dbfs, counted, heard)
    if float((1.0 - speech[counted]).sum()) >= LEAST_OTHER:
        return counted, speech
    return np.ones_like(sounding), speech


def _muted(sounding: Flags) -> Flags:
    """Steps of digital zero in stretches too long for a pause, or with sound on one side only."""
    bounds = np.flatnonzero(np.diff(np.concatenate([[0], ~sounding, [0]])))
    muted = np.zeros_like(sounding)
    for start, end in zip(bounds[::2], bounds[1::2], strict=True):
        outside = start == 0 or end == sounding.size
        muted[start:end] = outside or end - start >= MUTED_STEPS
    return muted


def _cheapest(dbfs: Floats, speech: Floats) -> _Choice:
    """The middle of the thresholds that are expected to cost next to the least."""
    order = np.argsort(dbfs)
    place = np.searchsorted(dbfs[order], _GRID, side="left")
    lost = _share_before(speech[order], place)
    passed = 1.0 - _share_before(1.0 - speech[order], place)
    cost = SPEECH_WEIGHT * lost + passed
    dear = np.flatnonzero(cost > cost.min() + PLATEAU)
    cut = int(np.searchsorted(dear, cost.argmin()))
    first = int(dear[cut - 1]) + 1 if cut else 0
    last = int(dear[cut]) - 1 if cut < len(dear) else len(_GRID) - 1
    chosen = (first + last) // 2
    return _Choice(float(_GRID[chosen]), float(lost[chosen]), float(passed[chosen]))


def _share_before(weights: Floats, places: npt.NDArray[np.intp]) -> Floats:
    """Share of the weight that lies before each place; 0 of no weight."""
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    return np.asarray(sums[places] / max(float(sums[-1]), 1e-9))
