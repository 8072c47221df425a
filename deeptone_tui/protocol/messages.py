"""Messages of the endpoint, and their parsing.

Only one results message was ever published as it went over the wire, so the parser accepts every
shape that the documentation shows or suggests: the envelope with channels, the bare step of the
listings, ``raw`` beside the results, inside them or at the top, errors in the usual forms. The
rest becomes `UnknownReceived`, with its human-readable text.
"""

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from deeptone_tui.core.text import LONGEST_RAW_CHARS, clean_line, clean_name
from deeptone_tui.protocol.parameters import SAMPLES_PER_MS

_OBJECT_BYTES = 500
"""Approximate memory of an object with a few members, in bytes."""
_MEMBER_BYTES = 150
"""Approximate memory of a name with a number, in bytes."""

LATEST_TIMESTAMP_MS = 1e12
"""Milliseconds, some 31 years; later timestamps are invalid and would not fit a sample index."""
LATEST_SAMPLE = round(LATEST_TIMESTAMP_MS) * SAMPLES_PER_MS
"""Absolute sample at 16 kHz at `LATEST_TIMESTAMP_MS`; fits 64 bits with room for sums."""

MESSAGE_BYTES: Final = 256 * 1024
"""Limit on the memory of one message's values; those of a usual message take 2000 bytes."""
LONGEST_NAME_CHARS: Final = 200
"""Characters kept of a model's, class's or field's name."""
MOST_ITEMS: Final = 1024
"""Items kept of one object or list: twice as many as any published model has classes."""
DEEPEST: Final = 16
"""Nesting levels kept; a documented message has nine."""
_ITEM_BYTES: Final = 100
"""Memory of an item besides its own value: its slot, and the object around it."""

_TOLERANCE = 1e-3  # tolerated excess of a confidence over 0 to 1: single-precision rounding
_DEPTH = 8  # nesting levels kept of values passed on uninterpreted

Redact = Callable[[str], str]

_RAW = ("raw", "raw_outputs")  # the documentation's text uses the second, its listings the first
_TEXTS = ("message", "error", "error_description", "error_message", "detail", "description")
_DIGITS = 18  # longest whole number kept as an int; it fits the 64 bits of other programs


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


def as_object(value: object) -> Mapping[str, object]:
    """Return a JSON object, or an empty one for any other value."""
    return value if isinstance(value, dict) else {}


def as_number(value: object) -> float | None:
    """Return the value as a finite float, or None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def as_timestamp(value: object) -> float | None:
    """Return the value as milliseconds since the first sample, or None."""
    number = as_number(value)
    return number if number is not None and 0 <= number <= LATEST_TIMESTAMP_MS else None


def as_sample(value: object) -> int | None:
    """Return the value as an absolute sample at 16 kHz, or None."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= LATEST_SAMPLE else None


def as_confidence(value: object) -> float | None:
    """Return the value as a number from 0 to 1, or None."""
    number = as_number(value)
    if number is None or not -_TOLERANCE <= number <= 1 + _TOLERANCE:
        return None
    return min(max(number, 0.0), 1.0)


def as_line(value: object) -> str | None:
    """Return the value as one clean line, or None if it is no string or has no content."""
    return (clean_line(value) or None) if isinstance(value, str) else None


