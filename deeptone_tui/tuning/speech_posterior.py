"""Posterior probability of speech in each step, from what was heard in it and its level.

The endpoint's answer for a step is not the truth: with a period of 1024 ms it covers sixteen steps
at once, and it hears voices in babble. Levels show where within the period the pauses are. So the
levels of speech and of the rest are each described by a mean and a standard deviation, estimated
from what was heard; then every step is judged again by both, together with its neighbours; and so
on, a few times (expectation maximisation). The reliability of the endpoint is estimated with them:
where it hears speech in steps that are as loud as the rest, hearing speech says little.

Words begin and end more quietly than any detector hears. So a step next to speech that is louder
than the room away from speech is doubtful: it is no pause to rely on, and perhaps speech (L. R.
Rabiner and M. R. Sambur, "An algorithm for determining the endpoints of isolated utterances", Bell
System Technical Journal 54, 1975).

A hidden Markov model with two states, solved forwards and backwards (Rabiner, "A tutorial on hidden
Markov models", Proceedings of the IEEE 77, 1989). With two states the odds of one against the other
are all there is to carry, one number a step, which can neither overflow nor fade away.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from deeptone_tui.dsp import NEAR_ZERO, Flags, Floats, Levels, runs
from deeptone_tui.tuning.periods import GATED, OTHER, SPEECH, UNKNOWN, Heard, Periods, Starts

SPEECH_STAYS: Final = 0.957
"""Probability that speech continues from one step of 64 ms to the next: stretches of 1.5 s."""
OTHER_STAYS: Final = 0.946
"""The same for what is not speech."""
_SCALED = 8  # steps after which the maps are brought back to 1, long before they overflow

ZERO_DBFS: Final = -100.0
"""Level assigned to what is close to digital zero, far below any room: 16 bits end at -90 dBFS."""
MUTED_STEPS: Final = 78
"""Consecutive steps close to digital zero that are a muted input rather than a pause: 5 s."""
LEAST_OTHER_STEPS: Final = 16
"""Steps other than speech, 1 s, from which on those of a muted input can be left out."""

HIT_RATE: Final = 0.843
"""Expected rate at which the endpoint hears speech where there is speech."""
FALSE_ALARM_RATE: Final = 0.265
"""Expected rate at which it hears speech where there is none."""
TRUSTED_STEPS: Final = 140.0
"""Weight of the expected rates, as a number of steps of a recording."""
GATED_SAYS: Final = -1.6
"""Log odds of speech where the endpoint was not asked, because the step was silence at the
threshold in force: thresholds are chosen so that this is a pause, but not all are well chosen."""
LEVEL_LIMIT: Final = 3.07
"""Limit of the log odds from a level: there are always outliers."""
BELOW_OTHER: Final = -2.0
"""Upper limit of the log odds of a level under the mean of the rest: it is not speech, however wide
the levels of speech spread."""
LEAST_SPREAD: Final = (3.71, 1.28)
"""Least standard deviation in dB, of speech and of the rest."""
AWAY_STEPS: Final = 14
"""Distance from speech in steps, 0.9 s, beyond which the room is heard as it is; half of it if that
leaves too few steps."""
EDGE_STEPS: Final = 10
"""Steps by which a word may begin before it is heard, or end after."""
ROOM_QUANTILE: Final = 0.99
"""Quantile of the room's levels that is taken for its loudest."""
_ROUNDS = 2
_ROUNDS_UNHEARD = 4
_NEVER = -20.0


def forward_backward(log_odds: Floats) -> Floats:
    """Return the probability of speech in each step, given what every step says.

    Args:
        log_odds: how much more likely speech makes what is known of each step than no speech
            does, as a natural logarithm, shape (n,), within some tens.

    Returns:
        Shape (n,), from 0 to 1.
    """
    evidence = np.exp(log_odds)
    speech_ends, other_ends = 1.0 - SPEECH_STAYS, 1.0 - OTHER_STAYS
    before = _carried(evidence, other_ends, speech_ends)
    after = _carried(evidence[::-1], speech_ends, other_ends)[::-1]
    odds = before * evidence * after
    return np.asarray(odds / (1.0 + odds))


