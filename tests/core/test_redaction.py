"""Secrets, and texts without them."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.core.redaction import MARK, Redactor

KEY = "s3cr3t+key/with=\"signs\" & 'more'"
WRITTEN = [
    KEY,
    quote(KEY),
    quote(KEY, safe=""),
    quote_plus(KEY),
    quote(KEY, safe="").replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d"),
    json.dumps(KEY)[1:-1],
]


@pytest.mark.parametrize("spelling", WRITTEN[:4] + WRITTEN[5:])
@given(before=st.text(), after=st.text())
def test_a_secret_never_comes_through(spelling: str, before: str, after: str) -> None:
    """Plain, percent-encoded or escaped, whatever stands around it."""
    redacted = Redactor()
    redacted.learn(KEY)
    shown = redacted(f"{before}{spelling}{after}")
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
    redacted = Redactor()
    redacted.learn_address(url)
    for secret in secrets:
        assert redacted(f"it said: {secret}!") == f"it said: {MARK}!"
    assert redacted("models=speech-rt h stream") == "models=speech-rt h stream"


@pytest.mark.parametrize("url", ["", "ws://[::1", "?", "ws://@h", "ws://h/?&&=&a", "\udcff://"])
def test_any_text_is_looked_through_for_secrets(url: str) -> None:
    """Where it is no address, there is nothing to learn."""
    redacted = Redactor()
    redacted.learn_address(url)
    assert redacted("a text") == "a text"


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
    redacted = Redactor()
    redacted.learn_environment({variable: value, "LANG": "C.UTF-8"})
    assert redacted(f"({secret})") == f"({MARK})"
    assert redacted("C.UTF-8") == "C.UTF-8"


def test_short_and_common_values_stay_words() -> None:
    """``?v=2&mode=speech`` does not blot out every 2, and all that was said."""
    redacted = Redactor()
    redacted.spare(["speech"])
    redacted.learn_address("ws://h/stream?v=2&mode=speech&region=west&model=gender")
    redacted.spare(["gender"])  # which may come later: it is taken back
    said = "speech 0.92 gender in 2024, northwestern"
    assert redacted(said) == said
    assert redacted("in west, and 'west'") == f"in {MARK}, and '{MARK}'"


def test_a_secret_within_another_is_taken_out_with_it() -> None:
    """The longer one goes first."""
    redacted = Redactor()
    redacted.learn("abcdefgh", "abcdefghijkl")
    assert redacted("abcdefghijkl abcdefgh") == f"{MARK} {MARK}"
    redacted.forget()
    assert redacted("abcdefgh") == "abcdefgh"
