"""What tells whether there is speech, whether there is anything else, and how sure it all is."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from deeptone_tui.tuning.evidence import OTHER, SPEECH, UNKNOWN, Heard
from deeptone_tui.tuning.suggestion import Verdict

Floats = npt.NDArray[np.float64]

ZERO_DBFS: Final = -100.0
"""What is quieter is digital zero, not the sound of a room: 16 bits end at -90 dBFS."""
WORD_STEPS: Final = 8
"""Steps that a stretch heard as speech has at least, to be one: 0.5 s."""
WORDS_STEPS: Final = 12
"""Steps in such stretches that are needed: 0.8 s."""
LEAST_SHARE: Final = 0.01
"""And the share of all steps: a detector errs now and then, and an hour is long."""
MOST_SHARE: Final = 0.97
"""Share of speech above which nothing is known of the rest."""
APART_DB: Final = 2.5
"""Speech that stands out less than this, at a cost over `USELESS`, does not stand out."""
APART_UNHEARD_DB: Final = 4.0
COST_UNHEARD: Final = 0.6
"""Pauses that nobody heard, because everything was heard as speech, must stand out more."""
USELESS: Final = 0.85
"""Expected cost of a threshold that is next to useless; that of none at all is 1."""
BURST_STEPS: Final = 5.5
"""Where nobody has listened, stretches shorter on the average are knocks, not words."""
RATTLE_DB: Final = 4.0
"""Change from step to step that is rather typing than talking, if it costs over `RATTLE_COST`."""
RATTLE_COST: Final = 0.6
ENOUGH_SECONDS: Final = 1.5
"""Of speech, and of the rest, that are enough to be sure."""
STEADY_DB: Final = 0.5
"""Change from step to step under which it is no voice."""


@dataclass(frozen=True, slots=True)
class Signs:
    """Figures of a stretch of audio; levels in dBFS."""

    seconds: float
    floor: float
    """Median level of what is not speech."""
    voice: float
    """RMS of the speech."""
    apart: float
    """Mean of the speech over the mean of the rest, in dB."""
    share: float
    """Expected share of speech."""
    stretch: float
    """Mean length of the stretches of speech, in steps."""
    change: float
    """Median change from one step of speech to the next, in dB."""
    lost: float
    """Expected share of the speech under the best threshold."""
    passed: float
    """Expected share of the rest that is not."""

    @classmethod
    def none(cls, dbfs: Floats) -> "Signs":
        """Next to nothing was heard."""
        return cls(dbfs.size * 0.064, *[0.0] * 8)

    @classmethod
    def of(cls, dbfs: Floats, speech: Floats, lost: float, passed: float) -> "Signs":
        """Gather them: levels and probabilities of speech of shape (n,), and the shares."""
        other = 1.0 - speech
        voices = np.flatnonzero(np.diff(np.concatenate([[0], speech > 0.5, [0]])))  # noqa: PLR2004
        inside = (speech[1:] > 0.5) & (speech[:-1] > 0.5)  # noqa: PLR2004  likelier than not
        stretches = voices[1::2] - voices[::2]
        return cls(
            seconds=dbfs.size * 0.064,
            floor=_median(dbfs, other),
            voice=float(10.0 * np.log10(_mean(10.0 ** (dbfs / 10.0), speech))),
            apart=_mean(dbfs, speech) - _mean(dbfs, other),
            share=float(speech.mean()),
            stretch=float(stretches.mean()) if stretches.size else 0.0,
            change=float(np.median(np.abs(np.diff(dbfs))[inside])) if inside.any() else 0.0,
            lost=lost,
            passed=passed,
        )

    @property
    def cost(self) -> float:
        """What the best threshold is expected to cost: 4 times speech lost, and noise passed."""
        return 4.0 * self.lost + self.passed

    def confidence(self, *, heard: bool) -> float:
        """How likely neither share will exceed a fifth.

        Fitted to one half of the benchmark by logistic regression on the worse of the two
        expected shares; less where nobody has listened, and less where there was little of the
        speech or of the rest.
        """
        odds = 4.9 - 21.9 * max(self.lost, self.passed) - (0.0 if heard else 1.2)
        rarer = self.seconds * min(self.share, 1.0 - self.share)
        return float(1.0 / (1.0 + np.exp(-odds))) * min(1.0, rarer / ENOUGH_SECONDS)


def missing(signs: Signs, heard: Heard | None) -> Verdict:
    """Tell what was not heard, or that nothing is missing."""
    if heard is None or not listened(heard):
        return _missing_unheard(signs)
    if _words(heard) < max(WORDS_STEPS, LEAST_SHARE * heard.size) or signs.share < LEAST_SHARE:
        return Verdict.NO_SPEECH
    only = not (heard == OTHER).any()
    alike = signs.apart < APART_UNHEARD_DB or signs.cost > COST_UNHEARD
    if signs.share > MOST_SHARE or (only and alike):
        return Verdict.ONLY_SPEECH
    if signs.apart < APART_DB and signs.cost > USELESS:
        spoken = float((heard == SPEECH).mean())
        return Verdict.ONLY_SPEECH if spoken > USELESS else Verdict.NO_SPEECH
    return Verdict.OK


def _missing_unheard(signs: Signs) -> Verdict:
    """The same where only levels are known."""
    steady = signs.apart < APART_DB or signs.change < STEADY_DB
    rattle = signs.change > RATTLE_DB and signs.cost > RATTLE_COST
    if signs.share > MOST_SHARE and not steady:
        return Verdict.ONLY_SPEECH
    knocks = signs.stretch < BURST_STEPS
    return Verdict.NO_SPEECH if steady or rattle or knocks else Verdict.OK


def listened(heard: Heard | None) -> bool:
    """Whether the endpoint's answers say where the speech is: all was judged, or some is speech."""
    return heard is not None and bool((heard == SPEECH).any() or not (heard == UNKNOWN).any())


def _words(heard: Heard) -> int:
    """Steps in stretches of speech that are long enough to be words.

    At a threshold over 0, the quiet steps within words were not judged: between two of speech,
    and shorter than a word, they do not end it.
    """
    spoken = heard == SPEECH
    starts, ends = _runs(heard == UNKNOWN)
    inside = (starts > 0) & (ends < heard.size) & (ends - starts <= WORD_STEPS)
    for start, end in zip(starts[inside], ends[inside], strict=True):
        spoken[start:end] = spoken[start - 1] and spoken[end]
    starts, ends = _runs(spoken)
    lengths = ends - starts
    return int(lengths[lengths >= WORD_STEPS].sum())


def _runs(flags: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Where stretches of true begin, and where they have ended."""
    bounds = np.flatnonzero(np.diff(np.concatenate([[0], flags, [0]])))
    return bounds[::2], bounds[1::2]


def _mean(values: Floats, weights: Floats) -> float:
    return float(np.average(values, weights=weights + 1e-9))


def _median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    sums = np.cumsum(weights[order] + 1e-9)
    return float(values[order][np.searchsorted(sums, sums[-1] / 2.0)])
