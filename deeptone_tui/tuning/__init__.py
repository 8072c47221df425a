"""Suggestion and cost of a ``volume_threshold``. Numpy only, no input or output.

- `Evidence` is what is known of a stretch of audio: levels of steps, what was heard in them, and
  the starts of the endpoint's periods.
- `SpeechPosterior` is the posterior probability of speech in each step.
- `Periods` counts the effect of a threshold in periods, by the rule that the endpoint uses.
- `suggest` finds a threshold.
- `Calibration` is the guided procedure: two seconds of quiet, then a sentence.
"""

from deeptone_tui.tuning.periods import (
    GATED,
    GRID,
    MIXED,
    OTHER,
    SPEECH,
    SPEECH_MODELS,
    UNKNOWN,
    Cost,
    Curve,
    Evidence,
    Heard,
    Kinds,
    Part,
    Periods,
    Starts,
    heard_in,
    known_speech,
    recut,
    silence_at,
)
from deeptone_tui.tuning.search import suggest, suggest_from
from deeptone_tui.tuning.speech_posterior import SpeechPosterior
from deeptone_tui.tuning.suggestion import Calibration, Margin, Phase, Suggestion, Verdict

__all__ = [
    "GATED",
    "GRID",
    "MIXED",
    "OTHER",
    "SPEECH",
    "SPEECH_MODELS",
    "UNKNOWN",
    "Calibration",
    "Cost",
    "Curve",
    "Evidence",
    "Heard",
    "Kinds",
    "Margin",
    "Part",
    "Periods",
    "Phase",
    "SpeechPosterior",
    "Starts",
    "Suggestion",
    "Verdict",
    "heard_in",
    "known_speech",
    "recut",
    "silence_at",
    "suggest",
    "suggest_from",
]
