"""Search for the threshold of least expected cost in periods, and the confidence in it.

The confidence is the probability that a threshold costs close to the least of any: at most 0.2
above it. Fitted by logistic regression (``python -m bench.fit_tuning``) to one half of the clips of
``make bench-tune``, separately for steps that an endpoint has judged and for levels alone. The
strongest sign is whether the choice would change under slightly different assumptions: with other
periods, or without the doubtful steps.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import Floats
from deeptone_tui.protocol import round_threshold
from deeptone_tui.protocol.units import from_dbfs, to_dbfs
from deeptone_tui.tuning.features import LevelStatistics, missing
from deeptone_tui.tuning.periods import SPEECH_WEIGHT, Evidence, Starts, recut
from deeptone_tui.tuning.speech_posterior import ZERO_DBFS, SpeechPosterior
from deeptone_tui.tuning.suggestion import Margin, Suggestion, Verdict, refusal, why

GRID_DB: Final = 0.1
GRID_DBFS: Final = np.arange(ZERO_DBFS, 0.05, GRID_DB)
"""Thresholds in dBFS, as fine as they are displayed: over a steady hum half a decibel is much."""
DOUBT: Final = 0.32
"""Probability of speech in a doubtful step."""
LEAST_STEPS: Final = 48
"""Least number of steps with sound for a suggestion: 3 s."""
PLATEAU: Final = 0.016
"""Cost above the least up to which thresholds are equally good: the plateau."""
NARROW_DB: Final = 3.0
"""Width of a plateau in dB under which it leaves no margin for changes of the room."""
HALF_A_PAUSE: Final = 0.5
"""Additional cost, in pauses, that a plateau wider by that many dB may have: one doubtful period
should not decide where between noise and speech the threshold lies."""
AS_GOOD: Final = 0.05
"""Additional cost up to which a threshold that was suggested before is suggested again: one pause
in twenty."""
LEAST_PERIODS: Final = 0.5
"""Expected pauses, and expected periods of speech, under which shorter periods are counted."""
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


@dataclass(frozen=True, slots=True)
class ThresholdChoice:
    """Threshold in dBFS, its expected cost, and the range of equally good thresholds."""

    dbfs: float
    lost: float
    """Expected share of the speech that is silence, from 0 to 1."""
    passed: float
    """Expected share of the pauses that is not silence."""
    lowest: float
    """Lowest equally good threshold, in dBFS."""
    highest: float
    """Highest equally good threshold, in dBFS."""
    spoken: float
    """Expected number of periods of speech, of which `lost` is a share."""
    pauses: float
    """Expected number of pauses, of which `passed` is a share."""

    @property
    def cost(self) -> float:
        """Expected cost: 4 times the share lost plus the share passed."""
        return SPEECH_WEIGHT * self.lost + self.passed


def suggest(evidence: Evidence) -> Suggestion:
    """Find the threshold that silences the pauses and not the speech.

    It is sought for the periods of the evidence, in each of which one loud step is enough to
    prevent silence.

    Returns:
        The threshold, or the reason why there is none; never an error, whatever the audio.
    """
    return suggest_from(SpeechPosterior.of(evidence.levels, evidence.heard), evidence.starts)


def suggest_from(
    judged: SpeechPosterior, starts: Starts, before: float | None = None
) -> Suggestion:
    """Find the threshold for steps that are already judged.

    Args:
        judged: posterior of the steps.
        starts: first step of each period, shape (m,), as in `Evidence`.
        before: previous suggestion, from 0 to 1; it is repeated as long as it costs next to nothing
            more than the best: a number that wanders cannot be relied on.
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
    """Return the choice, and the length in steps of the periods for which it was made.

    If no pause, or no speech, is as long as a period, nothing can be said about such periods: then
    periods of half the length are counted, and so on.
    """
    choice, length = cheapest(judged, starts), _longest(judged, starts)
    while min(choice.spoken, choice.pauses) < LEAST_PERIODS and length > 1:
        length = -(-length // 2)
        choice = cheapest(judged, recut(starts, judged.levels.size, length))
    return choice, length


def _longest(judged: SpeechPosterior, starts: Starts) -> int:
    """Return the length of the longest period in steps."""
    return int(np.diff(np.append(starts, judged.levels.size)).max())


def cheapest(judged: SpeechPosterior, starts: Starts) -> ThresholdChoice:
    """Return the middle of the thresholds whose expected cost is close to the least.

    Args:
        judged: posterior of the steps.
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
    """Return the choice of a previously suggested threshold; None if it now costs too much more.

    0, below the grid, silences nothing and has no decibels: it is never kept.
    """
    if dbfs < GRID_DBFS[0] or expected.regret(dbfs) > AS_GOOD:
        return None
    place = int(np.abs(GRID_DBFS - dbfs).argmin())
    return replace(
        best,
        dbfs=dbfs,
        lost=float(expected.lost[place]),
        passed=float(expected.passed[place]),
        lowest=min(best.lowest, dbfs),
        highest=max(best.highest, dbfs),
    )


def _plateau(expected: Expected) -> tuple[int, int, int]:
    """Return the middle and the ends of the plateau, as indices.

    A narrow plateau is given up for one that is much wider and costs half a pause more.
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
    """Return the ends of the stretch of costs that are at most ``above`` over the least.

    Of several it is the lowest: silenced speech cannot be recovered.
    """
    good = cost <= cost.min() + above
    first = int(good.argmax())
    after = np.flatnonzero(~good[first:])
    return first, first + int(after[0]) - 1 if after.size else len(cost) - 1


def confidence(
    judged: SpeechPosterior, starts: Starts, choice: ThresholdChoice, signs: LevelStatistics
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


def doubt_figures(judged: SpeechPosterior, starts: Starts, choice: ThresholdChoice) -> Floats:
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
