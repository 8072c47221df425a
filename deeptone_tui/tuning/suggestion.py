"""The threshold to use, why, what it would cost, and how sure that is."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What became of the search."""

    OK = "threshold found"
    NO_SPEECH = "no speech heard"
    ONLY_SPEECH = "only speech heard"
    TOO_LITTLE = "too little audio"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A threshold, or why there is none. Levels are amplitudes and shares, both from 0 to 1."""

    verdict: Verdict
    threshold: float | None
    """The ``volume_threshold``; None unless the verdict is `Verdict.OK`."""
    noise_floor: float | None
    """Level of what is not speech, digital zero left out; None where there was none."""
    speech_level: float | None
    """Level of the speech; None where there was none."""
    speech_lost: float | None
    """Share of the speech that is expected to become silence."""
    other_passed: float | None
    """Share of the rest that is expected not to."""
    confidence: float
    """How likely the threshold is a good one, from 0 to 1."""
    reason: str
    """One sentence for whoever has to decide."""
