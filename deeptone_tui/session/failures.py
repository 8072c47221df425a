"""Connection failures: a message for people, and whether a retry can help. Pure."""

import math
from dataclasses import dataclass

LONGEST_RETRY_AFTER_S = 24 * 3600.0
"""Seconds; a delay of more than a day is taken for a mistake. It applies to one endpoint only."""
WORTH_TELLING_S = 60.0
"""Seconds; a shorter delay is over too soon to be worth mentioning."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A connection that could not be made or that ended."""

    words: str
    """One line for people: the fault and, if there is one, the remedy."""
    retry: bool = True
    """True if the same attempt may succeed later."""
    retry_after: float = 0.0
    """Seconds that the endpoint asked to wait before a retry."""
    by_endpoint: bool = False
    """True if the endpoint itself, not the network, ended or refused the connection."""
    busy: bool = False
    """True if the endpoint reported too many connections or requests (HTTP 429)."""
    passing: bool = False
    """True if the endpoint is temporarily unavailable, independent of the audio."""

    @property
    def reason(self) -> str:
        """The words, and the requested wait if it is a minute or more."""
        if self.retry_after < WORTH_TELLING_S:
            return self.words
        minutes = math.ceil(self.retry_after / 60)
        wait = f"{minutes} min" if minutes < 120 else f"{math.ceil(minutes / 60)} h"  # noqa: PLR2004
        return f"{self.words}; it asks to be left alone for {wait}"


class ConnectionFailed(Exception):  # noqa: N818  an event of the world, not a fault of the code
    """No connection was made; ``failure`` has the reason."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.words)
        self.failure = failure


_HTTP: dict[int, tuple[str, bool]] = {
    400: ("{where} refused the parameters (HTTP 400)", False),
    401: ("{where} rejected the API key (HTTP 401): check --api-key or DEEPTONE_API_KEY", False),
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
_FAILED = ("{where} failed (HTTP {status})", True)
_NO_WEBSOCKET = ("{where} is not a websocket endpoint (HTTP {status})", False)


def http_failure(
    status: int,
    *,
    where: str,
    path: str,
    has_key: bool,
    retry_after: str | None = None,
    date: str | None = None,
) -> Failure:
    """Return the failure for a handshake with an HTTP response other than a websocket upgrade.

    Args:
        status: HTTP status.
        where: Host and port.
        path: Path of the URL.
        has_key: True if a key was sent.
        retry_after: Text of the ``Retry-After`` header: seconds or a date.
        date: Text of the ``Date`` header: the endpoint's own clock, to which its dates refer.
    """
    if status in (401, 403) and not has_key:
        words = f"{where} asks for an API key (HTTP {status}): give --api-key or DEEPTONE_API_KEY"
        return Failure(words, retry=False, by_endpoint=True)
    others = _FAILED if status >= 500 else _NO_WEBSOCKET  # noqa: PLR2004  speaks for itself
    words, retry = _HTTP.get(status, others)
    return Failure(
        words.format(where=where, path=path, status=status),
        retry,
        seconds_asked(retry_after, date) if retry else 0.0,
        by_endpoint=not retry,
        busy=status == 429,  # noqa: PLR2004  speaks for itself
    )


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
"""Close code for a missing close frame; never sent."""
_FATAL = {1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003}
_PRIVATE_RETRIED = {4408, 4429}
_PASSING = {1001, 1012, 1013, 1014, *_PRIVATE_RETRIED}


def close_failure(code: int, reason: str = "", *, error: str = "") -> Failure:
    """Return the failure for a connection that ended while audio was still unanswered.

    Args:
        code: Close code; 1006 if the connection broke without one.
        reason: Text of the close frame; with 1006, the fault observed on this side.
        error: Text of an ``error`` message before it, which is more specific than any code.
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
    """Return the failure for a connection ended by this side over a malformed frame.

    A retry may receive it intact.

    Args:
        fault: Description of what was wrong with the frame.
    """
    return Failure(f"the endpoint sent a malformed frame: {fault}", by_endpoint=True)


def _is_fatal(code: int) -> bool:
    """Return True if a close code means that a retry would end the same way.

    Codes from 4000 are private: services use them for rejected keys and exhausted quotas. Those
    modelled on HTTP 408, 429 and 5xx are the exception.
    """
    if code in _FATAL:
        return True
    return 4000 <= code < 4500 and code not in _PRIVATE_RETRIED  # noqa: PLR2004  see above


def seconds_asked(text: str | None, date: str | None) -> float:
    """Return the seconds that a Retry-After header asks for, bounded; 0 if it is not valid."""
    text = (text or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_RETRY_AFTER_S)
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  not before the first frame

    try:
        asked = parsedate_to_datetime(text) - parsedate_to_datetime(date or "")
    except (TypeError, ValueError, OverflowError):  # not a valid date
        return 0.0
    return min(max(0.0, asked.total_seconds()), LONGEST_RETRY_AFTER_S)
