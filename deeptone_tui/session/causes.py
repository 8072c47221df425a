"""Translation of exceptions of aiohttp and the system into failures with a message."""

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
from deeptone_tui.core.redaction import short_line
from deeptone_tui.session.failures import Failure, http_failure
from deeptone_tui.session.proxies import Proxy, distrust, proxy_failure, through
from deeptone_tui.session.target import Target

LONGEST_CHARS = 240
"""Characters kept of a failure's message: a page of HTML is no useful reason."""


class Redirected(Exception):  # noqa: N818  an event of the world, not a fault of the code
    """The endpoint redirected to another address; the key is not sent there."""


def failure_of(error: BaseException, target: Target, proxy: Proxy | None = None) -> Failure:
    """Return the failure for an exception that prevented a connection.

    Args:
        error: The exception raised by ``ws_connect``.
        target: The endpoint.
        proxy: The proxy in between, if any: it is named, and blamed for its own errors.
    """
    if proxy is None:
        return _failure_of(error, target)
    return proxy_failure(error, proxy) or through(_failure_of(error, target), proxy)


def _failure_of(error: BaseException, target: Target) -> Failure:
    """Return the failure as if there were no proxy."""
    for kinds, explain in _EXPLANATIONS:
        if isinstance(error, kinds):
            failure = explain(error, target)
            return replace(failure, words=short_line(failure.words, LONGEST_CHARS))
    # Not the error's own text, because libraries put the whole address into it.
    words = f"no connection to {host_and_port(target.url)}: {unforeseen(error, 'handshake')}"
    return Failure(short_line(words, LONGEST_CHARS))


def frame_fault(error: aiohttp.WebSocketError) -> str:
    """Return the library's description of a malformed frame from the endpoint."""
    words = str(error)
    return words[:1].lower() + words[1:]


def _redirected(error: Redirected, target: Target) -> Failure:
    """Return the failure for a redirect; the key goes only to the address that the user gave."""
    host, place = host_and_port(target.url), str(error)
    if not place:
        return Failure(f"{host} redirects without saying where", retry=False)
    words = f"{host} redirects to {place}: give that address if you trust it"
    return Failure(words, retry=False)


def _handshake_failure(error: aiohttp.WSServerHandshakeError, target: Target) -> Failure:
    """Return the failure for an HTTP error status, or for a 101 that is no valid websocket."""
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
    """Return the failure for a response that is not HTTP, such as an SSH server's, or damaged."""
    first = error.message.partition(":")[0].strip().lower() or "no reason given"
    return Failure(f"{host_and_port(target.url)} does not answer as an HTTP server does ({first})")


def _certificate_failure(error: BaseException, target: Target) -> Failure:
    """Return the failure for an untrusted certificate, with its fault."""
    error = getattr(error, "certificate_error", error)
    return Failure(f"the certificate of {host_and_port(target.url)} {distrust(error)}", retry=False)


def _tls_failure(error: BaseException, target: Target) -> Failure:
    """Return the failure for a TLS handshake that did not start or was interrupted."""
    error = getattr(error, "os_error", error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate_failure(error, target)
    host, reason = host_and_port(target.url), getattr(error, "reason", "") or ""
    if reason in _NOT_TLS:
        return Failure(f"{host} does not speak TLS: try ws:// instead of wss://", retry=False)
    fault = reason.replace("_", " ").lower() or "handshake failed"
    return Failure(f"TLS with {host} failed: {fault}")


def _unknown_host(_error: BaseException, target: Target) -> Failure:
    return Failure(f"unknown host: {urlsplit(target.url).hostname}")


def _refused(_error: BaseException, target: Target) -> Failure:
    return Failure(f"connection refused: nothing listens at {host_and_port(target.url)}")


def _closed_early(_error: BaseException, target: Target) -> Failure:
    return Failure(f"{host_and_port(target.url)} closed the connection during the handshake")


def _timed_out(_error: BaseException, target: Target) -> Failure:
    return Failure(f"no answer from {host_and_port(target.url)}")


def _bad_url(_error: BaseException, target: Target) -> Failure:
    return Failure(f"{host_and_port(target.url)} is not the address of a websocket", retry=False)


def _connector_failure(error: aiohttp.ClientConnectorError, target: Target) -> Failure:
    """Return the failure for the system's error inside a connector error, which says more."""
    return _failure_of(error.os_error, target)


def _system_failure(error: OSError, target: Target) -> Failure:
    """Return the failure for any other network error, in the system's own words."""
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
    # The first match wins: aiohttp's errors derive from one another and from the system's.
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
