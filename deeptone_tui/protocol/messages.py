"""What an endpoint says, as values named for what happened."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from deeptone_tui.protocol.bounding import footprint_bytes

_OBJECT_BYTES = 500
"""Memory of an object with a few members, roughly."""
_MEMBER_BYTES = 150
"""That of a name with a number."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One model's answer for one period."""

    result: str | None
    """The class, or ``silence``, ``no_speech``, ``unknown``; None where a model has none."""
    confidence: float | None
    """From 0 to 1; None where none was given."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """Whatever else the model said (``speaker_top`` and ``speaker_count`` of speaker-map), as
    plain JSON values."""

    @property
    def footprint_bytes(self) -> int:
        """Memory that it takes, roughly."""
        more = footprint_bytes(self.extra) if self.extra else 0
        return _OBJECT_BYTES + len(self.result or "") + more

    def to_wire(self) -> dict[str, object]:
        """Write the object that stands under the model's name."""
        wire = dict(self.extra)
        if self.confidence is not None:
            wire["confidence"] = float(self.confidence)
        if self.result is not None:
            wire["result"] = self.result
        return wire


@dataclass(frozen=True, slots=True)
class Step:
    """What all models answered for one period of one channel."""

    timestamp: float
    """Where the period begins, in milliseconds of audio since the connection's first sample."""
    answers: Mapping[str, Answer]
    """By model."""
    raw: Mapping[str, Mapping[str, float]] | None = None
    """By model and class, where ``include_raw_values`` asked for it."""
    channel: str = "0"
    """The key under ``channels``."""

    @property
    def footprint_bytes(self) -> int:
        """Memory that it takes, roughly; `parse_message` bounds it."""
        names = (
            len(name) + _MEMBER_BYTES for values in (self.raw or {}).values() for name in values
        )
        return (
            (len(self.raw or ()) + 1) * _OBJECT_BYTES
            + sum(names)
            + sum(len(model) + answer.footprint_bytes for model, answer in self.answers.items())
        )

    def to_wire(self) -> dict[str, object]:
        """Write the object of the documentation's listings: timestamp, results and raw."""
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
    """The endpoint accepted the connection."""

    message: str
    end_of_audio: bool = False
    """Whether it understands an empty binary message as the end of the audio (ours)."""


@dataclass(frozen=True, slots=True)
class ResultsReceived:
    """The models answered for a period."""

    steps: tuple[Step, ...]
    """One for each channel, at least one, in the order of the message."""
    cut: bool = False
    """Whether the message held more than is kept of one."""


@dataclass(frozen=True, slots=True)
class ErrorReported:
    """The endpoint said what is wrong; it closes the connection after that."""

    message: str


@dataclass(frozen=True, slots=True)
class UnknownReceived:
    """A message of a kind that is not documented, or none at all."""

    message_type: str | None
    message: str | None
    """Its text for people, where it has one."""


Message = Greeting | ResultsReceived | ErrorReported | UnknownReceived


def encode_greeting(message: str, *, end_of_audio: bool) -> str:
    """Write the first message of a connection.

    Args:
        message: Text for people.
        end_of_audio: Whether an empty binary message is understood as the end of the audio;
            announced only where it is.
    """
    announced = {"end_of_audio": True} if end_of_audio else {}
    return _encode({"message_type": "connection", "message": message, **announced})


def encode_results(step: Step) -> str:
    """Write one result in its envelope.

    Raises:
        ValueError: when a number in it is not finite, which JSON cannot say.
    """
    channels = {step.channel: step.to_wire()}
    return _encode({"message_type": "results", "results": {"channels": channels}})


def encode_error(message: str) -> str:
    """Write the message that goes before a close frame when something is wrong."""
    return _encode({"message_type": "error", "message": message})


def _encode(message: Mapping[str, object]) -> str:
    """Write JSON in ASCII, and the newline that clients which print messages count on."""
    return json.dumps(message, sort_keys=True, separators=(",", ":"), allow_nan=False) + "\n"
