"""Translation of exceptions of aiohttp, of the system and by proxies into failures in words."""

import os
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from deeptone_tui.core.address import host_and_port
from deeptone_tui.core.redaction import for_people, short_line
from deeptone_tui.core.text import reason_of, unforeseen
from deeptone_tui.session.failures import Failure, http_failure, seconds_asked
from deeptone_tui.session.proxies import Proxy, not_found
from deeptone_tui.session.target import Target

LONGEST_CHARS = 240
"""Characters kept of a failure's message: a page of HTML is no useful reason."""
CERTIFICATES_VARIABLE = "SSL_CERT_FILE"
_UNKNOWN_AUTHORITY = (2, 18, 19, 20, 21)
"""Codes of OpenSSL's ``X509_V_ERR_…``; the others concern name, validity period or purpose."""
_NEEDS_LOGIN = 407


class Redirected(Exception):  # noqa: N818  an event of the world, not a fault of the code
    """The endpoint redirected to another address; the key is not sent there."""


def failure_of(error: BaseException, target: Target, proxy: Proxy | None = None) -> Failure:
    """Return the failure for an exception that prevented a connection.

    Args:
        error: The exception raised by ``ws_connect``.
        target: The endpoint.
        proxy: The proxy in between, if any: it is named, and blamed for its own errors.
    """
    if proxy is not None and (failure := _proxy_failure(error, proxy)):
        return failure
    failure = _endpoint_failure(error, target)
    through = "" if proxy is None else f", through {proxy.name}"
    return replace(failure, words=f"{failure.words}{through}")


def _endpoint_failure(error: BaseException, target: Target) -> Failure:
    """Return the failure as if there were no proxy."""
    for kinds, explain in _EXPLANATIONS:
        if isinstance(error, kinds):
            failure = explain(error, target) if callable(explain) else _filled(explain, target)
            return replace(failure, words=short_line(failure.words, LONGEST_CHARS))
    # Not the error's own text, because libraries put the whole address into it.
    words = f"no connection to {host_and_port(target.url)}: {unforeseen(error, 'handshake')}"
    return Failure(short_line(words, LONGEST_CHARS))


def _filled(words: str, target: Target) -> Failure:
    """Return a failure in these words, with the endpoint's name."""
    host = host_and_port(target.url)
    return Failure(words.format(host=host, name=urlsplit(target.url).hostname))


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


def _tls_failure(error: BaseException, target: Target) -> Failure:
    """Return the failure of TLS with the endpoint."""
    return _tls_failure_of(error, host_and_port(target.url), "try ws:// instead of wss://")


def _tls_failure_of(error: BaseException, name: str, plain: str) -> Failure:
    """Return the failure for an untrusted certificate, or a handshake that did not succeed.

    Args:
        error: The exception of aiohttp or of OpenSSL.
        name: The endpoint or the proxy.
        plain: Advice if it does not speak TLS at all.
    """
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Failure(f"the certificate of {name} {_distrust(cause)}", retry=False)
    reason = getattr(cause, "reason", "") or ""
    if reason in _NOT_TLS:
        return Failure(f"{name} does not speak TLS: {plain}", retry=False)
    fault = reason.replace("_", " ").lower() or "handshake failed"
    return Failure(f"TLS with {name} failed: {fault}")


def _bad_address(_error: BaseException, target: Target) -> Failure:
    return Failure(f"{host_and_port(target.url)} is not the address of a websocket", retry=False)


def _connector_failure(error: aiohttp.ClientConnectorError, target: Target) -> Failure:
    """Return the failure for the system's error inside a connector error, which says more."""
    return _endpoint_failure(error.os_error, target)


def _system_failure(error: OSError, target: Target) -> Failure:
    """Return the failure for any other network error, in the system's own words."""
    fault = reason_of(error)
    if fault.startswith("multiple exceptions"):
        fault = "none of its addresses can be reached"
    return Failure(f"no connection to {host_and_port(target.url)}: {fault}")


def _distrust(error: BaseException) -> str:
    """Describe a certificate's fault, with advice if its authority is unknown."""
    fault = getattr(error, "verify_message", "") or str(error)
    words = f"is not trusted ({for_people(fault.rstrip('.'))})"
    of_authority = getattr(error, "verify_code", None) in _UNKNOWN_AUTHORITY
    return f"{words}: {_certificate_advice()}" if of_authority else words


def _certificate_advice() -> str:
    """Return advice for an unknown authority, or the fault of the file in ``SSL_CERT_FILE``.

    OpenSSL silently ignores a file that is missing or holds no certificates, and then trusts no
    authority.
    """
    place = os.environ.get(CERTIFICATES_VARIABLE)
    if not place:
        return f"set {CERTIFICATES_VARIABLE} to trust your own authority"
    try:
        ssl.create_default_context(cafile=place)
    except (OSError, ValueError) as error:
        no_file = isinstance(error, FileNotFoundError)
        fault = "is not there" if no_file else "cannot be read, or holds no certificate"
        return f"{CERTIFICATES_VARIABLE} names {for_people(place)}, which {fault}"
    return f"{CERTIFICATES_VARIABLE}, which is {for_people(place)}, does not hold its authority"


