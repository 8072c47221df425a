"""Statistics of a recording's levels: evidence of speech and of anything else, and its weight.

Speech comes in stretches of some length, of widely varying levels, which rise and fall without a
rhythm. Notes, tones, footsteps and machines keep their levels, or come and go regularly. The
weights are fitted by logistic regression (``python -m bench.fit_tuning``) to one half of the clips
of ``make bench-tune`` and to synthetic sounds without speech (`bench.tuning.sounds`).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from deeptone_tui.dsp import Flags, Floats, runs
from deeptone_tui.tuning.periods import GATED, OTHER, SPEECH, Heard
from deeptone_tui.tuning.suggestion import Verdict

if TYPE_CHECKING:
    from deeptone_tui.tuning.speech_posterior import SpeechPosterior


SHORTEST_STEPS: Final = 6
"""Least number of steps of a stretch, 0.4 s, whose inside is informative."""
_CONSTANT: Final = -5.95
_WEIGHTS: Final = np.array([1.416, -0.959, 7.115, -1.078, 0.34, -12.24, -4.354, -4.385])

WORD_STEPS: Final = 8
"""Least number of steps of a stretch heard as speech to be a word: 0.5 s."""
WORDS_STEPS: Final = 12
"""Least number of steps in such stretches: 0.8 s."""
LEAST_SHARE: Final = 0.01
"""Least share of all steps as well: a detector errs now and then, and an hour is long."""
MOST_SHARE: Final = 0.97
"""Share of speech above which nothing is known of the rest."""
APART_DB: Final = 2.0
"""Speech that stands out by less than this, at a cost over `USELESS`, does not stand out."""
APART_UNHEARD_DB: Final = 4.0
COST_UNHEARD: Final = 0.6
"""Pauses that were not heard, because everything was heard as speech, must stand out more..."""
STEADY_DB: Final = 2.8
"""...or be steady, as the babble behind a voice is: the levels of the quieter parts of speech
itself spread further than this."""
USELESS: Final = 0.85
"""Expected cost of a nearly useless threshold; that of none at all is 1."""
VOICE_ODDS_AFTER_QUIET: Final = -4.0
"""The same as `VOICE_ODDS`, where the room is known and somebody was asked to speak after the
quiet."""
VOICE_ODDS: Final = 0.0
"""Log odds from which on what stands out counts as speech, without answers of an endpoint."""


def voice_odds(dbfs: Floats, spoken: Flags, passed: float) -> float:
    """Return the log odds that what stands out is speech; minus infinity without long stretches.

    Args:
        dbfs: levels of steps, finite, shape (n,).
        spoken: steps that are speech if anything is, shape (n,).
        passed: expected share of the rest that the best threshold for steps passes.
    """
    figures = voice_figures(dbfs, spoken, passed)
    return -np.inf if figures is None else float(_CONSTANT + _WEIGHTS @ figures)


def voice_figures(dbfs: Floats, spoken: Flags, passed: float) -> Floats | None:
    """Return the inputs of the logistic regression, shape (8,); arguments as in `voice_odds`.

    Length of the stretches (logarithm of the mean), change from step to step, share passed,
    stretches per 100 steps, range of the levels inside, and correlation of the changes with later
    ones. None if no stretch is long enough.
    """
    starts, ends = runs(spoken)
    long = ends - starts >= SHORTEST_STEPS
    inner = [dbfs[start:end] for start, end in zip(starts[long], ends[long], strict=True)]
    if not inner:
        return None
    length = float((ends - starts).mean())
    centred = np.concatenate([one[1:-1] - one[1:-1].mean() for one in inner])
    return np.array(
        [
            np.log(length),
            float(np.median(np.abs(np.diff(dbfs))[spoken[1:] & spoken[:-1]])),
            passed,
            100.0 * len(starts) / dbfs.size,
            float(np.subtract(*np.percentile(centred, (90, 10)))),
            *_rhythm(np.concatenate([np.diff(one) for one in inner])),
        ]
    )


def _rhythm(changes: Floats) -> tuple[float, ...]:
    """Return the correlation of the changes with those one, two and three steps later."""
    power = max(float(changes.var()), 0.01)
    return tuple(float((changes[:-lag] * changes[lag:]).mean()) / power for lag in (1, 2, 3))


@dataclass(frozen=True, slots=True)
class LevelStatistics:
    """Statistics of a stretch of audio; levels in dBFS."""

    seconds: float
    floor: float
    """Median level of what is not speech."""
    voice: float
    """RMS of the speech."""
    apart: float
    """Mean of the speech minus the mean of the rest, in dB."""
    share: float
    """Expected share of speech."""
    spread: float
    """Standard deviation of the rest, in dB."""
    voice_odds: float
    """Log odds, by the levels alone, that what stands out is speech."""
    lost: float
    """Expected share of the speech under the best threshold."""
    passed: float
    """Expected share of the rest that is not under it."""

    @classmethod
    def none(cls, dbfs: Floats) -> "LevelStatistics":
        """Return the statistics of a stretch in which next to nothing was heard."""
        return cls(dbfs.size * 0.064, *[0.0] * 8)

    @classmethod
    def of(cls, judged: "SpeechPosterior", lost: float, passed: float) -> "LevelStatistics":
        """Compute the statistics from the steps with a known posterior, and the shares by step."""
        known = ~np.isnan(judged.speech)
        dbfs, speech = judged.dbfs[known], judged.speech[known]
        other = 1.0 - speech
        return cls(
            seconds=dbfs.size * 0.064,
            floor=_median(dbfs, other),
            voice=float(10.0 * np.log10(_mean(10.0 ** (dbfs / 10.0), speech))),
            apart=_mean(dbfs, speech) - _mean(dbfs, other),
            share=float(speech.mean()),
            spread=_spread(dbfs, other),
            voice_odds=voice_odds(dbfs, speech >= 0.5, passed),  # noqa: PLR2004  likelier than not
            lost=lost,
            passed=passed,
        )

    @property
    def cost(self) -> float:
        """Expected cost of the best threshold: 4 times speech lost plus noise passed."""
        return 4.0 * self.lost + self.passed


def missing(signs: LevelStatistics, judged: "SpeechPosterior") -> Verdict:
    """Return what was not heard, or that nothing is missing."""
    heard = judged.heard
    if heard is None or not judged.listened:
        known = heard is not None and bool((heard == OTHER).any())
        return _missing_unheard(signs, VOICE_ODDS_AFTER_QUIET if known else VOICE_ODDS)
    if _words(heard) < max(WORDS_STEPS, LEAST_SHARE * heard.size) or signs.share < LEAST_SHARE:
        return Verdict.NO_SPEECH
    only = not ((heard == OTHER) | (heard == GATED)).any()
    alike = signs.apart < APART_UNHEARD_DB or signs.cost > COST_UNHEARD
    if signs.share > MOST_SHARE or (only and alike and signs.spread > STEADY_DB):
        return Verdict.ONLY_SPEECH
    if signs.apart < APART_DB and signs.cost > USELESS:
        spoken = float((heard == SPEECH).mean())
        return Verdict.ONLY_SPEECH if spoken > USELESS else Verdict.NO_SPEECH
    return Verdict.OK


def _missing_unheard(signs: LevelStatistics, least_odds: float) -> Verdict:
    """Return the same where only levels are known."""
    if signs.share > MOST_SHARE and signs.apart >= APART_DB:
        return Verdict.ONLY_SPEECH
    return Verdict.OK if signs.voice_odds >= least_odds else Verdict.NO_SPEECH


def _words(heard: Heard) -> int:
    """Count the steps in stretches of speech that are long enough to be words.

    At a threshold over 0, the quiet steps within words were not judged: between two steps of
    speech, and no longer than `WORD_STEPS`, they do not end the word.
    """
    spoken = heard == SPEECH
    starts, ends = runs(heard < OTHER)
    inside = (starts > 0) & (ends < heard.size) & (ends - starts <= WORD_STEPS)
    for start, end in zip(starts[inside], ends[inside], strict=True):
        spoken[start:end] = spoken[start - 1] and spoken[end]
    starts, ends = runs(spoken)
    lengths = ends - starts
    return int(lengths[lengths >= WORD_STEPS].sum())


def _mean(values: Floats, weights: Floats) -> float:
    return float(np.average(values, weights=weights + 1e-9))


def _spread(values: Floats, weights: Floats) -> float:
    return float(np.sqrt(_mean((values - _mean(values, weights)) ** 2, weights)))


def _median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    sums = np.cumsum(weights[order] + 1e-9)
    return float(values[order][np.searchsorted(sums, sums[-1] / 2.0)])
