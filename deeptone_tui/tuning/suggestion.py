"""The threshold to use, why, what it costs, and how sure that is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from deeptone_tui.tuning.periods import Cost


class Verdict(StrEnum):
    """What became of the search."""

    OK = "threshold found"
    NO_SPEECH = "no speech heard"
    ONLY_SPEECH = "only speech heard"
    TOO_LITTLE = "too little audio"


class Margin(NamedTuple):
    """How far a threshold can be moved before it costs more, in dB, both 0 or more."""

    down: float
    """Down to the sound of the room."""
    up: float
    """Up to the quietest speech."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A threshold, or why there is none. Levels are amplitudes from 0 to 1."""

    verdict: Verdict
    threshold: float | None
    """The ``volume_threshold``; None unless the verdict is `Verdict.OK`."""
    noise_floor: float | None
    """Level of what is not speech, digital zero left out; None where there was none."""
    speech_level: float | None
    """Level of the speech; None where there was none."""
    cost: Cost | None
    """What the threshold does to the periods that were heard; None without one."""
    margin: Margin | None
    """How far it can be moved; None without one."""
    confidence: float
    """How likely it costs next to the least that any threshold would, from 0 to 1."""
    unjudged: float
    """Part of what is taken for speech that nobody has judged, from 0 to 1, as it was silence."""
    reason: str
    """A sentence or two for whoever has to decide."""
