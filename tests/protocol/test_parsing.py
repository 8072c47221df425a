"""Messages as the documentation shows them, and in every shape it leaves open."""

import json

import pytest

from deeptone_tui.protocol import (
    Answer,
    ErrorReported,
    Greeting,
    Message,
    ResultsReceived,
    Step,
    UnknownReceived,
    parse_message,
)

CAPTURED = (
    '{"message_type":"results","results":{"channels":{"0":{"results":'
    '{"speech-rt":{"confidence":1.0,"result":"silence"}},"timestamp":22528.0}}}}'
)
MALE = {"gender": {"result": "male", "confidence": 0.7088}}
RAW = {"gender": {"male": 0.1211, "female": 0.8789}}
STEP = {"timestamp": 1024, "results": MALE, "raw": RAW}
MALE_STEP = Step(1024.0, {"gender": Answer("male", 0.7088)}, RAW)


def results(*steps: Step) -> Message:
    """What these steps arrive as."""
    return ResultsReceived(steps)


def test_the_one_message_that_was_captured_is_read() -> None:
    """As it stands in the comment of the vendor's own client."""
    expected = results(Step(22528.0, {"speech-rt": Answer("silence", 1.0)}))
    assert parse_message(CAPTURED) == expected
    assert parse_message(CAPTURED.encode() + b"\n") == expected
    assert parse_message("\ufeff  " + CAPTURED) == expected


LISTING = """\
{"timestamp" : 0, "results": {"gender": {"result": "female", "confidence": 0.6418}}}
{"timestamp" : 1024, "results": {"gender": {"result": "male", "confidence": 0.9012}}}
{"timestamp" : 2048, "results": {"gender": {"result": "male", "confidence": 0.7698}}}
{"timestamp" : 3072, "results": {"gender": {"result": "silence", "confidence": 1.0}}}
{"timestamp" : 4096, "results": {"gender": {"result": "female", "confidence": 0.9780}}}
{"timestamp" : 5120, "results": {"gender": {"result": "female", "confidence": 0.8991}}}
"""


def test_the_listed_steps_are_read_without_an_envelope() -> None:
    """The documentation's first listing; its timestamps are integers, ours always floats."""
    messages = [parse_message(line) for line in LISTING.splitlines()]
    said = [("female", 0.6418), ("male", 0.9012), ("male", 0.7698)]
    said += [("silence", 1.0), ("female", 0.978), ("female", 0.8991)]
    assert messages == [
        results(Step(1024.0 * n, {"gender": Answer(*answer)})) for n, answer in enumerate(said)
    ]
    assert isinstance(messages[0], ResultsReceived)
    assert isinstance(messages[0].steps[0].timestamp, float)


def test_the_listed_step_with_raw_values_is_read() -> None:
    """The documentation's second listing."""
    text = """{
    "timestamp":1024,
    "results":{
    "gender":{
    "result": "male",
    "confidence": 0.7088
    }
    },
    "raw": {
    "gender":{
    "male": 0.1211,
    "female": 0.8789
    }
    }
    }"""
    assert parse_message(text) == results(MALE_STEP)


@pytest.mark.parametrize("name", ["raw", "raw_outputs"])
@pytest.mark.parametrize("place", ["channel", "answers", "answer", "envelope", "top"])
def test_raw_values_are_found_wherever_they_are(name: str, place: str) -> None:
    """No message with them was ever published: beside the results is the likeliest place."""
    gender: dict[str, object] = dict(MALE["gender"])
    answers: dict[str, object] = {"gender": gender}
    step: dict[str, object] = {"timestamp": 1024, "results": answers}
    envelope: dict[str, object] = {"channels": {"0": step}}
    message: dict[str, object] = {"message_type": "results", "results": envelope}
    places = {"channel": step, "answers": answers, "envelope": envelope, "top": message}
    if place == "answer":
        gender[name] = RAW["gender"]
    else:
        places[place][name] = RAW
    assert parse_message(json.dumps(message)) == results(MALE_STEP)


@pytest.mark.parametrize(
    "message",
    [
        {"message_type": "results", "results": STEP},
        {"message_type": "results", **STEP},
        {"channels": {"0": STEP}},
        {"results": {"channels": {"0": STEP}}},
        {
            "message_type": "results",
            "results": {"channels": {"0": STEP}, "n": 1},
            "version": [1, {}],
        },
    ],
)
def test_a_step_is_found_in_more_or_less_of_an_envelope(message: dict[str, object]) -> None:
    """Missing parts and unknown keys do not matter."""
    assert parse_message(json.dumps(message)) == results(MALE_STEP)


def test_several_models_and_channels_are_all_read() -> None:
    """One entry a model in a step, one step a channel."""
    answers = {
        "gender": {"result": "no_speech", "confidence": 0.7597},
        "arousal": {"result": "no_speech", "confidence": 0.7597},
    }
    channels = {
        "0": {"timestamp": 0, "results": answers},
        "1": {"timestamp": 0, "results": MALE},
        "2": {"results": MALE},
        "3": None,
    }
    message = {"message_type": "results", "results": {"channels": channels}}
    no_speech = Answer("no_speech", 0.7597)
    assert parse_message(json.dumps(message)) == results(
        Step(0.0, {"gender": no_speech, "arousal": no_speech}),
        Step(0.0, {"gender": Answer("male", 0.7088)}, channel="1"),
    )


