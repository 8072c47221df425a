"""Whatever the other side sends, it is read without an error, and what is read is sound."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.sessions.message_promises import hold_to_promises

from deeptone_tui.protocol import (
    Answer,
    ErrorReported,
    ResultsReceived,
    Step,
    parse_message,
)

WORDS = st.sampled_from(
    [
        *("message_type", "results", "channels", "0", "1", "timestamp", "raw", "raw_outputs"),
        *("result", "confidence", "message", "error", "connection", "end_of_audio", "gender"),
        *("speech-rt", "speaker_top", "silence", "detail", ""),
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=25,
)
STEPS = st.fixed_dictionaries({"timestamp": SCALARS, "results": VALUES}, optional={"raw": VALUES})
ENVELOPES = st.fixed_dictionaries(
    {"results": st.fixed_dictionaries({"channels": st.dictionaries(WORDS, STEPS | VALUES)})},
    optional={"message_type": st.just("results") | SCALARS, "raw": VALUES},
)


@given(VALUES | STEPS | ENVELOPES)
def test_any_json_of_the_protocols_words_is_read(document: object) -> None:
    """Lists for objects, numbers for strings, nothing where something should be."""
    hold_to_promises(parse_message(json.dumps(document)))


@given(st.text() | st.binary())
@example("")
@example(b"")
@example(b"\xff\xfe{\x00}")
@example("\ud800")
@example('"\\ud800"')
@example('{"message_type":"\\ud800","message":"\\udfff"}')
@example('{"timestamp":0,"results":{"\\ud800\\u0007":{"result":"\\udc00","x":"\\ud800"}}}')
@example("NaN")
@example("-" + "9" * 100_000)
def test_any_text_and_any_bytes_are_read(text: str | bytes) -> None:
    """JSON or not, UTF-8 or not, half a character or a number without end."""
    hold_to_promises(parse_message(text))


@given(ENVELOPES, st.integers(0, 400))
def test_a_message_cut_short_is_read(document: object, length: int) -> None:
    """As by a peer that dies while it writes."""
    hold_to_promises(parse_message(json.dumps(document)[:length]))


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"results":', '{"results":{"channels":{"0":'])
def test_nesting_without_end_is_read(opening: str) -> None:
    """Deeper than any parser goes."""
    hold_to_promises(parse_message(opening * 100_000))
    hold_to_promises(parse_message(opening * 500 + "1" + ("]" if opening == "[" else "}") * 500))


def test_what_is_passed_on_is_plain_and_shallow() -> None:
    """Numbers JSON cannot say become null, whole numbers stay within 64 bits, depth is bounded."""
    lists, objects = "[" * 300 + "]" * 300, '{"a":' * 300 + "1" + "}" * 300
    extra = (
        f'"nan":NaN,"long":{10**18},"short":{10**18 - 1},"lists":{lists},"objects":{objects},'
        '"mixed":["a\\u0007",true,null]'
    )
    message = parse_message(f'{{"timestamp":0,"results":{{"speaker-map":{{{extra}}}}}}}')
    assert isinstance(message, ResultsReceived)
    kept = message.steps[0].answers["speaker-map"].extra
    assert [kept["nan"], kept["mixed"]] == [None, ["a\ufffd", True, None]]
    assert repr([kept["long"], kept["short"]]) == "[1e+18, 999999999999999999]"
    assert json.dumps(kept["lists"]).count("[") == 8
    assert json.dumps(kept["objects"]).count("{") == 8


def test_a_text_for_people_is_one_line_of_bounded_length() -> None:
    """Nothing in it can steer a terminal or turn the direction of writing."""
    text = json.dumps({"message_type": "error", "message": "a\r\nb\x1b]0;t\x07\u202e " * 100_000})
    message = parse_message(text)
    assert isinstance(message, ErrorReported)
    assert len(message.message) == 1000
    assert message.message.startswith("a b\ufffd]0;t\ufffd\ufffd a b")
    assert message.message.isprintable()


def test_names_cannot_steer_a_terminal() -> None:
    """Models, classes and results are shown as they come, less what is unfit."""
    text = json.dumps({"timestamp": 0, "results": {"m\x1b": {"result": "r\x9b"}}})
    expected = ResultsReceived((Step(0.0, {"m\ufffd": Answer("r\ufffd", None)}),))
    assert parse_message(text) == expected
