"""How likely each step is speech, by what was heard in it and by its level.

What the endpoint says of a step is not the truth: with a period of 1024 ms it speaks of sixteen
steps at once, and it hears voices in babble. Levels say where within it the pauses are. So the
levels of speech and of the rest are each described by a mean and a spread, found from what was
heard; then every step is judged anew by both, together with its neighbours; and so on, a few times
(expectation maximisation). How far the endpoint is to be trusted is found with it: where it hears
speech in steps that are as loud as the rest, hearing speech says little.

Words begin and end more quietly than anything hears them. So what goes on next to speech and is
louder than the room away from it is doubtful: it is no pause to rely on, and perhaps speech
(L. R. Rabiner and M. R. Sambur, "An algorithm for determining the endpoints of isolated
utterances", Bell System Technical Journal 54, 1975).

A hidden Markov model with two states, solved forwards and backwards (Rabiner, "A tutorial on
hidden Markov models", Proceedings of the IEEE 77, 1989). With two states the odds of one against
the other are all there is to carry, one number a step, which can neither overflow nor fade away.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import NEAR_ZERO, Levels
from deeptone_tui.tuning.periods import GATED, OTHER, SPEECH, UNKNOWN, Heard, Periods, Starts

SPEECH_STAYS: Final = 0.957
"""Probability that speech goes on from one step of 64 ms to the next: stretches of 1.5 s."""
OTHER_STAYS: Final = 0.946
"""The same of what is not speech."""
_SCALED = 8  # steps after which the maps are brought back to 1, long before they overflow

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

ZERO_DBFS: Final = -100.0
"""What is next to digital zero is put here, far under any room: 16 bits end at -90 dBFS."""
MUTED_STEPS: Final = 78
"""Steps next to digital zero in a row that are a muted input, not a pause: 5 s."""
LEAST_OTHER_STEPS: Final = 16
"""Steps besides the speech, 1 s, that are enough to do without those of a muted input."""

HIT_RATE: Final = 0.843
"""How often the endpoint is expected to hear speech where there is speech."""
FALSE_ALARM_RATE: Final = 0.265
"""How often where there is none."""
TRUSTED_STEPS: Final = 140.0
"""Steps of a recording that say as much about these rates as what was expected of them."""
GATED_SAYS: Final = -1.6
"""Log odds of speech where the endpoint was not asked, because it was silence at the threshold that
was applied: thresholds are chosen so that this is a pause, but not all are well chosen."""
LEVEL_LIMIT: Final = 3.07
"""Most that a level can say, as log odds: outliers there are always."""
BELOW_OTHER: Final = -2.0
"""What is quieter than the middle of the rest is no speech, however wide speech spreads."""
LEAST_SPREAD: Final = (3.71, 1.28)
"""dB, of speech and of the rest."""
AWAY_STEPS: Final = 14
"""Steps from speech, 0.9 s, from which on the room is heard as it is; half of it where that leaves
too few."""
EDGE_STEPS: Final = 10
"""Steps that a word may begin before it is heard, or end after."""
ROOM_QUANTILE: Final = 0.99
"""Part of the room's steps that are quieter than what is taken for the loudest of it."""
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
    """Steps, and how likely each of them is speech; all arrays are of shape (n,)."""

    levels: Levels
    """From 0 to 1."""
    heard: Heard | None
    """What the endpoint said of each; None where it was not asked, or never answered."""
    speech: Floats
    """Probability of speech, from 0 to 1; not a number where the input was muted."""
    doubtful: Flags
    """Likely not speech, but next to it and louder than the room."""

    @classmethod
    def of(cls, levels: Levels, heard: Heard | None) -> "SpeechPosterior":
        """Judge steps by their levels and by what was heard.

        Digital zero between sentences is a pause like another, of a recording that was cut or of a
        line that sends nothing. In longer stretches the input was muted, and before the first sound
        and after the last it was off: they say nothing about the room, unless they are all there is
        besides the speech. What is next to digital zero (dither, a resampler, a codec) is taken
        for it.

        Args:
            levels: of steps of 64 ms, from 0 to 1.
            heard: what the endpoint says of each at threshold 0, with any output period, or None.
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
        """The levels in dBFS, `ZERO_DBFS` for what is next to digital zero."""
        return in_dbfs(self.levels)

    @property
    def sounding(self) -> Flags:
        """What is more than digital zero."""
        return np.asarray(self.levels > NEAR_ZERO)

    @property
    def listened(self) -> bool:
        """Whether the answers say where the speech is: all was judged, or some is speech."""
        heard = self.heard
        return heard is not None and bool((heard == SPEECH).any() or (heard >= OTHER).all())

    def periods(self, starts: Starts) -> Periods:
        """Gather periods, shape (m,), that begin at these steps, as in `Evidence`."""
        return Periods.of(self.levels, self.speech, starts, self.doubtful)

    @property
    def unjudged(self) -> float:
        """Part of what is likely speech that the endpoint, where it was asked, did not judge."""
        if self.heard is None:
            return 0.0
        speech = np.nan_to_num(self.speech)
        return float(speech[self.heard == GATED].sum() / max(float(speech.sum()), 1e-9))


def in_dbfs(levels: Levels) -> Floats:
    """Levels in dBFS, finite: `ZERO_DBFS` for what is next to digital zero."""
    sounding = levels > NEAR_ZERO
    return np.where(sounding, 20.0 * np.log10(np.where(sounding, levels, 1.0)), ZERO_DBFS)


def _muted(sounding: Flags) -> Flags:
    """Steps of digital zero in stretches too long for a pause, or with sound on one side only."""
    bounds = np.flatnonzero(np.diff(np.concatenate([[0], ~sounding, [0]])))
    muted = np.zeros_like(sounding)
    for start, end in zip(bounds[::2], bounds[1::2], strict=True):
        outside = start == 0 or end == sounding.size
        muted[start:end] = outside or end - start >= MUTED_STEPS
    return muted


def speech_posterior(dbfs: Floats, counted: Flags, heard: Heard | None) -> Floats:
    """Return the probability of speech for each step.

    Args:
        dbfs: levels of steps, finite, shape (n,), n ≥ 1.
        counted: steps whose level says something; the others are a muted input, shape (n,), at
            least one of them.
        heard: what the endpoint says of them, shape (n,).

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
    """Steps that go on from speech and are louder than the room is away from it."""
    spoken = speech >= 0.5  # noqa: PLR2004  likelier than not
    for steps in (AWAY_STEPS, AWAY_STEPS // 2):
        away = ~_grown(spoken, np.ones_like(spoken), steps) & ~np.isnan(speech)
        if np.count_nonzero(away) >= LEAST_OTHER_STEPS:
            room = float(np.quantile(dbfs[away], ROOM_QUANTILE))
            return _grown(spoken, dbfs > room, EDGE_STEPS) & ~spoken
    return np.zeros_like(spoken)


def _grown(flags: Flags, where: Flags, steps: int) -> Flags:
    """Let stretches of true grow on both sides by some steps, as far as they may."""
    grown = flags.copy()
    for _ in range(steps):
        wider = grown.copy()
        wider[1:] |= grown[:-1]
        wider[:-1] |= grown[1:]
        grown = flags | (wider & where)
    return grown


def _answers(counted: Flags, heard: Heard | None) -> tuple[Flags, Flags]:
    """The steps that count and in which the endpoint heard speech, and something else."""
    if heard is None:
        return np.zeros_like(counted), np.zeros_like(counted)
    return (heard == SPEECH) & counted, (heard == OTHER) & counted


def _answers_say(spoken: Flags, other: Flags, hits: float, alarms: float) -> Floats:
    """Log odds of speech of each answer; 0 where there is none."""
    said = np.zeros(spoken.shape)
    said[spoken] = np.log(hits / alarms)
    said[other] = np.log((1.0 - hits) / (1.0 - alarms))
    return said


def _rate(expected: float, heard: Floats, answered: Floats) -> float:
    """How often speech is heard in steps of a kind, from their weights and what was expected."""
    return float((TRUSTED_STEPS * expected + heard.sum()) / (TRUSTED_STEPS + answered.sum()))


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