def test_a_model_without_result_and_confidence_keeps_what_it_says() -> None:
    """As speaker-map answers."""
    answer = {"speaker_top": "speaker_1", "speaker_count": 2}
    text = json.dumps({"timestamp": 0, "results": {"speaker-map": answer}})
    assert parse_message(text) == results(Step(0.0, {"speaker-map": Answer(None, None, answer)}))


@pytest.mark.parametrize(
    ("confidence", "read"),
    [
        ("1", 1.0),
        ("1.0000002", 1.0),
        ("-1e-9", 0.0),
        ("93", None),
        ("-1", None),
        ("true", None),
        ("null", None),
        ('"0.5"', None),
        ("NaN", None),
        ("Infinity", None),
        ("1e999", None),
        ("9" * 6000, None),
    ],
)
def test_a_confidence_is_a_number_from_0_to_1_or_none(confidence: str, read: float | None) -> None:
    """Rounding past the ends is forgiven; the answer itself is kept in any case."""
    text = (
        f'{{"timestamp":0,"results":{{"speech":{{"result":"music","confidence":{confidence}}}}}}}'
    )
    assert parse_message(text) == results(Step(0.0, {"speech": Answer("music", read)}))


@pytest.mark.parametrize(
    "timestamp", ["null", "true", '"0"', "-1", "NaN", "1e999", "1e13", "9" * 6000, "[]", "{}"]
)
def test_a_step_that_cannot_be_placed_is_not_a_result(timestamp: str) -> None:
    """Without a usable timestamp nobody knows which audio is meant."""
    text = f'{{"message_type":"results","timestamp":{timestamp},"results":{{}}}}'
    assert parse_message(text) == UnknownReceived("results", None)


def test_raw_values_that_are_no_numbers_are_left_out() -> None:
    """The numbers beside them stay."""
    raw = '{"gender":{"male":1,"female":null,"x":NaN,"y":"1"},"other":[1]}'
    text = f'{{"timestamp":0,"results":{{}},"raw":{raw}}}'
    assert parse_message(text) == results(Step(0.0, {}, {"gender": {"male": 1.0}, "other": {}}))


@pytest.mark.parametrize(
    ("text", "greeting"),
    [
        ('{"message_type":"connection","message":"Connected"}', Greeting("Connected")),
        ('{"message_type":"connection"}', Greeting("")),
        ('{"message_type":"connection","message":null,"id":7}', Greeting("")),
        (
            '{"message_type":"connection","message":"Hi","end_of_audio":true}',
            Greeting("Hi", end_of_audio=True),
        ),
        ('{"message_type":"connection","message":"Hi","end_of_audio":"true"}', Greeting("Hi")),
    ],
)
def test_a_greeting_is_read(text: str, greeting: Greeting) -> None:
    """The end of audio counts as announced only where it plainly is."""
    assert parse_message(text) == greeting


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"message_type":"error","message":"no such model"}', "no such model"),
        ('{"message_type":"error","error":"no such model"}', "no such model"),
        ('{"message_type":"error","error":{"code":4,"message":"bad key"}}', "bad key"),
        ('{"message_type":"error","message":{"detail":"bad key"}}', "bad key"),
        ('{"message_type":"error","detail":"bad key","results":{}}', "bad key"),
        ('{"error":"unauthorized"}', "unauthorized"),
        ('{"error":"invalid_key","message":"The key is not valid"}', "The key is not valid"),
        ('{"error":{"message":"quota"}}', "quota"),
        ('{"error":{"description":"quota"}}', "quota"),
        ('{"error":true,"error_description":"quota"}', "quota"),
        ('{"message_type":"error"}', "the endpoint reported an error"),
        ('{"message_type":"error","message":[1]}', "the endpoint reported an error"),
        ('{"error":17}', "the endpoint reported an error"),
        ('{"message_type":"error","message":" two\\n lines\\u001b[2J "}', "two lines\ufffd[2J"),
    ],
)
def test_an_error_is_read_in_its_usual_forms(text: str, message: str) -> None:
    """The documentation says only that there is one."""
    assert parse_message(text) == ErrorReported(message)


@pytest.mark.parametrize(
    ("text", "message_type", "message"),
    [
        ('{"message_type":"notice","message":"soon"}', "notice", "soon"),
        ('{"message_type":"notice","message":7}', "notice", None),
        ('{"message_type":5,"message":"soon"}', None, "soon"),
        ('{"message":"Forbidden","connectionId":"a"}', None, "Forbidden"),
        ('{"message_type":"results"}', "results", None),
        ('{"message_type":"results","results":[]}', "results", None),
        ('{"message_type":"results","results":{"channels":[]}}', "results", None),
        ('{"message_type":"results","results":{"channels":{"0":7}}}', "results", None),
        ('{"message_type":"summary","timestamp":0,"results":{}}', "summary", None),
        ("{}", None, None),
        ("[]", None, None),
        ("null", None, None),
        ("17", None, None),
        ('"a sentence"', None, "a sentence"),
        ("a sentence", None, "a sentence"),
        ("<html>\n502 Bad Gateway", None, "<html> 502 Bad Gateway"),
        ("", None, None),
        ("{", None, "{"),
    ],
)
def test_what_is_not_documented_is_kept_as_unknown(
    text: str, message_type: str | None, message: str | None
) -> None:
    """With its kind and its text for people, where it has them."""
    assert parse_message(text) == UnknownReceived(message_type, message)
