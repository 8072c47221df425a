"""What went wrong, in words, and whether trying again can help. Pure."""

import math
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

LONGEST_RETRY_AFTER_S = 24 * 3600.0
"""Seconds: more than a day is taken for a mistake. Another endpoint need not be waited for."""
WORTH_TELLING_S = 60.0
"""Seconds; who waits for less sees it over soon."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A connection that could not be made or that ended."""

    words: str
    """One line for people: what happened and, where something can be done, what."""
    retry: bool = True
    """Whether the same attempt may succeed later."""
    retry_after: float = 0.0
    """Seconds the endpoint asked to be left alone."""
    by_endpoint: bool = False
    """Whether the endpoint itself ended or refused it, not the network."""
    busy: bool = False
    """Whether it was one connection too many."""
    passing: bool = False
    """Whether the endpoint has no time now, whatever the audio is."""

    @property
    def reason(self) -> str:
        """The words, and how long it asked to be left alone where that is long."""
        if self.retry_after < WORTH_TELLING_S:
            return self.words
        minutes = math.ceil(self.retry_after / 60)
        wait = f"{minutes} min" if minutes < 120 else f"{math.ceil(minutes / 60)} h"  # noqa: PLR2004
        return f"{self.words}; it asks to be left alone for {wait}"


class ConnectionFailed(Exception):  # noqa: N818  an event of the world, not a fault of the code
    """No connection was made; ``failure`` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.words)
        self.failure = failure


_HTTP: dict[int, tuple[str, bool]] = {
    400: ("{where} refused the parameters (HTTP 400)", False),
    403: ("{where} rejected the API key (HTTP 403): check --api-key or DEEPTONE_API_KEY", False),
    404: ("{where} has nothing at {path} (HTTP 404): check the path of the URL", False),
    405: ("{where} serves no websocket at {path} (HTTP 405): check the path of the URL", False),
    407: ("the proxy asks for a user and password (HTTP 407)", False),
    408: ("{where} waited too long for the request (HTTP 408)", True),
    422: ("{where} refused the parameters (HTTP 422)", False),
    429: ("{where} has too many connections or requests (HTTP 429)", True),
    502: ("the endpoint behind {where} cannot be reached (HTTP 502)", True),
    503: ("{where} is not available now (HTTP 503)", True),
    504: ("the endpoint behind {where} does not answer (HTTP 504)", True),
}

_BUSY = (429,)


def http_failure(
    status: int,
    *,
    where: str,
    path: str,
    has_key: bool,
    retry_after: str | None = None,
    date: str | None = None,
) -> Failure:
    """A handshake that was answered with something else than a websocket.

    Args:
        status: HTTP status.
        where: host and port.
        path: path of the URL.
        has_key: whether a key was sent.
        retry_after: the header's text, seconds or a date.
        date: the header of that name: the endpoint's own clock, which its dates go by.
    """
    delay = seconds_asked(retry_after, date)
    if status in (401, 403) and not has_key:
        words = f"{where} asks for an API key (HTTP {status}): give --api-key or DEEPTONE_API_KEY"
        return Failure(words, retry=False, by_endpoint=True)
    if status == 401:  # noqa: PLR2004  an HTTP status speaks for itself
        words = f"{where} rejected the API key (HTTP 401): check --api-key or DEEPTONE_API_KEY"
        return Failure(words, retry=False, by_endpoint=True)
    if status in _HTTP:
        words, retry = _HTTP[status]
        return Failure(
            words.format(where=where, path=path),
            retry,
            delay if retry else 0.0,
            by_endpoint=not retry,
            busy=status in _BUSY,
        )
    if status >= 500:  # noqa: PLR2004  an HTTP status speaks for itself
        return Failure(f"{where} failed (HTTP {status})", retry_after=delay)
    words = f"{where} is not a websocket endpoint (HTTP {status})"
    return Failure(words, retry=False, by_endpoint=True)


_CLOSE_WORDS = {
    1000: "the endpoint closed the connection",
    1001: "the endpoint is going away",
    1002: "the endpoint saw a protocol error",
    1003: "the endpoint refused the kind of data",
    1005: "the endpoint closed the connection without a reason",
    1006: "the connection was lost",
    1007: "the endpoint could not decode the data",
    1008: "the endpoint refused the connection by its rules",
    1009: "the endpoint found a message too big",
    1010: "the endpoint misses an extension",
    1011: "the endpoint had an internal error",
    1012: "the endpoint restarts",
    1013: "the endpoint asks to try again later",
    1014: "the endpoint's gateway got no valid answer",
    3000: "the endpoint rejected the API key",
    3003: "the endpoint forbids this",
}
BROKEN = 1006
"""Never sent: it stands for the lack of a close frame."""
_FATAL = {1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003}
_PRIVATE_RETRIED = {4408, 4429}
_PASSING = {1001, 1012, 1013, 1014, *_PRIVATE_RETRIED}


def close_failure(code: int, reason: str = "", *, error: str = "") -> Failure:
    """A connection that the endpoint ended while audio was still to be judged.

    Args:
        code: close code; 1006 where the connection broke without one.
        reason: text of the close frame; with 1006, what was seen here.
        error: text of an ``error`` message before it, which says more than any code.
    """
    said = error or (reason if code != BROKEN else "")
    words = _CLOSE_WORDS.get(code, f"the endpoint closed the connection ({code})")
    if said:
        words = f"the endpoint said: {said}"
    elif reason:
        words = f"{words}: {reason}"
    elif code in _CLOSE_WORDS:
        words = f"{words} ({code})"
    by_endpoint = code != BROKEN
    return Failure(
        words, retry=not _is_fatal(code), by_endpoint=by_endpoint, passing=code in _PASSING
    )


def malformed_failure(fault: str) -> Failure:
    """A connection that we ended over what came; the next one may bring it whole.

    Args:
        fault: what was wrong with the frame.
    """
    return Failure(f"the endpoint sent a malformed frame: {fault}", by_endpoint=True)


def _is_fatal(code: int) -> bool:
    """Whether a close code says that the same again will end the same.

    Codes from 4000 are private: services use them for rejected keys and used-up quotas. Those
    in the manner of HTTP 408, 429 and 5xx are the exception.
    """
    if code in _FATAL:
        return True
    return 4000 <= code < 4500 and code not in _PRIVATE_RETRIED  # noqa: PLR2004  see above


def seconds_asked(text: str | None, date: str | None) -> float:
    """Seconds that a Retry-After header asks for, bounded; 0 where it says nothing."""
    text = (text or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_RETRY_AFTER_S)
    try:
        asked = parsedate_to_datetime(text) - parsedate_to_datetime(date or "")
    except (TypeError, ValueError, OverflowError):  # a date that no clock will ever show
        return 0.0
    return min(max(0.0, asked.total_seconds()), LONGEST_RETRY_AFTER_S)
