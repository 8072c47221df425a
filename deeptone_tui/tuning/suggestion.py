"""Suggested threshold, and the sentences that explain it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from deeptone_tui.dsp import format_dbfs, from_dbfs
from deeptone_tui.protocol import STEP_MS
from deeptone_tui.tuning.periods import Cost
from deeptone_tui.tuning.speech_posterior import ZERO_DBFS

if TYPE_CHECKING:
    from deeptone_tui.tuning.features import LevelStatistics
    from deeptone_tui.tuning.search import ThresholdChoice


_OVERLAP = 0.2
"""Expected cost above which the levels are said to overlap."""


class Verdict(StrEnum):
    """Outcome of the search."""

    OK = "threshold found"
    NO_SPEECH = "no speech heard"
    ONLY_SPEECH = "only speech heard"
    TOO_LITTLE = "too little audio"


class Margin(NamedTuple):
    """Distance that a threshold can move before it costs more, in dB, both 0 or more."""

    down: float
    """Distance down to the sound of the room."""
    up: float
    """Distance up to the quietest speech."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A threshold, or the reason why there is none. Levels are amplitudes from 0 to 1."""

    verdict: Verdict
    threshold: float | None
    """The ``volume_threshold``; None unless the verdict is `Verdict.OK`."""
    noise_floor: float | None
    """Level of what is not speech, without digital zero; None if there was none."""
    speech_level: float | None
    """Level of the speech; None if there was none."""
    cost: Cost | None
    """Effect of the threshold on the periods that were heard; None without a threshold."""
    margin: Margin | None
    """Distance that it can move; None without a threshold."""
    confidence: float
    """Probability that it costs close to the least of any threshold, from 0 to 1."""
    unjudged: float
    """Share of the presumed speech that nobody has judged because it was silence, from 0 to 1."""
    reason: str
    """Explanation for the user, in a sentence or two."""


def why(
    signs: "LevelStatistics", choice: "ThresholdChoice", counted_steps: int, period_steps: int
) -> str:
    """Return sentences that say what the threshold lies between, and how far it could be moved.

    Args:
        signs: statistics of the levels.
        choice: chosen threshold.
        counted_steps: steps of the periods for which it was found.
        period_steps: steps of the periods for which it was requested.
    """
    down, up = choice.dbfs - choice.lowest, choice.highest - choice.dbfs
    rest = f"at {_shown(signs.floor)}" if signs.floor > ZERO_DBFS else "is digital zero"
    levels = (
        f"Speech is at {_shown(signs.voice)}, noise {rest}; {_shown(choice.dbfs)} "
        f"could be {down:.1f} dB lower or {up:.1f} dB higher."
    )
    sentences = [levels]
    if choice.cost > _OVERLAP:
        sentences.append("Their levels overlap: no threshold keeps them apart.")
    if counted_steps < period_steps:
        sentences.append(
            f"No pause and no speech as long as {period_steps * STEP_MS} ms was heard, so this is "
            f"for {counted_steps * STEP_MS} ms."
        )
    return " ".join(sentences)


def refusal(verdict: Verdict, signs: "LevelStatistics") -> Suggestion:
    """Return a suggestion without a threshold, which says what to do about it."""
    measured = signs.voice < 0.0 and signs.floor > ZERO_DBFS
    floor = from_dbfs(signs.floor) if measured and verdict is Verdict.NO_SPEECH else None
    voice = from_dbfs(signs.voice) if measured and verdict is Verdict.ONLY_SPEECH else None
    reason = _reason(verdict, signs, floor)
    return Suggestion(verdict, None, floor, voice, None, None, 0.0, 0.0, reason)


def _reason(verdict: Verdict, signs: "LevelStatistics", floor: float | None) -> str:
    if verdict is Verdict.TOO_LITTLE:
        return f"{signs.seconds:.1f} s are too little audio: 3 s with sound are needed."
    if verdict is Verdict.ONLY_SPEECH:
        return "No pause stands out from the speech: be quiet for a moment and try again."
    if floor is None:
        return "Hardly anything but digital zero was heard: is the input muted?"
    return f"No speech stands out from the sound at {format_dbfs(floor)}: talk, and try again."


def _shown(dbfs: float) -> str:
    return format_dbfs(from_dbfs(dbfs))
