"""Route of a connection to its endpoint: direct, or through the environment's proxy."""

import functools
import os
import socket
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from deeptone_tui.core.address import AddressInfo, look_up
from deeptone_tui.core.blocking import call_in_thread
from deeptone_tui.core.redaction import redacted
from deeptone_tui.session.failures import ConnectionFailed, Failure
from deeptone_tui.session.proxies import Login, Proxy, login_for, not_found, proxy_for

SEND_BUFFER_BYTES = 32 * 1024
"""SO_SNDBUF (Linux doubles it): by default, sockets absorb two minutes of audio before there is any
backpressure, and "sent" would mean nothing."""
SYSTEM_SETTINGS = "the system's settings"
"""Name of a proxy's origin on macOS and Windows if no variable names the proxy."""


class DaemonResolver(AbstractResolver):
    """Resolver that calls ``getaddrinfo`` in a daemon thread per lookup.

    There is one lookup at a time, because a session makes one connection at a time.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host.

        Raises:
            OSError: If it has none.
        """
        asking = functools.partial(_look_up, host, port, family)
        return await call_in_thread(asking, timeout=None, name="resolver")

    async def close(self) -> None:
        """Do nothing; there is nothing to release."""


def _look_up(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    try:
        infos = look_up(host, port, family=family, flags=socket.AI_ADDRCONFIG)
    except UnicodeError:
        raise socket.gaierror(socket.EAI_NONAME, "not a host name") from None
    return [_result(host, info) for info in infos]


def _result(host: str, info: AddressInfo) -> ResolveResult:
    """Convert one result of ``getaddrinfo`` to aiohttp's format."""
    family, _, proto, _, address = info
    # Link-local IPv6 addresses need a scope id; getnameinfo formats it as aiohttp does.
    numeric, port = socket.getnameinfo(address, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)
    return ResolveResult(
        hostname=host,
        host=numeric,
        port=int(port),
        family=family,
        proto=proto,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )


@dataclass(frozen=True, slots=True)
class Route:
    """Scheme, proxy and credentials for reaching an endpoint."""

    secure: bool = False
    proxy: Proxy | None = None
    login: Login | None = field(default=None, repr=False)
    """Credentials for the endpoint itself."""

    @property
    def http_proxy(self) -> Proxy | None:
        """The proxy if it speaks HTTP, else None."""
        return None if self.proxy is None or self.proxy.is_socks else self.proxy

    @property
    def headers(self) -> dict[str, str]:
        """Authorization headers of the handshake."""
        own = {} if self.login is None else {"Authorization": _basic(self.login)}
        return own if self.secure else own | self._for_proxy

    @property
    def arguments(self) -> dict[str, Any]:
        """Proxy arguments for ``ws_connect``."""
        proxy = self.http_proxy
        if proxy is None:
            return {}
        address = URL.build(scheme=proxy.scheme, host=proxy.host, port=proxy.port)
        return {"proxy": address, "proxy_headers": self._for_proxy if self.secure else None}

    @property
    def _for_proxy(self) -> dict[str, str]:
        proxy = self.http_proxy
        if proxy is None or proxy.user is None:
            return {}
        return {"Proxy-Authorization": _basic((proxy.user, proxy.password))}


async def route_to(url: str) -> Route:
    """Determine the route to a websocket from the environment, system settings and netrc file.

    Raises:
        ConnectionFailed: If a proxy setting cannot be parsed.
    """
    # In a thread, because the home directory may be on a network disk.
    return await call_in_thread(
        functools.partial(_route, url, os.environ), timeout=None, name="netrc"
    )


def _route(url: str, environment: Mapping[str, str]) -> Route:
    parts = urlsplit(url)
    proxy = proxy_for(url, environment) or _of_the_system(url)
    if proxy is not None and proxy.user is None and (login := login_for(proxy.host, environment)):
        proxy = replace(proxy, user=login[0], password=login[1])
    # A user in the address takes precedence over the file.
    login = None if parts.username is not None else login_for(parts.hostname or "", environment)
    for_proxy = (proxy.user, proxy.password) if proxy is not None and proxy.user else None
    for known in filter(None, (login, for_proxy)):
        redacted.learn(known[1], _basic(known).removeprefix("Basic "))
    return Route(parts.scheme == "wss", proxy, login)


def _of_the_system(url: str) -> Proxy | None:
    """Return the proxy of the macOS or Windows settings; the environment takes precedence."""
    if sys.platform not in ("darwin", "win32") or urllib.request.getproxies_environment():
        return None
    if urllib.request.proxy_bypass(urlsplit(url).hostname or ""):
        return None
    named = {f"{kind}_proxy": value for kind, value in urllib.request.getproxies().items()}
    proxy = proxy_for(url, named)
    return None if proxy is None else replace(proxy, variable=SYSTEM_SETTINGS)


def _basic(login: Login) -> str:
    return aiohttp.encode_basic_auth(*login, encoding="utf-8")


async def connector_for(route: Route) -> aiohttp.BaseConnector:
    """Return the connector for a route.

    Raises:
        ConnectionFailed: If the proxy cannot be found, or needs a package that is not installed.
    """
    if route.proxy is None or not route.proxy.is_socks:
        return aiohttp.TCPConnector(
            force_close=True, resolver=DaemonResolver(), socket_factory=_socket
        )
    return await _socks_connector(route.proxy)


async def _socks_connector(proxy: Proxy) -> aiohttp.BaseConnector:
    """Return a SOCKS connector; raise ConnectionFailed if the extra is not installed."""
    try:
        from aiohttp_socks import ProxyConnector, ProxyType  # noqa: PLC0415  an extra
    except ImportError:
        words = (
            f"{proxy.name} speaks SOCKS, which needs an extra: pip install 'deeptone-tui[socks]'"
        )
        raise ConnectionFailed(Failure(words, retry=False)) from None
    try:
        found = await DaemonResolver().resolve(proxy.host, proxy.port, socket.AF_UNSPEC)
    except OSError:
        raise ConnectionFailed(not_found(proxy)) from None
    connector: aiohttp.BaseConnector = ProxyConnector(
        host=found[0]["host"],
        port=proxy.port,
        proxy_type=ProxyType.SOCKS5 if proxy.scheme.startswith("socks5") else ProxyType.SOCKS4,
        username=proxy.user,
        password=proxy.password or None,
        rdns=proxy.scheme in ("socks5h", "socks4a"),
        force_close=True,
    )
    return connector


def _socket(info: tuple[Any, ...]) -> socket.socket:
    """Create a socket with a small send buffer; aiohttp itself sets TCP_NODELAY."""
    family, kind, proto, *_ = info
    made = socket.socket(family, kind, proto)
    limit_send_buffer(made)
    return made


def limit_send_buffer(made: socket.socket) -> None:
    """Limit a socket's send buffer, also of one created by another library."""
    made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
