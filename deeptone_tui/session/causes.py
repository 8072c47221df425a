"""Exceptions of aiohttp and the system, put into words."""

import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from deeptone_tui.core.address import host_and_port
from deeptone_tui.core.errors import reason_of, unforeseen
from deeptone_tui.core.output import short_line
from deeptone_tui.session.failures import Failure, http_failure
from deeptone_tui.session.proxies import Proxy, distrust, proxy_failure, through
from deeptone_tui.session.target import Target

LONGEST_CHARS = 240
"""Characters of what is told of a failure: a page of HTML is no reason."""


class Redirected(Exception):  # noqa: N818  an event of the world, not a fault of the code
    """The endpoint answered with another address; the key is not sent there."""


def failure_of(error: BaseException, target: Target, proxy: Proxy | None = None) -> Failure:
    """Why no connection was made.

    Args:
        error: what ``ws_connect`` raised.
        target: where to.
        proxy: what lay between, if anything did: it is named, and blamed for what it did itself.
    """
    if proxy is None:
        return _failure_of(error, target)
    return proxy_failure(error, proxy) or through(_failure_of(error, target), proxy)


def _failure_of(error: BaseException, target: Target) -> Failure:
    """What befell the endpoint, as far as is known."""
    for kinds, explain in _EXPLANATIONS:
        if isinstance(error, kinds):
            failure = explain(error, target)
            return replace(failure, words=short_line(failure.words, LONGEST_CHARS))
    # Not the error's own text: libraries put the whole address into it.
    words = f"no connection to {host_and_port(target.url)}: {unforeseen(error, 'handshake')}"
    return Failure(short_line(words, LONGEST_CHARS))


def frame_fault(error: aiohttp.WebSocketError) -> str:
    """Return what was wrong with a frame of the endpoint, in the library's words."""
    words = str(error)
    return words[:1].lower() + words[1:]


def _redirected(error: Redirected, target: Target) -> Failure:
    """Another address was named; the key goes only where the user sends it."""
    host, place = host_and_port(target.url), str(error)
    if not place:
        return Failure(f"{host} redirects without saying where", retry=False)
    words = f"{host} redirects to {place}: give that address if you trust it"
    return Failure(words, retry=False)


def _handshake_failure(error: aiohttp.WSServerHandshakeError, target: Target) -> Failure:
    """Refused over HTTP, or answered by something that only resembles a websocket."""
    host, path = host_and_port(target.url), urlsplit(target.url).path
    if error.status == 101:  # noqa: PLR2004  an HTTP status speaks for itself
        words = f"{host} is not a websocket endpoint ({error.message.lower()})"
        return Failure(words, retry=False)
    headers: Mapping[str, str] = error.headers or {}
    return http_failure(
        error.status,
        where=host,
        path=path,
        has_key=target.api_key is not None,
        retry_after=headers.get("Retry-After"),
        date=headers.get("Date") or formatdate(usegmt=True),
    )


def _not_http(error: aiohttp.ClientResponseError, target: Target) -> Failure:
    """Something else than HTTP, such as an SSH server, or a damaged answer."""
    first = error.message.partition(":")[0].strip().lower() or "no reason given"
    return Failure(f"{host_and_port(target.url)} does not answer as an HTTP server does ({first})")


def _certificate_failure(error: BaseException, target: Target) -> Failure:
    """A certificate that is not trusted: which fault it has."""
    error = getattr(error, "certificate_error", error)
    return Failure(f"the certificate of {host_and_port(target.url)} {distrust(error)}", retry=False)


def _tls_failure(error: BaseException, target: Target) -> Failure:
    """TLS that never began or broke off."""
    error = getattr(error, "os_error", error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate_failure(error, target)
    host, reason = host_and_port(target.url), getattr(error, "reason", "") or ""
    if reason in _NOT_TLS:
        return Failure(f"{host} does not speak TLS: try ws:// instead of wss://", retry=False)
    fault = reason.replace("_", " ").lower() or "handshake failed"
    return Failure(f"TLS with {host} failed: {fault}")


def _unknown_host(_error: BaseException, target: Target) -> Failure:
    """The name has no address."""
    return Failure(f"unknown host: {urlsplit(target.url).hostname}")


def _refused(_error: BaseException, target: Target) -> Failure:
    """Nobody is there."""
    return Failure(f"connection refused: nothing listens at {host_and_port(target.url)}")


def _closed_early(_error: BaseException, target: Target) -> Failure:
    """Somebody was there, and left."""
    return Failure(f"{host_and_port(target.url)} closed the connection during the handshake")


def _timed_out(_error: BaseException, target: Target) -> Failure:
    """Nothing came back."""
    return Failure(f"no answer from {host_and_port(target.url)}")


def _bad_url(_error: BaseException, target: Target) -> Failure:
    """An address that cannot be called."""
    return Failure(f"{host_and_port(target.url)} is not the address of a websocket", retry=False)


def _connector_failure(error: aiohttp.ClientConnectorError, target: Target) -> Failure:
    """The connector wraps the system's error; that one says more."""
    return _failure_of(error.os_error, target)


def _system_failure(error: OSError, target: Target) -> Failure:
    """Other errors of the network, in the system's own words."""
    fault = reason_of(error)
    if fault.startswith("multiple exceptions"):
        fault = "none of its addresses can be reached"
    return Failure(f"no connection to {host_and_port(target.url)}: {fault}")


_NOT_TLS = {
    "WRONG_VERSION_NUMBER",
    "RECORD_LAYER_FAILURE",
    "HTTP_REQUEST",
    "PACKET_LENGTH_TOO_LONG",
}

_LOST = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)

_EXPLANATIONS: tuple[tuple[Any, Callable[[Any, Target], Failure]], ...] = (
    # The first that fits: aiohttp's errors derive from one another and from the system's.
    (Redirected, _redirected),
    (aiohttp.WSServerHandshakeError, _handshake_failure),
    (aiohttp.ClientResponseError, _not_http),
    (aiohttp.ClientConnectorCertificateError, _certificate_failure),
    ((aiohttp.ClientSSLError, ssl.SSLError), _tls_failure),
    ((aiohttp.ClientConnectorDNSError, socket.gaierror), _unknown_host),
    (aiohttp.ClientConnectorError, _connector_failure),
    (ConnectionRefusedError, _refused),
    ((aiohttp.ServerDisconnectedError, *_LOST), _closed_early),
    (TimeoutError, _timed_out),
    ((aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError), _bad_url),
    (OSError, _system_failure),
)