def _carried(evidence: Floats, gain: float, loss: float) -> Floats:
    """Carry odds from step to step: those that come to each step, shape (n,), the first being 1.

    What leaves a step is ``(stays * odds + gain) / (loss * odds + other stays)`` of what came to it
    times its evidence. Such maps follow one another as 2×2 matrices do, so the steps are cut into
    as many blocks as these have steps: all blocks are gone through at once with their maps, then
    from block to block with the odds. Without it, quarter of an hour would take too long.
    """
    size = math.isqrt(max(0, evidence.size - 1)) + 1
    blocks = np.ones(size * size)
    blocks[: evidence.size] = evidence
    steps = blocks.reshape(size, size).T
    maps = np.zeros((size + 1, 2, 2, size))  # step, row, column, block: from its begin to the step
    maps[0, 0, 0] = maps[0, 1, 1] = 1.0
    for n, (up, down) in enumerate(zip(SPEECH_STAYS * steps, loss * steps, strict=True)):
        speech, other = maps[n]
        np.add(up * speech, gain * other, out=maps[n + 1, 0])
        np.add(down * speech, OTHER_STAYS * other, out=maps[n + 1, 1])
        if n % _SCALED == 0:  # a map means the same at any scale
            maps[n + 1] /= maps[n + 1].sum(axis=(0, 1))
    starts, odds = np.empty(size), 1.0
    for block, ((p, q), (r, s)) in enumerate(maps[size].transpose(2, 0, 1).tolist()):
        starts[block] = odds
        odds = (p * odds + q) / (r * odds + s)
    maps = maps[:size]
    come = (maps[:, 0, 0] * starts + maps[:, 0, 1]) / (maps[:, 1, 0] * starts + maps[:, 1, 1])
    return np.asarray(come.T.reshape(-1)[: evidence.size])


@dataclass(frozen=True, slots=True, eq=False)
class SpeechPosterior:
    """Steps and their posterior probability of speech; all arrays are of shape (n,)."""

    levels: Levels
    """Level of each step, from 0 to 1."""
    heard: Heard | None
    """Answer of the endpoint for each step; None if it was not asked, or never answered."""
    speech: Floats
    """Posterior probability of speech, from 0 to 1; NaN where the input was muted."""
    doubtful: Flags
    """Steps that are likely not speech, but next to it and louder than the room."""

    @classmethod
    def of(cls, levels: Levels, heard: Heard | None) -> "SpeechPosterior":
        """Judge steps by their levels and by what was heard.

        Digital zero between sentences is a pause like any other, from a cut recording or a line
        that sends nothing. In longer stretches the input was muted, and before the first sound and
        after the last it was off: these say nothing about the room, unless they are all there is
        besides the speech. Levels close to digital zero (dither, a resampler, a codec) count as
        digital zero.

        Args:
            levels: levels of steps of 64 ms, from 0 to 1.
            heard: answer of the endpoint for each at threshold 0, with any output period, or None.
        """
        if heard is not None and (heard == UNKNOWN).all():
            heard = None
        sounding = levels > NEAR_ZERO
        if not sounding.any():
            return cls(levels, heard, np.full(levels.shape, np.nan), np.zeros_like(sounding))
        counted = ~_muted(sounding)
        speech = speech_posterior(in_dbfs(levels), counted, heard)
        if float((1.0 - speech[counted]).sum()) >= LEAST_OTHER_STEPS:
            speech[~counted] = np.nan
        return cls(levels, heard, speech, _doubtful(in_dbfs(levels), speech))

    @property
    def dbfs(self) -> Floats:
        """Levels in dBFS, `ZERO_DBFS` for what is close to digital zero."""
        return in_dbfs(self.levels)

    @property
    def sounding(self) -> Flags:
        """Steps that are more than digital zero."""
        return np.asarray(self.levels > NEAR_ZERO)

    @property
    def listened(self) -> bool:
        """True if the answers locate the speech: every step was judged, or some are speech."""
        heard = self.heard
        return heard is not None and bool((heard == SPEECH).any() or (heard >= OTHER).all())

    def periods(self, starts: Starts) -> Periods:
        """Return the periods, shape (m,), that begin at these steps, as in `Evidence`."""
        return Periods.of(self.levels, self.speech, starts, self.doubtful)

    @property
    def unjudged(self) -> float:
        """Share of the likely speech that the endpoint, if it was asked, did not judge."""
        if self.heard is None:
            return 0.0
        speech = np.nan_to_num(self.speech)
        return float(speech[self.heard == GATED].sum() / max(float(speech.sum()), 1e-9))


def in_dbfs(levels: Levels) -> Floats:
    """Return levels in dBFS, finite: `ZERO_DBFS` for what is close to digital zero."""
    sounding = levels > NEAR_ZERO
    return np.where(sounding, 20.0 * np.log10(np.where(sounding, levels, 1.0)), ZERO_DBFS)


def _muted(sounding: Flags) -> Flags:
    """Mark digital zero in stretches too long for a pause, or with sound on one side only."""
    muted = np.zeros_like(sounding)
    for start, end in zip(*runs(~sounding), strict=True):
        outside = start == 0 or end == sounding.size
        muted[start:end] = outside or end - start >= MUTED_STEPS
    return muted


