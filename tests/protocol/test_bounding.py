"""What a message may bring along: bounded in memory, with what places a result kept first."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from deeptone_tui.core.text import LONGEST_RAW_CHARS
from deeptone_tui.protocol import ResultsReceived, parse_message
from deeptone_tui.protocol.messages import (
    DEEPEST,
    LONGEST_NAME_CHARS,
    MESSAGE_BYTES,
    MOST_ITEMS,
    bounded,
    footprint_bytes,
)

SPEECH = {"result": "speech", "confidence": 0.9}


def results(channels: object, **more: object) -> str:
    """A message of results as it goes over the wire."""
    return json.dumps({"message_type": "results", "results": {"channels": channels}, **more})


def read(text: str) -> ResultsReceived:
    """Read a text that is to be results."""
    message = parse_message(text)
    assert isinstance(message, ResultsReceived)
    return message


def test_an_ordinary_message_is_kept_as_it_is() -> None:
    """Nothing of it is left out."""
    message = read(results({"0": {"timestamp": 64, "results": {"speech-rt": SPEECH}}}))

    assert not message.cut
    assert message.steps[0].answers["speech-rt"].confidence == 0.9


def test_a_field_that_nobody_knows_is_shortened_and_that_is_noted() -> None:
    """A megabyte of padding takes some thousand bytes of memory."""
    fat = {**SPEECH, "pad": "x" * 1_000_000}
    message = read(results({"0": {"timestamp": 64, "results": {"speech-rt": fat}}}))

    assert message.cut
    assert len(str(message.steps[0].answers["speech-rt"].extra["pad"])) == LONGEST_RAW_CHARS
    assert message.steps[0].footprint_bytes < 10_000


def test_names_are_shortened() -> None:
    """Of models, classes, fields and channels alike."""
    long = "m" * 100_000
    named = {long: {"result": long, long: 1}}
    (step,) = read(results({long: {"timestamp": 0, "results": named}})).steps

    ((model, answer),) = step.answers.items()
    assert len(model) == len(answer.result or "") == len(step.channel) == LONGEST_NAME_CHARS
    assert [len(name) for name in answer.extra] == [LONGEST_NAME_CHARS]


def test_a_result_keeps_its_place_whatever_comes_before_it() -> None:
    """Raw values beyond measure cost neither its timestamp nor its class."""
    raw = {f"model {number}": dict.fromkeys(map(str, range(1000)), 0.5) for number in range(100)}
    step = {"raw": raw, "results": {"speech-rt": SPEECH}, "timestamp": 640}
    text = json.dumps({"results": {"channels": {"0": step}}})
    message = read(text)

    assert message.cut
    assert message.steps[0].timestamp == 640
    assert message.steps[0].answers["speech-rt"].result == "speech"


def test_as_many_channels_models_and_raw_values_as_fit_are_kept() -> None:
    """More classes than any published model has are within the bounds."""
    many = {str(number): {"timestamp": 0, "results": {"a": {}}} for number in range(50_000)}
    assert len(read(results(many)).steps) <= MOST_ITEMS

    models: dict[str, object] = {f"m{number}": {} for number in range(200_000)}
    (step,) = read(results({"0": {"timestamp": 0, "results": models}})).steps
    assert 100 < len(step.answers) <= MOST_ITEMS
    assert step.footprint_bytes < 2 * MESSAGE_BYTES

    raw = {"audio-event": {f"class {number}": 0.5 for number in range(527)}}
    message = read(results({"0": {"timestamp": 0, "results": {"a": SPEECH}, "raw": raw}}))
    assert not message.cut
    assert len((message.steps[0].raw or {})["audio-event"]) == 527


def test_lists_and_nesting_are_bounded() -> None:
    """Both ways of growing without a long text."""
    deep: object = 1
    for _ in range(2 * DEEPEST):
        deep = [deep]
    assert bounded(deep)[1]
    assert bounded(list(range(2 * MOST_ITEMS))) == (list(range(MOST_ITEMS)), True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=30)
@given(JSON)
def test_what_is_within_the_bounds_is_not_touched(document: object) -> None:
    """What is not told as exceeded is the same document."""
    kept, exceeded = bounded(document)

    assert exceeded or kept == document


@settings(max_examples=30)
@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 3000), st.sampled_from("xé漢😀"))
def test_memory_is_bounded_whatever_the_shape(
    width: int, items: int, length: int, letter: str
) -> None:
    """Wide, long or many, in any width of characters."""
    document = [{letter * (number % 300): letter * length} for number in range(width)] * items

    assert footprint_bytes(bounded(document)[0]) < 3 * MESSAGE_BYTES
