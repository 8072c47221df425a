"""Secrets, and what every text goes through on its way out."""

import base64
import json
import logging
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.cli.logs import Careful
from deeptone_tui.core.redaction import (
    MARK,
    Redactor,
    for_people,
    lines_for_people,
    redacted,
    short_line,
    to_json,
)

KEY = "s3cr3t+key/with=\"signs\" & 'more'"
WRITTEN = [
    KEY,
    quote(KEY),
    quote(KEY, safe=""),
    quote_plus(KEY),
    quote(KEY, safe="").replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d"),
    json.dumps(KEY)[1:-1],
]
PLAIN_KEY = "a-key-of-these-tests"
UNFIT = "\x1b\x07\x9b\x7f\n\r\t\u2028\u202e\u2066\udcff"
TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from(UNFIT))
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.sampled_from(UNFIT)), inner),
    max_leaves=10,
)  # fmt: skip


@pytest.mark.parametrize("spelling", WRITTEN[:4] + WRITTEN[5:])
@given(before=st.text(), after=st.text())
def test_a_secret_never_comes_through(spelling: str, before: str, after: str) -> None:
    """Plain, percent-encoded or escaped, whatever stands around it."""
    redactor = Redactor()
    redactor.learn(KEY)
    shown = redactor(f"{before}{spelling}{after}")
    assert spelling not in shown.replace(MARK, "")


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("ws://h/stream?token=QUERYSECRET", ["QUERYSECRET"]),
        ("ws://h/stream?x=first%2Bone&y=second&models=speech-rt", ["first+one", "second"]),
        ("ws://user:pass%20word@h/stream", ["pass word", "pass%20word", "user:pass%20word"]),
        ("wss://only-a-user@h/stream", ["only-a-user"]),
        ("http://u5er:p4ss@proxy:3128", [base64.b64encode(b"u5er:p4ss").decode(), "p4ss"]),
    ],
)
def test_an_address_holds_secrets_by_any_name(url: str, secrets: list[str]) -> None:
    """In its query, and in front of its host; also as a header would carry them."""
    redactor = Redactor()
    redactor.learn_address(url)
    for secret in secrets:
        assert redactor(f"it said: {secret}!") == f"it said: {MARK}!"
    assert redactor("models=speech-rt h stream") == "models=speech-rt h stream"


@pytest.mark.parametrize("url", ["", "ws://[::1", "?", "ws://@h", "ws://h/?&&=&a", "\udcff://"])
def test_any_text_is_looked_through_for_secrets(url: str) -> None:
    """Where it is no address, there is nothing to learn."""
    redactor = Redactor()
    redactor.learn_address(url)
    assert redactor("a text") == "a text"


@pytest.mark.parametrize(
    ("variable", "value", "secret"),
    [
        ("DEEPTONE_API_KEY", "environment-key", "environment-key"),
        ("DEEPTONE_URL", "ws://h/stream?sig=abcd1234", "abcd1234"),
        ("HTTPS_PROXY", "http://me:proxypass@proxy:1", "proxypass"),
        ("all_proxy", "me:proxypass@proxy:1", "proxypass"),
    ],
)
def test_the_environment_holds_secrets(variable: str, value: str, secret: str) -> None:
    """The key, and the passwords of endpoint and proxies."""
    redactor = Redactor()
    redactor.learn_environment({variable: value, "LANG": "C.UTF-8"})
    assert redactor(f"({secret})") == f"({MARK})"
    assert redactor("C.UTF-8") == "C.UTF-8"


WORD = st.text(alphabet="abc-=/:?", min_size=1, max_size=8)


@given(st.lists(WORD), st.sampled_from([["--api-key", "SECRET"], ["--api-key=SECRET"]]))
def test_a_command_line_holds_a_key(words: list[str], key: list[str]) -> None:
    """Wherever it stands in it, and in either form."""
    redactor = Redactor()
    redactor.learn_arguments([*words, *key, *words])
    assert "SECRET" not in redactor(" ".join([*words, *key, *words]))


def test_short_and_common_values_stay_words() -> None:
    """``?v=2&mode=speech`` does not blot out every 2, and all that was said."""
    redactor = Redactor()
    redactor.spare(["speech"])
    redactor.learn_address("ws://h/stream?v=2&mode=speech&region=west&model=gender")
    redactor.spare(["gender"])  # which may come later: it is taken back
    said = "speech 0.92 gender in 2024, northwestern"
    assert redactor(said) == said
    assert redactor("in west, and 'west'") == f"in {MARK}, and '{MARK}'"


def test_a_secret_within_another_is_taken_out_with_it() -> None:
    """The longer one goes first."""
    redactor = Redactor()
    redactor.learn("abcdefgh", "abcdefghijkl")
    assert redactor("abcdefghijkl abcdefgh") == f"{MARK} {MARK}"
    redactor.forget()
    assert redactor("abcdefgh") == "abcdefgh"


def steers(text: str) -> set[str]:
    """Characters that a terminal, or a reader, would not take for what they stand for."""
    return {sign for sign in text if sign in UNFIT or ord(sign) < 0x20 or 0x7F <= ord(sign) < 0xA0}


@given(TEXTS)
def test_a_line_holds_nothing_that_steers_a_terminal(text: str) -> None:
    """Every sign that does is replaced by one that is seen, and can be written."""
    shown = for_people(text)
    assert steers(shown) == set()
    assert len(shown) == len(text)
    shown.encode()


@given(TEXTS)
def test_lines_stay_lines(text: str) -> None:
    """A traceback is one."""
    shown = lines_for_people(text)
    assert steers(shown) <= {"\n", "\t"}
    assert shown.count("\n") == text.count("\n")


@given(DOCUMENTS)
def test_json_says_the_same_and_steers_nothing(document: object) -> None:
    """In both spellings: a parser reads what was written, and a terminal shows it."""
    for ensure_ascii in (True, False):
        text = to_json(document, ensure_ascii=ensure_ascii)
        assert steers(text) == set()
        assert json.loads(text) == document
        text.encode()


def test_a_secret_in_a_document_is_replaced_in_its_texts() -> None:
    """Whatever the key is, the document stays one."""
    redacted.learn(PLAIN_KEY, "1024", '":[{')
    document = {"period": 1024, "said": [f"<{PLAIN_KEY}>", {"deeper": '1024 ":[{'}], "null": None}
    shown = json.loads(to_json(document))
    assert shown == {"period": 1024, "said": ["<***>", {"deeper": "*** ***"}], "null": None}


def test_half_a_secret_does_not_come_through() -> None:
    """Where a text is cut short, it was redacted before."""
    redacted.learn(PLAIN_KEY)
    for lead in range(40):
        assert PLAIN_KEY[:4] not in short_line("x" * lead + PLAIN_KEY, 30)


def test_the_log_holds_neither_secrets_nor_escapes() -> None:
    """Not in what is told, not in the traceback of a library that repeats it."""
    redacted.learn(PLAIN_KEY)
    try:
        raise ValueError(f"url='ws://h?token={PLAIN_KEY}' \x1b]0;title\x07")  # noqa: TRY301  as they do
    except ValueError as error:
        failure = (type(error), error, error.__traceback__)
    record = logging.LogRecord("a", logging.ERROR, __file__, 1, "with %s", (PLAIN_KEY,), failure)
    text = Careful("%(message)s").format(record)
    assert text.startswith("with ***\nTraceback")
    assert PLAIN_KEY not in text
    assert steers(text) == {"\n"}
