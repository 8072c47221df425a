"""Messages as the endpoint writes them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.protocol import (
    END_OF_AUDIO,
    Answer,
    ErrorReported,
    Greeting,
    ResultsReceived,
    Step,
    encode_error,
    encode_greeting,
    encode_results,
    parse_message,
)

NAMES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=12)
MODELS = NAMES.filter(lambda name: name not in {"raw", "raw_outputs"})
EXTRAS = st.dictionaries(
    st.just("speaker_top") | st.just("speaker_count"), st.integers(0, 9) | NAMES
)
ANSWERS = st.builds(Answer, st.none() | NAMES, st.none() | st.floats(0, 1), EXTRAS)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
STEPS = st.builds(
    Step,
    st.integers(0, 10**9).map(lambda step: 64.0 * step),
    st.dictionaries(MODELS, ANSWERS, max_size=4),
    st.none() | st.dictionaries(NAMES, st.dictionaries(NAMES, NUMBERS, max_size=4), max_size=3),
    NAMES,
)
LINES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), max_size=60)


@given(STEPS)
def test_a_result_arrives_as_it_was_written(step: Step) -> None:
    """Written by one side and read by the other, it is the same."""
    assert parse_message(encode_results(step)) == ResultsReceived((step,))


@given(LINES, st.booleans())
def test_a_greeting_and_an_error_arrive_as_they_were_written(line: str, announced: bool) -> None:
    """The same for the other two kinds."""
    greeting = encode_greeting(line, end_of_audio=announced)
    assert parse_message(greeting) == Greeting(line, end_of_audio=announced)
    assert parse_message(encode_error(line or "x")) == ErrorReported(line or "x")


def test_a_result_is_written_as_the_captured_message_was() -> None:
    """The same bytes, and a newline for clients that print what they get."""
    step = Step(22528, {"speech-rt": Answer("silence", 1)})
    assert encode_results(step) == (
        '{"message_type":"results","results":{"channels":{"0":{"results":'
        '{"speech-rt":{"confidence":1.0,"result":"silence"}},"timestamp":22528.0}}}}\n'
    )


def test_raw_values_stand_beside_timestamp_and_results() -> None:
    """Where the documentation's listing has them; timestamps are floats from 0.0."""
    step = Step(0, {"gender": Answer("male", 0.7)}, {"gender": {"male": 1, "female": 0.125}})
    assert step.to_wire() == {
        "timestamp": 0.0,
        "results": {"gender": {"confidence": 0.7, "result": "male"}},
        "raw": {"gender": {"male": 1.0, "female": 0.125}},
    }
    assert '"raw":{"gender":{"female":0.125,"male":1.0}},"results"' in encode_results(step)
    assert '"timestamp":0.0}' in encode_results(step)


@given(STEPS, LINES)
def test_every_message_is_one_line_of_ascii_with_sorted_keys(step: Step, line: str) -> None:
    """So that any client can print, split and compare them."""
    for text in (
        encode_results(step),
        encode_error(line),
        encode_greeting(line, end_of_audio=True),
    ):
        assert text.isascii()
        assert text.count("\n") == 1
        assert text.endswith("}\n")
        again = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
        assert again == text.rstrip("\n")


def test_the_end_of_audio_is_announced_only_where_it_is_understood() -> None:
    """Any other greeting is the documented one."""
    assert encode_greeting("Hello", end_of_audio=False) == (
        '{"message":"Hello","message_type":"connection"}\n'
    )
    assert encode_greeting("Hello", end_of_audio=True) == (
        '{"end_of_audio":true,"message":"Hello","message_type":"connection"}\n'
    )
    assert END_OF_AUDIO == b""


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_json_cannot_say_is_not_written(number: float) -> None:
    """A client in another language would choke on it."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode_results(Step(0.0, {"speech": Answer("speech", number)}))
