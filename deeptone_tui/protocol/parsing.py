"""Messages of an endpoint, read. Whatever arrives, this never raises.

Only one results message was ever published as it went over the wire, so every shape that the
documentation shows or suggests is understood: the envelope with channels, the bare step of the
listings, ``raw`` beside the results, inside them or at the top, errors in the usual forms. The
rest is `UnknownReceived`, with what it says kept for people.
"""

import json
from collections.abc import Callable, Iterator, Mapping

from deeptone_tui.core.text import clean_name
from deeptone_tui.protocol.bounding import LONGEST_NAME, bounded, shortened
from deeptone_tui.protocol.messages import (
    Answer,
    ErrorReported,
    Greeting,
    Message,
    ResultsReceived,
    Step,
    UnknownReceived,
)
from deeptone_tui.protocol.reading import (
    as_confidence,
    as_line,
    as_number,
    as_object,
    as_plain,
    as_timestamp,
)

Redact = Callable[[str], str]

_RAW = ("raw", "raw_outputs")  # the documentation's text says the second, its listings the first
_TEXTS = ("message", "error", "error_description", "error_message", "detail", "description")
_DIGITS = 18  # longest whole number that is kept as one; it fits the 64 bits of other programs


def parse_message(text: str | bytes, redact: Redact = str) -> Message:
    """Read one message; text or bytes of any content.

    Args:
        text: as it came.
        redact: takes out of a text what must not be repeated, before it is cut short.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        document = json.loads(text.removeprefix("\ufeff"), parse_int=_whole_number)
    except (UnicodeDecodeError, RecursionError):
        return UnknownReceived(None, None)
    except ValueError:
        # Not JSON: perhaps a plain sentence, which is worth showing.
        return UnknownReceived(None, as_line(redact(str(text))))
    kept, cut = bounded(document, redact)
    return _read(kept, cut=cut)


def _read(document: object, *, cut: bool) -> Message:
    """Tell the kinds of message apart."""
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
    """Find the text for people: a string under one of the usual names, or one object deeper."""
    for name in _TEXTS:
        value = document.get(name)
        line = as_line(value) or next(
            (deeper for inner in _TEXTS if (deeper := as_line(as_object(value).get(inner)))), None
        )
        if line:
            return line
    return None


def _steps(document: Mapping[str, object]) -> Iterator[Step]:
    """Find the steps: one a channel, or a single one without the envelope."""
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
    """Read one step; None without a usable timestamp, as it cannot be placed in the audio."""
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
    """Read one model's answer; what is not understood of it is passed on."""
    result = answer.get("result")
    known = {"result", "confidence", *_RAW}
    return Answer(
        result=clean_name(shortened(result, LONGEST_NAME)) if isinstance(result, str) else None,
        confidence=as_confidence(answer.get("confidence")),
        extra={clean_name(k): as_plain(v) for k, v in answer.items() if k not in known},
    )


def _raw(*places: Mapping[str, object]) -> dict[str, dict[str, float]] | None:
    """Take the raw values from the first place that has them, by model and class."""
    for place in places:
        for name in _RAW:
            models = place.get(name)
            if isinstance(models, dict):
                return {clean_name(m): _numbers(v) for m, v in models.items()}
    return None


def _raw_of_answers(results: Mapping[str, object]) -> dict[str, dict[str, float]] | None:
    """Take the raw values from inside each model's answer."""
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
    """Read a whole number of any length; long ones as a float, in the end as infinity."""
    return int(digits) if len(digits) <= _DIGITS else float(digits)
