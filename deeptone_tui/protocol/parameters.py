"""Parameters of a stream, with their names, limits and texts.

Those marked "ours" were chosen by this project, because the documentation specifies none.

The command line, the configuration, the endpoint and `StreamParameters` itself all use these
functions, so that the same mistake gives the same one-line error everywhere.

Source: the model pages of DeepTone's documentation. ``arousal``'s raw keys are those of its
mobile library, because the listing on its page is lost.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TypedDict

from deeptone_tui.core.redaction import redacted
from deeptone_tui.core.text import nearest

SAMPLE_RATE_HZ = 16_000
"""Sample rate of the models, in hertz; the endpoint resamples other rates."""

STEP_MS = 64
"""Milliseconds of the shortest period; every ``output_period`` is a multiple (documented)."""

SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000
"""Samples at 16 kHz per millisecond of a timestamp."""

STEP_SAMPLES = STEP_MS * SAMPLES_PER_MS
"""Samples in a step of 64 ms at 16 kHz: 1024."""

DEFAULT_MODELS = ("speech-rt",)
"""Models that run if none is requested (ours)."""

DEFAULT_OUTPUT_PERIOD_MS = 1024
"""Milliseconds (ours; it fits the documentation's listings and the one captured message)."""

MAX_OUTPUT_PERIOD_MS = 3_600_000
"""Milliseconds: one hour, which is a multiple of 64 (ours)."""

DEFAULT_VOLUME_THRESHOLD = 0.005
"""Amplitude from 0 to 1, -46 dBFS (ours; the documentation specifies none)."""

MIN_SAMPLE_RATE = 4_000
"""Hertz (ours)."""

MAX_SAMPLE_RATE = 384_000
"""Hertz (ours)."""

END_OF_AUDIO = b""
"""The binary message that ends the audio, if the greeting announced ``end_of_audio``.

The documented protocol has no end-of-audio message; this one is ours.
"""

# ASCII digits only: int() and float() would also accept underscores and every script's digits.
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_SHOWN = 40  # characters of a wrong value quoted in the error

_PERIOD_ALLOWED = (
    f"a multiple of {STEP_MS}, from {STEP_MS} to {MAX_OUTPUT_PERIOD_MS}, in milliseconds"
)
_THRESHOLD_ALLOWED = "a number from 0 (nothing is silence) to 1"
_RATE_ALLOWED = f"a whole number from {MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE}, in hertz"
_FLAG_ALLOWED = "true or false"


def round_threshold(threshold: float) -> float:
    """Round a threshold to the short decimal that is shown, applied, saved and exported.

    At most four significant digits, so that the number on the screen can be typed into another
    program unchanged; that is within 0.005 dB of any number from 0 to 1.
    """
    return float(f"{threshold:.4g}")


def format_threshold(threshold: float) -> str:
    """Format a threshold: ``0.0050``, ``0.004217``, and never in scientific notation.

    The text has all digits of `round_threshold`, and at least four decimals.
    """
    short = f"{Decimal(f'{threshold:.4g}'):f}"
    return max(f"{float(short):.4f}", short, key=len)


@dataclass(frozen=True, slots=True)
class Model:
    """One documented model."""

    name: str
    """Name used in ``models`` and in the results."""
    classes: tuple[str, ...]
    """Keys of its ``raw`` values: its own classes, without silence and the like."""
    results: tuple[str, ...]
    """Every value its ``result`` can take; empty for ``speaker-map``, which has no ``result``."""
    receptive_field_ms: float
    """Milliseconds of audio that the model needs before its answers are reliable."""
    summary: str
    """One-line description of its output."""


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


class ParameterError(ValueError):
    """A parameter value that is not allowed; one line with the given and the allowed values."""


def parse_models(text: str) -> tuple[str, ...]:
    """Parse a comma list of model names; spaces around a name and repeated names are ignored.

    Raises:
        ParameterError: For an empty list or name, or one that is not documented.
    """
    return check_models(name.strip() for name in text.split(","))


def parse_output_period(text: str) -> int:
    """Parse a period in milliseconds.

    Raises:
        ParameterError: If it is not a multiple of 64 from 64 to 3 600 000.
    """
    return check_output_period(_integer(text))


def parse_volume_threshold(text: str) -> float:
    """Parse a threshold, an amplitude.

    Raises:
        ParameterError: If it is not a number from 0 to 1.
    """
    stripped = text.strip()
    value = float(stripped) if _NUMBER.fullmatch(stripped) else math.nan
    if not 0 <= value <= 1:
        raise _refused("volume_threshold", text, _THRESHOLD_ALLOWED)  # as typed: "1e400", not inf
    return check_volume_threshold(value)


def parse_include_raw_values(text: str) -> bool:
    """Parse a flag: ``true`` or ``1``, ``false`` or ``0``, in any case.

    Raises:
        ParameterError: For any other text.
    """
    return check_include_raw_values(_FLAGS.get(text.strip().lower(), text))


def parse_sample_rate(text: str) -> int:
    """Parse a sample rate in hertz.

    Raises:
        ParameterError: If it is not a whole number from 4000 to 384 000.
    """
    return check_sample_rate(_integer(text))


def check_models(names: object) -> tuple[str, ...]:
    """Return the names without repetition, in their order, if all are documented.

    Raises:
        ParameterError: Otherwise; for an unknown name it suggests the nearest one, if any.
    """
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise _refused("models", names, "a list of names")
    models = tuple(names)
    documented = ", ".join(CATALOGUE)
    if all(name == "" for name in models):
        raise ParameterError(f"models is empty: name at least one of {documented}")
    for name in models:
        if not isinstance(name, str) or name not in CATALOGUE:
            raise _refused("models", name, f"one of {documented}", _nearest_model(name))
    return tuple(dict.fromkeys(models))


def check_output_period(value: object) -> int:
    """Return the period if it is allowed.

    Raises:
        ParameterError: If it is not a multiple of 64 from 64 to 3 600 000.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise _refused("output_period", value, _PERIOD_ALLOWED)
    if not STEP_MS <= value <= MAX_OUTPUT_PERIOD_MS or value % STEP_MS:
        nearest = (value + STEP_MS // 2) // STEP_MS * STEP_MS
        nearest = min(max(nearest, STEP_MS), MAX_OUTPUT_PERIOD_MS)
        raise _refused("output_period", value, _PERIOD_ALLOWED, str(nearest))
    return value


def check_volume_threshold(value: object) -> float:
    """Return the threshold, rounded by `round_threshold`, if it is allowed.

    Raises:
        ParameterError: If it is not a number from 0 to 1.
    """
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise _refused("volume_threshold", value, _THRESHOLD_ALLOWED)
    if not 0 <= value <= 1:  # also true of NaN
        raise _refused("volume_threshold", value, _THRESHOLD_ALLOWED)
    return round_threshold(abs(value))  # abs: minus zero is zero, and must not be written as "-0.0"


def check_include_raw_values(value: object) -> bool:
    """Return the value if it is a bool.

    Raises:
        ParameterError: Otherwise.
    """
    if not isinstance(value, bool):
        raise _refused("include_raw_values", value, _FLAG_ALLOWED)
    return value


def check_sample_rate(value: object) -> int:
    """Return the rate if it is allowed.

    Raises:
        ParameterError: If it is not a whole number from 4000 to 384 000.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise _refused("sample_rate", value, _RATE_ALLOWED)
    if not MIN_SAMPLE_RATE <= value <= MAX_SAMPLE_RATE:
        raise _refused("sample_rate", value, _RATE_ALLOWED)
    return value


def _integer(text: str) -> int | str:
    """Return the number in the text, or the text itself for the check to reject."""
    stripped = text.strip()
    return int(stripped) if _INTEGER.fullmatch(stripped) else text


def _nearest_model(name: object) -> str | None:
    """Return the documented name most similar to this one, or None."""
    return nearest(name[:_SHOWN], CATALOGUE) if isinstance(name, str) else None


def _refused(
    parameter: str, value: object, allowed: str, nearest: str | None = None
) -> ParameterError:
    hint = f" (nearest: {nearest})" if nearest else ""
    return ParameterError(f"{parameter} {_shown(value)} is not allowed: {allowed}{hint}")


def _shown(value: object) -> str:
    """Format a wrong value for an error: on one line, printable, of bounded length."""
    try:
        text = value if isinstance(value, str) else repr(value)
    except ValueError:  # an int with more digits than Python converts to text
        return "of that size"
    text = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    plain = text.isascii() and text.isprintable() and text.strip() == text != ""
    return text if plain else ascii(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamParameters:
    """The parameters of a stream; an instance always holds allowed values.

    Raises:
        ParameterError: If a value is not allowed.
    """

    models: tuple[str, ...] = DEFAULT_MODELS
    """Documented names without repetition, at least one."""
    output_period: int = DEFAULT_OUTPUT_PERIOD_MS
    """Milliseconds of audio per result: a multiple of 64, from 64 to 3 600 000."""
    volume_threshold: float = DEFAULT_VOLUME_THRESHOLD
    """Amplitude from 0 to 1, of at most four significant digits; lower levels are silence."""
    include_raw_values: bool = False
    """True if results include each model's values for all of its classes."""
    sample_rate: int = SAMPLE_RATE_HZ
    """Rate of the audio sent, in hertz, from 4000 to 384 000."""

    def __post_init__(self) -> None:
        # The checks also normalise (repeated names, an int for a threshold, minus zero), so that
        # equal requests compare equal; a frozen instance can only be written to this way.
        write = object.__setattr__
        write(self, "models", check_models(self.models))
        write(self, "output_period", check_output_period(self.output_period))
        write(self, "volume_threshold", check_volume_threshold(self.volume_threshold))
        write(self, "include_raw_values", check_include_raw_values(self.include_raw_values))
        write(self, "sample_rate", check_sample_rate(self.sample_rate))

    @property
    def period_samples(self) -> int:
        """Samples at 16 kHz per result, whatever rate is sent."""
        return SAMPLES_PER_MS * self.output_period

    def to_query(self) -> str:
        """Encode as a query, such as ``models=speech-rt,gender&output_period=1024&...``.

        ``include_raw_values`` and ``sample_rate`` are omitted if they have their default.
        """
        pairs = {
            "models": ",".join(self.models),
            "output_period": str(self.output_period),
            "volume_threshold": format_threshold(self.volume_threshold),
        }
        if self.include_raw_values:
            pairs["include_raw_values"] = "true"
        if self.sample_rate != SAMPLE_RATE_HZ:
            pairs["sample_rate"] = str(self.sample_rate)
        # Allowed values consist of letters, digits, commas, dots and hyphens: nothing to escape.
        return "&".join(f"{name}={value}" for name, value in pairs.items())

    @classmethod
    def from_query(cls, pairs: Iterable[tuple[str, str]]) -> "StreamParameters":
        """Parse a query.

        Args:
            pairs: Names and values, percent-decoded, in their order. Several models are given as
                a comma list, by repeating ``models``, or both. Names that are not parameters of
                the stream (such as ``api_key``) are ignored; missing ones get their default.

        Raises:
            ParameterError: If a value is not allowed, or a parameter other than ``models`` is
                repeated with a different value.
        """
        given: dict[str, str] = {}
        for name, value in pairs:
            if name not in _PARSERS:
                continue
            if name == "models" and name in given:
                given[name] += "," + value
            elif given.setdefault(name, value) != value:
                raise ParameterError(f"{name} is given more than once: one value is allowed")
        return cls(**{name: _PARSERS[name](value) for name, value in given.items()})  # type: ignore[arg-type]  # each parser returns its parameter's type


class Changes(TypedDict, total=False):
    """Parameters of a stream to be changed, by name."""

    models: tuple[str, ...]
    output_period: int
    volume_threshold: float
    include_raw_values: bool


_PARSERS: Mapping[str, Callable[[str], object]] = {
    "models": parse_models,
    "output_period": parse_output_period,
    "volume_threshold": parse_volume_threshold,
    "include_raw_values": parse_include_raw_values,
    "sample_rate": parse_sample_rate,
}