def speech_posterior(dbfs: Floats, counted: Flags, heard: Heard | None) -> Floats:
    """Return the posterior probability of speech for each step.

    Args:
        dbfs: levels of steps, finite, shape (n,), n ≥ 1.
        counted: steps whose level is informative, shape (n,), at least one of them; the others are
            a muted input.
        heard: answers of the endpoint, shape (n,).

    Returns:
        Shape (n,), from 0 to 1.
    """
    spoken, other = _answers(counted, heard)
    answered = spoken | other
    gated = np.zeros_like(counted) if heard is None else (heard == GATED) & counted
    told = answered | gated
    unheard = bool((~told & counted).any())
    hits, alarms = HIT_RATE, FALSE_ALARM_RATE
    said = _answers_say(spoken, other, hits, alarms)
    first = np.where(told, said + GATED_SAYS * gated, _loudness(dbfs, dbfs[counted]))
    speech = np.where(counted, 1.0 / (1.0 + np.exp(-first)), 0.0)
    for _ in range(_ROUNDS_UNHEARD if unheard else _ROUNDS):
        levels_say = _levels_say(dbfs, speech * counted, (1.0 - speech) * counted)
        speech = forward_backward(np.where(counted, said + GATED_SAYS * gated + levels_say, _NEVER))
        hits = _rate(HIT_RATE, speech[spoken], speech[answered])
        alarms = _rate(FALSE_ALARM_RATE, 1.0 - speech[spoken], 1.0 - speech[answered])
        said = _answers_say(spoken, other, max(hits, alarms), alarms)
    return speech


def _doubtful(dbfs: Floats, speech: Floats) -> Flags:
    """Mark steps that continue speech and are louder than the room away from it."""
    spoken = speech >= 0.5  # noqa: PLR2004  likelier than not
    for steps in (AWAY_STEPS, AWAY_STEPS // 2):
        away = ~_grown(spoken, np.ones_like(spoken), steps) & ~np.isnan(speech)
        if np.count_nonzero(away) >= LEAST_OTHER_STEPS:
            room = float(np.quantile(dbfs[away], ROOM_QUANTILE))
            return _grown(spoken, dbfs > room, EDGE_STEPS) & ~spoken
    return np.zeros_like(spoken)


def _grown(flags: Flags, where: Flags, steps: int) -> Flags:
    """Extend stretches of true values on both sides by some steps, within ``where``."""
    grown = flags.copy()
    for _ in range(steps):
        wider = grown.copy()
        wider[1:] |= grown[:-1]
        wider[:-1] |= grown[1:]
        grown = flags | (wider & where)
    return grown


def _answers(counted: Flags, heard: Heard | None) -> tuple[Flags, Flags]:
    """Return the counted steps in which the endpoint heard speech, and something else."""
    if heard is None:
        return np.zeros_like(counted), np.zeros_like(counted)
    return (heard == SPEECH) & counted, (heard == OTHER) & counted


def _answers_say(spoken: Flags, other: Flags, hits: float, alarms: float) -> Floats:
    """Return the log odds of speech from each answer; 0 where there is none."""
    said = np.zeros(spoken.shape)
    said[spoken] = np.log(hits / alarms)
    said[other] = np.log((1.0 - hits) / (1.0 - alarms))
    return said


def _rate(expected: float, heard: Floats, answered: Floats) -> float:
    """Estimate how often speech is heard in steps of a kind, with the expected rate as prior."""
    return float((TRUSTED_STEPS * expected + heard.sum()) / (TRUSTED_STEPS + answered.sum()))


def _loudness(dbfs: Floats, counted: Floats) -> Floats:
    """Return initial log odds where nothing was heard: what is louder than most is speech."""
    low, high = np.percentile(counted, (10, 80))
    return np.asarray(np.clip(dbfs - (low + high) / 2.0, -10.0, 10.0))


def _levels_say(dbfs: Floats, speech: Floats, other: Floats) -> Floats:
    """Return the log odds of speech from each level; both kinds are normally distributed in dB."""
    speech_mean, speech_spread = _spread(dbfs, speech, LEAST_SPREAD[0])
    other_mean, other_spread = _spread(dbfs, other, LEAST_SPREAD[1])
    far = ((dbfs - other_mean) / other_spread) ** 2 - ((dbfs - speech_mean) / speech_spread) ** 2
    odds = far / 2.0 + np.log(other_spread / speech_spread)
    odds = np.where(dbfs < other_mean, np.minimum(odds, BELOW_OTHER), odds)
    return np.asarray(np.clip(odds, -LEVEL_LIMIT, LEVEL_LIMIT))


def _spread(dbfs: Floats, weights: Floats, least: float) -> tuple[float, float]:
    """Return mean and standard deviation in dB; those of all steps if there is no weight."""
    if weights.sum() < 1e-6:  # noqa: PLR2004  a millionth of a step
        weights = np.ones(dbfs.shape)
    mean = float(np.average(dbfs, weights=weights))
    return mean, max(least, float(np.sqrt(np.average((dbfs - mean) ** 2, weights=weights))))
