"""What goes wrong with a proxy of the environment, put into words."""

import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import aiohttp

from deeptone_tui.core.output import for_people
from deeptone_tui.session.failures import Failure, seconds_asked
from deeptone_tui.session.proxies import Proxy
from deeptone_tui.session.trust import distrust

_NEEDS_LOGIN = 407


def proxy_failure(error: BaseException, proxy: Proxy) -> Failure | None:
    """Return why a proxy let nothing through; None where that may be the endpoint's doing.

    Args:
        error: what ``ws_connect`` raised.
        proxy: the one that the connection was made through.
    """
    for kinds, explain in _EXPLANATIONS:
        if isinstance(error, kinds):
            return explain(error, proxy)
    if type(error).__module__.partition(".")[0] == "aiohttp_socks":
        return _socks_refused(error, proxy)
    return None


def through(failure: Failure, proxy: Proxy) -> Failure:
    """Name the proxy beside a fault that may be its own."""
    return replace(failure, words=f"{failure.words}, through {proxy.name}")


def not_found(proxy: Proxy) -> Failure:
    """The name of the proxy has no address."""
    return Failure(f"{proxy.name} could not be found")


def without_package(proxy: Proxy) -> Failure:
    """An extra that is not installed."""
    words = f"{proxy.name} speaks SOCKS, which needs an extra: pip install 'deeptone-tui[socks]'"
    return Failure(words, retry=False)


def _is_at(error: BaseException, proxy: Proxy) -> bool:
    """Whether an error of aiohttp's connector was met on the way to the proxy."""
    place = getattr(error, "host", None), getattr(error, "port", None)
    return place == (proxy.host, proxy.port)


def _refused(
    error: aiohttp.ClientHttpProxyError | aiohttp.WSServerHandshakeError, proxy: Proxy
) -> Failure:
    """The proxy answered, and would not build the tunnel."""
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


def _unauthorized(error: aiohttp.WSServerHandshakeError, proxy: Proxy) -> Failure | None:
    """An answer to ``ws://``: only one status can be no other's than the proxy's."""
    return _refused(error, proxy) if error.status == _NEEDS_LOGIN else None


def _no_address(error: aiohttp.ClientConnectorDNSError, proxy: Proxy) -> Failure | None:
    """A name was looked up in vain."""
    return not_found(proxy) if _is_at(error, proxy) else None


def _unreachable(error: aiohttp.ClientProxyConnectionError, proxy: Proxy) -> Failure:
    """Nobody is there, or the network does not lead there."""
    fault = f": {os.strerror(error.errno).lower()}" if error.errno else ""
    return Failure(f"{proxy.name} cannot be reached{fault}")


def _without_tls(error: BaseException, proxy: Proxy) -> Failure | None:
    """TLS with the proxy itself, as ``https://`` asks for."""
    if not _is_at(error, proxy):
        return None
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Failure(f"the certificate of {proxy.name} {distrust(cause)}", retry=False)
    words = f"{proxy.name} does not speak TLS: try http:// instead of https:// there"
    return Failure(words, retry=False)


def _socks_refused(error: BaseException, proxy: Proxy) -> Failure:
    """What the library for SOCKS says, which has no user and no password in it."""
    if type(error).__name__ == "ProxyConnectionError":
        return Failure(f"{proxy.name} cannot be reached")
    return Failure(f"{proxy.name} makes no connection: {for_people(str(error))}")


_EXPLANATIONS: tuple[tuple[Any, Callable[[Any, Proxy], Failure | None]], ...] = (
    # The first that fits.
    (aiohttp.ClientHttpProxyError, _refused),
    (aiohttp.WSServerHandshakeError, _unauthorized),
    (aiohttp.ClientConnectorDNSError, _no_address),
    (aiohttp.ClientProxyConnectionError, _unreachable),
    ((aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError), _without_tls),
)