def _proxy_failure(error: BaseException, proxy: Proxy) -> Failure | None:
    """Return the failure caused by a proxy; None if the endpoint may have caused it."""
    for kinds, explain in _PROXY_EXPLANATIONS:
        if isinstance(error, kinds):
            return explain(error, proxy)
    if type(error).__module__.partition(".")[0] == "aiohttp_socks":
        return _socks_refused(error, proxy)
    return None


def _is_at(error: BaseException, proxy: Proxy) -> bool:
    """Return True if an error of aiohttp's connector occurred on the way to the proxy."""
    place = getattr(error, "host", None), getattr(error, "port", None)
    return place == (proxy.host, proxy.port)


def _proxy_refused(
    error: aiohttp.ClientHttpProxyError | aiohttp.WSServerHandshakeError, proxy: Proxy
) -> Failure:
    """Return the failure for a proxy that answered but refused the tunnel."""
    if error.status == _NEEDS_LOGIN and proxy.user is None:
        words = f"asks for a user and password (HTTP {error.status})"
        advice = f"write {proxy.variable}={proxy.scheme}://USER:PASSWORD@{proxy.place}"
        return Failure(f"{proxy.name} {words}: {advice}", retry=False)
    if error.status == _NEEDS_LOGIN:
        return Failure(f"{proxy.name} rejected user and password (HTTP 407)", retry=False)
    headers: Mapping[str, str] = error.headers or {}
    date = headers.get("Date") or formatdate(usegmt=True)
    return Failure(
        f"{proxy.name} refused the connection (HTTP {error.status})",
        retry_after=seconds_asked(headers.get("Retry-After"), date),
    )


def _proxy_wants_login(error: aiohttp.WSServerHandshakeError, proxy: Proxy) -> Failure | None:
    """Return the failure for a response to ``ws://``: only status 407 must be the proxy's own."""
    return _proxy_refused(error, proxy) if error.status == _NEEDS_LOGIN else None


def _proxy_not_found(error: aiohttp.ClientConnectorDNSError, proxy: Proxy) -> Failure | None:
    return not_found(proxy) if _is_at(error, proxy) else None


def _proxy_unreachable(error: aiohttp.ClientProxyConnectionError, proxy: Proxy) -> Failure:
    fault = f": {os.strerror(error.errno).lower()}" if error.errno else ""
    return Failure(f"{proxy.name} cannot be reached{fault}")


def _proxy_tls_failure(error: BaseException, proxy: Proxy) -> Failure | None:
    """Return the failure of TLS with the proxy itself, which ``https://`` requires."""
    advice = "try http:// instead of https:// there"
    return _tls_failure_of(error, proxy.name, advice) if _is_at(error, proxy) else None


def _socks_refused(error: BaseException, proxy: Proxy) -> Failure:
    """Return the SOCKS library's error as a failure; its text has no user or password."""
    if type(error).__name__ == "ProxyConnectionError":
        return Failure(f"{proxy.name} cannot be reached")
    return Failure(f"{proxy.name} makes no connection: {for_people(str(error))}")


_NOT_TLS = {
    "WRONG_VERSION_NUMBER",
    "RECORD_LAYER_FAILURE",
    "HTTP_REQUEST",
    "PACKET_LENGTH_TOO_LONG",
}

_LOST = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)

_EXPLANATIONS: tuple[tuple[Any, str | Callable[[Any, Target], Failure]], ...] = (
    # The first match wins: aiohttp's errors derive from one another and from the system's.
    (Redirected, _redirected),
    (aiohttp.WSServerHandshakeError, _handshake_failure),
    (aiohttp.ClientResponseError, _not_http),
    ((aiohttp.ClientSSLError, ssl.SSLError), _tls_failure),
    ((aiohttp.ClientConnectorDNSError, socket.gaierror), "unknown host: {name}"),
    (aiohttp.ClientConnectorError, _connector_failure),
    (ConnectionRefusedError, "connection refused: nothing listens at {host}"),
    (
        (aiohttp.ServerDisconnectedError, *_LOST),
        "{host} closed the connection during the handshake",
    ),
    (TimeoutError, "no answer from {host}"),
    ((aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError), _bad_address),
    (OSError, _system_failure),
)

_PROXY_EXPLANATIONS: tuple[tuple[Any, Callable[[Any, Proxy], Failure | None]], ...] = (
    # The first match wins.
    (aiohttp.ClientHttpProxyError, _proxy_refused),
    (aiohttp.WSServerHandshakeError, _proxy_wants_login),
    (aiohttp.ClientConnectorDNSError, _proxy_not_found),
    (aiohttp.ClientProxyConnectionError, _proxy_unreachable),
    (aiohttp.ClientSSLError, _proxy_tls_failure),
)
