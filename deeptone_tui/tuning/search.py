"""From the levels of steps to the threshold that is expected to cost least in periods."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import from_dbfs, round_threshold, to_dbfs
from deeptone_tui.tuning.confidence import GRID_DB, GRID_DBFS, Expected, confidence
from deeptone_tui.tuning.features import LevelStatistics, missing
from deeptone_tui.tuning.periods import SPEECH_WEIGHT, Evidence, Starts, recut
from deeptone_tui.tuning.speech_posterior import ZERO_DBFS, SpeechPosterior
from deeptone_tui.tuning.suggestion import Margin, Suggestion, Verdict, refusal, why

Floats = npt.NDArray[np.float64]

LEAST_STEPS: Final = 48
"""Steps with sound that are needed to say anything: 3 s."""
PLATEAU: Final = 0.016
"""Thresholds that cost no more than this above the least are all as good."""
NARROW_DB: Final = 3.0
"""dB of thresholds that are all as good, under which nothing may change in the room."""
HALF_A_PAUSE: Final = 0.5
"""What a threshold may cost more where that many dB more of them are as good: on one doubtful
period should not hang where between noise and speech it lies."""
AS_GOOD: Final = 0.05
"""What a threshold that was suggested before may cost more and is suggested again: one pause in
twenty."""
LEAST_PERIODS: Final = 0.5
"""Expected pauses, and expected periods of speech, without which shorter periods are counted."""


@dataclass(frozen=True, slots=True)
class ThresholdChoice:
    """A threshold in dBFS, what it is expected to cost, and the thresholds that cost as little."""

    dbfs: float
    lost: float
    """Expected share of the speech that is silence, from 0 to 1."""
    passed: float
    """Expected share of the pauses that is not."""
    lowest: float
    """The lowest threshold that is as good, in dBFS."""
    highest: float
    """The highest."""
    spoken: float
    """Expected number of periods of speech behind the one share."""
    pauses: float
    """Expected number of pauses behind the other."""

    @property
    def cost(self) -> float:
        """4 times the one share and the other."""
        return SPEECH_WEIGHT * self.lost + self.passed


def suggest(evidence: Evidence) -> Suggestion:
    """Find the threshold that makes silence of the pauses and not of the speech.

    It is sought for the periods of the evidence, in each of which one loud step is enough to be no
    silence.

    Returns:
        The threshold, or why there is none; never an error for whatever audio there was.
    """
    return suggest_from(SpeechPosterior.of(evidence.levels, evidence.heard), evidence.starts)


def suggest_from(
    judged: SpeechPosterior, starts: Starts, before: float | None = None
) -> Suggestion:
    """Find the threshold for steps that have been judged already.

    Args:
        judged: the steps.
        starts: first step of each period, shape (m,), as in `Evidence`.
        before: what was suggested before, from 0 to 1; it is suggested again as long as it costs
            next to nothing more than the best: a number that wanders is none to rely on.
    """
    if np.count_nonzero(judged.sounding) < LEAST_STEPS:
        muted = judged.levels.size >= LEAST_STEPS
        return refusal(
            Verdict.NO_SPEECH if muted else Verdict.TOO_LITTLE, LevelStatistics.none(judged.dbfs)
        )
    by_step = cheapest(judged, np.arange(judged.levels.size))
    signs = LevelStatistics.of(judged, by_step.lost, by_step.passed)
    verdict = missing(signs, judged)
    if verdict is not Verdict.OK:
        return refusal(verdict, signs)
    return _found(judged, starts, signs, before)


def _found(
    judged: SpeechPosterior, starts: Starts, signs: LevelStatistics, before: float | None
) -> Suggestion:
    choice, period_steps = chosen(judged, starts)
    threshold = round_threshold(from_dbfs(choice.dbfs))
    if before is not None and before != threshold:
        cut = recut(starts, judged.levels.size, period_steps)
        kept = _kept(Expected.of(judged, cut), choice, to_dbfs(before))
        choice, threshold = (choice, threshold) if kept is None else (kept, before)
    return Suggestion(
        Verdict.OK,
        threshold,
        from_dbfs(signs.floor) if signs.floor > ZERO_DBFS else None,
        from_dbfs(signs.voice),
        judged.periods(starts).cost(threshold),
        Margin(round(choice.dbfs - choice.lowest, 1), round(choice.highest - choice.dbfs, 1)),
        confidence(judged, starts, choice, signs),
        judged.unjudged,
        why(signs, choice, period_steps, _longest(judged, starts)),
    )


def chosen(judged: SpeechPosterior, starts: Starts) -> tuple[ThresholdChoice, int]:
    """Return the choice, and the steps of the periods that it was made in.

    Where no pause, or no speech, is as long as a period, nothing can be said of such: then periods
    of half the length are counted, and so on.
    """
    choice, length = cheapest(judged, starts), _longest(judged, starts)
    while min(choice.spoken, choice.pauses) < LEAST_PERIODS and length > 1:
        length = -(-length // 2)
        choice = cheapest(judged, recut(starts, judged.levels.size, length))
    return choice, length


def _longest(judged: SpeechPosterior, starts: Starts) -> int:
    """Steps of the longest period."""
    return int(np.diff(np.append(starts, judged.levels.size)).max())


def cheapest(judged: SpeechPosterior, starts: Starts) -> ThresholdChoice:
    """The middle of the thresholds that are expected to cost next to the least.

    Args:
        judged: the steps.
        starts: first step of each period, shape (m,), as in `Evidence`.
    """
    expected = Expected.of(judged, starts)
    chosen, first, last = _plateau(expected)
    return ThresholdChoice(
        float(GRID_DBFS[chosen]),
        float(expected.lost[chosen]),
        float(expected.passed[chosen]),
        float(GRID_DBFS[first]),
        float(GRID_DBFS[last]),
        expected.spoken,
        expected.pauses,
    )


def _kept(expected: Expected, best: ThresholdChoice, dbfs: float) -> ThresholdChoice | None:
    """The choice of a threshold that was suggested before; None where it costs more by now."""
    place = int(np.abs(GRID_DBFS - dbfs).argmin())
    if expected.regret(dbfs) > AS_GOOD:
        return None
    return replace(
        best,
        dbfs=dbfs,
        lost=float(expected.lost[place]),
        passed=float(expected.passed[place]),
        lowest=min(best.lowest, dbfs),
        highest=max(best.highest, dbfs),
    )


def _plateau(expected: Expected) -> tuple[int, int, int]:
    """The middle of the stretch that costs next to the least, and its ends.

    A narrow one is left for one that is much wider and costs half a pause more.
    """
    first, last = _stretch(expected.cost, PLATEAU)
    width, narrow = last - first, NARROW_DB / GRID_DB
    if width < narrow:
        most = min(max(PLATEAU, HALF_A_PAUSE / max(expected.pauses, 1.0)), AS_GOOD)
        lower, higher = _stretch(expected.cost, most)
        if higher - lower >= width + narrow:
            first, last = lower, higher
    return (first + last) // 2, first, last


def _stretch(cost: Floats, above: float) -> tuple[int, int]:
    """The ends of the stretch that costs no more than so much above the least.

    Of several it is the lowest: what is silence cannot be had back.
    """
    good = cost <= cost.min() + above
    first = int(good.argmax())
    after = np.flatnonzero(~good[first:])
    return first, first + int(after[0]) - 1 if after.size else len(cost) - 1