def as_plain(value: object, depth: int = _DEPTH) -> object:
    """Return a copy of a JSON value that is safe to write and to display.

    Strings are cleaned; numbers that JSON cannot represent, and objects or lists nested deeper
    than ``depth``, become None.
    """
    if isinstance(value, str):
        return clean_name(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth == 0:
        return None if isinstance(value, (dict, list)) else value
    if isinstance(value, dict):
        return {clean_name(key): as_plain(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [as_plain(item, depth - 1) for item in value]
    return value


def parse_message(text: str | bytes, redact: Redact = str) -> Message:
    """Parse one message; text or bytes of any content.

    Args:
        text: The message as received.
        redact: Removes secrets from a text before it is truncated.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        document = json.loads(text.removeprefix("\ufeff"), parse_int=_whole_number)
    except (UnicodeDecodeError, RecursionError):
        return UnknownReceived(None, None)
    except ValueError:
        # Not JSON: possibly a plain sentence, which is worth showing.
        return UnknownReceived(None, as_line(redact(str(text))))
    kept, cut = bounded(document, redact)
    return _read(kept, cut=cut)


def _read(document: object, *, cut: bool) -> Message:
    """Convert a bounded JSON document to the message of its type."""
    if not isinstance(document, dict):
        return UnknownReceived(None, as_line(document))
    kind = document.get("message_type")
    if kind == "connection":
        announced = document.get("end_of_audio") is True
        return Greeting(_message_text(document) or "", end_of_audio=announced)
    if kind == "error" or (kind is None and document.get("error")):
        return ErrorReported(_message_text(document) or "the endpoint reported an error")
    if kind is None or kind == "results":
        steps = tuple(_steps(document))
        if steps:
            return ResultsReceived(steps, cut)
    return UnknownReceived(as_line(kind), _message_text(document))


def _message_text(document: Mapping[str, object]) -> str | None:
    """Find the human-readable text: a string under a usual name, or one object deeper."""
    for name in _TEXTS:
        value = document.get(name)
        line = as_line(value) or next(
            (deeper for inner in _TEXTS if (deeper := as_line(as_object(value).get(inner)))), None
        )
        if line:
            return line
    return None


def _steps(document: Mapping[str, object]) -> Iterator[Step]:
    """Yield the steps: one per channel, or a single one without the envelope."""
    results = as_object(document.get("results"))
    shared = _raw(document, results)
    channels = as_object(results.get("channels")) or as_object(document.get("channels"))
    if channels:
        found = [
            _step(as_object(step), clean_name(name), shared) for name, step in channels.items()
        ]
    else:
        found = [_step(results, "0", shared), _step(document, "0", shared)]
    for step in found:
        if step is not None:
            yield step
            if not channels:
                return


def _step(
    step: Mapping[str, object], channel: str, shared: Mapping[str, Mapping[str, float]] | None
) -> Step | None:
    """Parse one step; None without a usable timestamp, since it has no position in the audio."""
    timestamp = as_timestamp(step.get("timestamp"))
    results = step.get("results")
    if timestamp is None or not isinstance(results, dict):
        return None
    answers = {
        clean_name(model): _answer(answer)
        for model, answer in results.items()
        if isinstance(answer, dict) and model not in _RAW
    }
    places = (_raw(step, results), _raw_of_answers(results), shared)
    raw = next((found for found in places if found is not None), None)
    return Step(timestamp, answers, raw, channel)


def _answer(answer: Mapping[str, object]) -> Answer:
    """Parse one model's answer; unknown fields are passed on in ``extra``."""
    result = answer.get("result")
    known = {"result", "confidence", *_RAW}
    return Answer(
        result=clean_name(shortened(result, LONGEST_NAME_CHARS))
        if isinstance(result, str)
        else None,
        confidence=as_confidence(answer.get("confidence")),
        extra={clean_name(k): as_plain(v) for k, v in answer.items() if k not in known},
    )


def _raw(*places: Mapping[str, object]) -> dict[str, dict[str, float]] | None:
    """Return the raw values by model and class, from the first object that has them."""
    for place in places:
        for name in _RAW:
            models = place.get(name)
            if isinstance(models, dict):
                return {clean_name(m): _numbers(v) for m, v in models.items()}
    return None


def _raw_of_answers(results: Mapping[str, object]) -> dict[str, dict[str, float]] | None:
    """Return the raw values found inside the models' answers; None if there are none."""
    answers = ((model, as_object(answer)) for model, answer in results.items())
    found = {
        clean_name(model): _numbers(answer[name])
        for model, answer in answers
        for name in _RAW
        if name in answer
    }
    return found or None


def _numbers(values: object) -> dict[str, float]:
    """Keep the classes whose value is a finite number."""
    classes = as_object(values).items()
    return {clean_name(n): number for n, v in classes if (number := as_number(v)) is not None}


def _whole_number(digits: str) -> int | float:
    """Parse a whole number of any length; long ones become a float, the longest infinity."""
    return int(digits) if len(digits) <= _DIGITS else float(digits)


def bounded(document: object, redact: Redact = str) -> tuple[object, bool]:
    """Return a JSON document without the parts that exceed the bounds.

    The bounds, not the size of the document, limit how many items are visited. Within an object,
    members with the fewest items take precedence, so that a result keeps its timestamp and its
    classes when it has too many raw values.

    Args:
        document: The value returned by ``json.loads``.
        redact: Removes secrets from a text before it is truncated.

    Returns:
        A copy, and True if anything was left out of it.
    """
    allowance = _Allowance(redact)
    kept = _bounded(document, allowance, DEEPEST)
    return kept, allowance.exceeded


def shortened(text: str, longest: int) -> str:
    """Truncate a text to ``longest`` characters, the last one an ellipsis if it was longer."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


@dataclass(slots=True)
class _Allowance:
    """Remaining memory budget of a message."""

    redact: Redact
    left_bytes: int = MESSAGE_BYTES
    exceeded: bool = False

    def book(self, used_bytes: int) -> bool:
        """Charge some memory to the budget; return True if it sufficed."""
        self.left_bytes -= used_bytes
        self.exceeded = self.exceeded or self.left_bytes < 0
        return self.left_bytes >= 0

    def text(self, text: str, longest: int) -> str:
        """Redact and truncate a text, and charge its memory to the budget."""
        text = self.redact(text)
        self.exceeded = self.exceeded or len(text) > longest
        kept = shortened(text, longest)
        self.book(sys.getsizeof(kept))
        return kept


def _bounded(value: object, allowance: _Allowance, depth: int) -> object:
    """Return the kept part of a value; its item is charged already, its content is not."""
    if isinstance(value, str):
        return allowance.text(value, LONGEST_RAW_CHARS)
    if not isinstance(value, dict | list):
        return value
    most = MOST_ITEMS if depth else 0
    allowance.exceeded = allowance.exceeded or len(value) > most
    if isinstance(value, dict):
        return _members(list(islice(value.items(), most)), allowance, depth - 1)
    return list(_elements(islice(value, most), allowance, depth - 1))


def _members(
    members: list[tuple[str, object]], allowance: _Allowance, depth: int
) -> dict[str, object]:
    """Keep members of an object in their order; those with the fewest items are charged first."""
    kept: dict[int, tuple[str, object]] = {}
    for place in sorted(range(len(members)), key=lambda place: _width(members[place][1])):
        if not allowance.book(_ITEM_BYTES):
            break
        name, value = members[place]
        kept[place] = allowance.text(name, LONGEST_NAME_CHARS), _bounded(value, allowance, depth)
    return dict(kept[place] for place in sorted(kept))


def _width(value: object) -> int:
    """Return the number of items of an object or list; 0 for a plain value."""
    return len(value) if isinstance(value, dict | list) else 0


def _elements(items: Iterator[object], allowance: _Allowance, depth: int) -> Iterator[object]:
    for item in items:
        if not allowance.book(_ITEM_BYTES):
            return
        yield _bounded(item, allowance, depth)
