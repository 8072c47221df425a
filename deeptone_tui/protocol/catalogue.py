"""The nine documented models: what they are called, what they answer, how much they must hear.

Source: the model pages of DeepTone's documentation. ``arousal``'s raw keys are those of its
mobile library, because the listing on its page is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from deeptone_tui.core.redaction import redacted


@dataclass(frozen=True, slots=True)
class Model:
    """One documented model."""

    name: str
    """As written in ``models`` and in the results."""
    classes: tuple[str, ...]
    """The keys of its ``raw`` values: its own classes, without silence and the like."""
    results: tuple[str, ...]
    """Every value its ``result`` can take; empty for ``speaker-map``, which has no ``result``."""
    receptive_field_ms: float
    """Milliseconds of audio it must have heard before its answers are reliable."""
    summary: str
    """What it tells, in one line."""


_VOICE = ("no_speech", "silence")
_UNSURE = ("unknown", *_VOICE)
_SPEECH = ("speech", "music", "other")
_GENDERS = ("female", "male")
_AROUSAL = ("high", "low", "neutral")
_EMOTIONS = ("happy", "irritated", "neutral", "tired")
_LANGUAGES = ("de", "en", "es", "fr", "it")
_AGES = ("adult", "child")
_EVENTS = (
    "nat_human_sounds",
    "neg_human_sounds",
    "pos_human_sounds",
    "speech",
    "music",
    "noise",
)

_MODELS = (
    Model(
        "speech-rt",
        _SPEECH,
        (*_SPEECH, "silence"),
        146.0,
        "speech, music or other sound, with little delay",
    ),
    Model("speech", _SPEECH, (*_SPEECH, "silence"), 1082.0, "speech, music or other sound"),
    Model("gender", _GENDERS, (*_GENDERS, *_UNSURE), 3130.0, "gender of the voice"),
    Model("arousal", _AROUSAL, (*_AROUSAL, *_VOICE), 2107.0, "how aroused the voice is"),
    Model("emotions", _EMOTIONS, (*_EMOTIONS, *_VOICE), 2107.0, "mood of the voice"),
    Model("language", _LANGUAGES, (*_LANGUAGES, *_UNSURE), 2107.0, "language spoken"),
    Model("underage-speaker", _AGES, (*_AGES, *_UNSURE), 570.5, "child's or adult's voice"),
    Model("audio-event", _EVENTS, (*_EVENTS, "silence"), 1082.0, "human sounds, music, noise"),
    Model("speaker-map", (), (), 2107.0, "who speaks: speaker_top and speaker_count"),
)

CATALOGUE: Mapping[str, Model] = MappingProxyType({model.name: model for model in _MODELS})
"""The documented models by name, in the order of the documentation."""

redacted.spare((*CATALOGUE, *(name for model in _MODELS for name in model.results)))
