"""Messages of an endpoint as typed values, and their encoding as JSON."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

_OBJECT_BYTES = 500
"""Approximate memory of an object with a few members, in bytes."""
_MEMBER_BYTES = 150
"""Approximate memory of a name with a number, in bytes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One model's answer for one period."""

    result: str | None
    """The class, or ``silence``, ``no_speech``, ``unknown``; None if the model gives none."""
    confidence: float | None
    """From 0 to 1; None if none was given."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """Other fields of the answer (``speaker_top`` and ``speaker_count`` of speaker-map), as
    plain JSON values."""

    @property
    def footprint_bytes(self) -> int:
        """Approximate memory footprint, in bytes."""
        more = footprint_bytes(self.extra) if self.extra else 0
        return _OBJECT_BYTES + len(self.result or "") + more

    def to_wire(self) -> dict[str, object]:
        """Return the JSON object for the model's name in the results."""
        wire = dict(self.extra)
        if self.confidence is not None:
            wire["confidence"] = float(self.confidence)
        if self.result is not None:
            wire["result"] = self.result
        return wire


@dataclass(frozen=True, slots=True)
class Step:
    """All models' answers for one period of one channel."""

    timestamp: float
    """Start of the period, in milliseconds of audio since the connection's first sample."""
    answers: Mapping[str, Answer]
    """Answers by model."""
    raw: Mapping[str, Mapping[str, float]] | None = None
    """Raw values by model and class, if ``include_raw_values`` requested them."""
    channel: str = "0"
    """Key under ``channels``."""

    @property
    def footprint_bytes(self) -> int:
        """Approximate memory footprint, in bytes; `parse_message` bounds it."""
        names = (
            len(name) + _MEMBER_BYTES for values in (self.raw or {}).values() for name in values
        )
        return (
            (len(self.raw or ()) + 1) * _OBJECT_BYTES
            + sum(names)
            + sum(len(model) + answer.footprint_bytes for model, answer in self.answers.items())
        )

    def to_wire(self) -> dict[str, object]:
        """Return the JSON object of the documentation's listings: timestamp, results and raw."""
        wire: dict[str, object] = {
            "timestamp": float(self.timestamp),
            "results": {model: answer.to_wire() for model, answer in self.answers.items()},
        }
        if self.raw is not None:
            wire["raw"] = {
                model: {name: float(value) for name, value in values.items()}
                for model, values in self.raw.items()
            }
        return wire


@dataclass(frozen=True, slots=True)
class Greeting:
    """The first message of a connection, sent once the endpoint has accepted it."""

    message: str
    end_of_audio: bool = False
    """True if it accepts an empty binary message as the end of the audio (ours)."""


@dataclass(frozen=True, slots=True)
class ResultsReceived:
    """The models' results for a period."""

    steps: tuple[Step, ...]
    """One step per channel, at least one, in the order of the message."""
    cut: bool = False
    """True if the message exceeded the bounds, so that part of it was left out."""


@dataclass(frozen=True, slots=True)
class ErrorReported:
    """An error report; the endpoint closes the connection after it."""

    message: str


@dataclass(frozen=True, slots=True)
class UnknownReceived:
    """A message of an undocumented type, or one that cannot be parsed."""

    message_type: str | None
    message: str | None
    """Its human-readable text, if any."""


Message = Greeting | ResultsReceived | ErrorReported | UnknownReceived


def encode_greeting(message: str, *, end_of_audio: bool) -> str:
    """Encode the greeting, the first message of a connection.

    Args:
        message: Human-readable text.
        end_of_audio: True if an empty binary message is accepted as the end of the audio; the
            field is written only in that case.
    """
    announced = {"end_of_audio": True} if end_of_audio else {}
    return _encode({"message_type": "connection", "message": message, **announced})


def encode_results(step: Step) -> str:
    """Encode one result in its envelope.

    Raises:
        ValueError: If a number in it is not finite, which JSON cannot represent.
    """
    channels = {step.channel: step.to_wire()}
    return _encode({"message_type": "results", "results": {"channels": channels}})


def encode_error(message: str) -> str:
    """Encode the message that precedes the close frame after an error."""
    return _encode({"message_type": "error", "message": message})


def footprint_bytes(value: object) -> int:
    """Return the approximate memory of a plain value and everything in it, in bytes."""
    own = sys.getsizeof(value)
    if isinstance(value, dict):
        return own + sum(footprint_bytes(key) + footprint_bytes(value[key]) for key in value)
    if isinstance(value, list | tuple):
        return own + sum(map(footprint_bytes, value))
    return own


def _encode(message: Mapping[str, object]) -> str:
    """Encode as ASCII JSON with the trailing newline that clients which print messages rely on."""
    return json.dumps(message, sort_keys=True, separators=(",", ":"), allow_nan=False) + "\n"
