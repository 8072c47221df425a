"""Failures in words, and whether another attempt can help."""

import pytest

from deeptone_tui.session.failures import Failure, close_failure, http_failure

HOST = {"where": "api.example:443", "path": "/stream"}


@pytest.mark.parametrize(
    ("status", "retry", "said"),
    [
        (200, False, "is not a websocket endpoint (HTTP 200)"),
        (400, False, "refused the parameters"),
        (401, False, "rejected the API key (HTTP 401): check --api-key"),
        (403, False, "rejected the API key (HTTP 403): check --api-key"),
        (404, False, "has nothing at /stream (HTTP 404): check the path"),
        (418, False, "is not a websocket endpoint (HTTP 418)"),
        (429, True, "too many connections or requests"),
        (500, True, "failed (HTTP 500)"),
        (503, True, "is not available now"),
    ],
)
def test_a_refused_handshake_says_what_to_do(status: int, retry: bool, said: str) -> None:
    """One line, and no second attempt where it would end the same."""
    failure = http_failure(status, has_key=True, **HOST)
    assert said in failure.words
    assert failure.retry is retry
    assert "\n" not in failure.words


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_key_is_told_from_a_wrong_one(status: int) -> None:
    """Who gave no key is told to give one."""
    assert "asks for an API key" in http_failure(status, has_key=False, **HOST).words


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 12 ", 12.0),
        ("3600", 3600.0),
        ("9" * 400, 86_400.0),
        (None, 0.0),
        ("-3", 0.0),
        ("Wed", 0.0),
        ("²", 0.0),
    ],
)
def test_retry_after_is_honoured_within_reason(header: str | None, seconds: float) -> None:
    """Whole seconds up to a day count; anything else is nothing."""
    failure = http_failure(503, has_key=True, retry_after=header, **HOST)
    assert failure.retry_after == seconds


def test_a_rejected_key_is_not_retried_after_anything() -> None:
    """Retry-After means nothing where retrying cannot help."""
    assert http_failure(401, has_key=True, retry_after="5", **HOST).retry_after == 0.0


@pytest.mark.parametrize("code", [1000, 1001, 1005, 1006, 1011, 1012, 1013, 4408, 4429, 4503])
def test_codes_of_passing_trouble_are_retried(code: int) -> None:
    """Restarts, overload and broken lines pass."""
    assert close_failure(code).retry


@pytest.mark.parametrize("code", [1002, 1003, 1007, 1008, 1009, 3000, 4000, 4001, 4401])
def test_codes_of_refusal_are_not_retried(code: int) -> None:
    """What is refused by rule will be refused again."""
    assert not close_failure(code).retry


def test_an_error_message_says_more_than_the_code() -> None:
    """The endpoint's own words come first, then the close reason, then our words for the code."""
    assert "no such model" in close_failure(1008, "policy", error="no such model").words
    assert "policy" in close_failure(1008, "policy").words
    assert "by its rules (1008)" in close_failure(1008).words
    assert "(4321)" in close_failure(4321).words


def test_what_was_seen_here_is_not_put_into_the_endpoints_mouth() -> None:
    """It said nothing: that is the point."""
    words = close_failure(1006, "no answer to a ping").words
    assert words == "the connection was lost: no answer to a ping"
    assert close_failure(1006, "reset", error="too much").words == "the endpoint said: too much"


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        ("Wed, 21 Oct 2015 07:28:30 GMT", "Wed, 21 Oct 2015 07:28:00 GMT", 30.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:30 GMT", 0.0),
        ("Wed, 21 Oct 2015 09:28:00 GMT", "Wed, 21 Oct 2015 07:28:00 GMT", 7200.0),
        ("Wed, 21 Oct 2015 07:28:30 GMT", None, 0.0),
        ("Wed, 21 Oct 2015 07:28:30", "Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999999999", None, 0.0),
        ("Mon, 01 Jan 2024 00:00:00 GMT", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", 0.0),
    ],
)
def test_a_date_to_retry_after_goes_by_the_endpoints_own_clock(
    retry_after: str, date: str | None, seconds: float
) -> None:
    """Ours may be wrong."""
    failure = http_failure(503, has_key=True, retry_after=retry_after, date=date, **HOST)
    assert failure.retry_after == seconds


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, ""),
        (59.0, ""),
        (60.0, "; it asks to be left alone for 1 min"),
        (61.0, "; it asks to be left alone for 2 min"),
        (7100.0, "; it asks to be left alone for 119 min"),
        (86_400.0, "; it asks to be left alone for 24 h"),
    ],
)
def test_a_long_wait_is_told(seconds: float, words: str) -> None:
    """A short one is counted down on the screen."""
    assert Failure("busy", retry_after=seconds).reason == f"busy{words}"
