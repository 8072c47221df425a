"""Selection of a proxy from the environment, and the failures that it causes."""

import ipaddress
import os
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Any, NoReturn
from urllib.parse import SplitResult, unquote, urlsplit

import aiohttp

from deeptone_tui.core.redaction import for_people
from deeptone_tui.session.failures import ConnectionFailed, Failure, seconds_asked

_DEFAULT_PORTS = {
    "http": 80,
    "https": 443,
    "socks4": 1080,
    "socks4a": 1080,
    "socks5": 1080,
    "socks5h": 1080,
}
_OTHER_NAMES = {"socks": "socks4"}
"""Aliases of schemes, as in curl."""
_NOT_IN_A_HOST = re.compile(r"[\s%<>\\^`{|}\"]")
_PORTED = re.compile(r"\[(?P<bracketed>[^\]]*)\](:(?P<a>\d+))?|(?P<plain>[^:]*):(?P<b>\d+)")

VARIABLE = "SSL_CERT_FILE"
_UNKNOWN_AUTHORITY = (2, 18, 19, 20, 21)
"""Codes of OpenSSL's ``X509_V_ERR_…``; the others concern name, validity period or purpose."""

_NEEDS_LOGIN = 407


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, and the setting that names it."""

    variable: str
    """Environment variable that names it, as spelled there."""
    scheme: str
    """``http``, ``https``, ``socks4``, ``socks4a``, ``socks5`` or ``socks5h``."""
    host: str
    port: int
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)

    @property
    def is_socks(self) -> bool:
        """True if it speaks SOCKS: it forwards bytes, without regard to HTTP."""
        return self.scheme.startswith("socks")

    @property
    def place(self) -> str:
        """Host and port, as in an address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def name(self) -> str:
        """Name for messages, without user and password."""
        return f"the proxy of {self.variable} ({self.place})"


def proxy_for(url: str, environment: Mapping[str, str]) -> Proxy | None:
    """Return the proxy for a websocket; None for a direct connection.

    ``ws://`` uses ``http_proxy`` and ``wss://`` uses ``https_proxy``. ``ws_proxy`` and
    ``wss_proxy`` take precedence over these, and these over ``all_proxy``. As in curl, the
    lower-case spelling takes precedence and an empty variable counts as unset.

    Args:
        url: ``ws://…`` or ``wss://…``.
        environment: Environment variables, or a substitute for them.

    Raises:
        ConnectionFailed: If a variable cannot be parsed; the message names it.
    """
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "wss"
    names = ("wss_proxy", "https_proxy") if secure else ("ws_proxy", "http_proxy")
    for name in (*names, "all_proxy"):
        for variable, value in _set(name, environment):
            port = parts.port or (443 if secure else 80)
            return None if _is_excepted(host, port, environment) else read_proxy(variable, value)
    return None


def read_proxy(variable: str, value: str) -> Proxy:
    """Parse a variable's value as a proxy; without a scheme it is HTTP, as in curl.

    Raises:
        ConnectionFailed: If it cannot be parsed.
    """
    parts = _split(variable, value if "://" in value else f"http://{value}")
    scheme = _OTHER_NAMES.get(parts.scheme, parts.scheme)
    if scheme not in _DEFAULT_PORTS:
        _refuse(
            f"{variable} names a kind of proxy that is not known: it must be http://,"
            " https://, socks5:// or socks4://HOST:PORT"
        )
    host = parts.hostname or ""
    if not host.isprintable() or (":" not in host and _NOT_IN_A_HOST.search(host)) or not host:
        _refuse(f"{variable} is not the address of a proxy: it must look like http://HOST:PORT")
    user = None if parts.username is None else unquote(parts.username)
    port = parts.port or _DEFAULT_PORTS[scheme]
    return Proxy(variable, scheme, host, port, user, unquote(parts.password or ""))


def _split(variable: str, address: str) -> SplitResult:
    """Split an address. Errors never quote its contents, which may include a password."""
    try:
        parts = urlsplit(address)
    except ValueError:
        _refuse(f"{variable} is not the address of a proxy: it must look like http://HOST:PORT")
    if "@" in f"{parts.path}{parts.query}{parts.fragment}":
        _refuse(f"{variable}: in user and password, write / ? # as %2F %3F %23")
    try:
        usable = parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        _refuse(f"{variable}: the port of the proxy must be a number from 1 to 65535")
    return parts


def _refuse(words: str) -> NoReturn:
    raise ConnectionFailed(Failure(words, retry=False))


def _set(name: str, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the non-empty variables of a name in any case, lower case first."""
    spelled = [each for each in environment if each.lower() == name]
    for variable in sorted(spelled, reverse=True):
        if value := environment[variable].strip():
            yield variable, value


def _is_excepted(host: str, port: int, environment: Mapping[str, str]) -> bool:
    """Return True if ``no_proxy`` has the host itself, a parent domain, or a network with it."""
    for _, value in _set("no_proxy", environment):
        return any(_covers(each, host, port) for each in re.split(r"[\s,]+", value) if each)
    return False


def _covers(entry: str, host: str, port: int) -> bool:
    """Return True if one entry of ``no_proxy`` matches a host (and port)."""
    if entry == "*":
        return True
    if ported := _PORTED.fullmatch(entry):
        only = ported["a"] or ported["b"]
        if only and only != str(port):
            return False
        entry = ported["plain"] if ported["bracketed"] is None else ported["bracketed"]
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        domain = entry.lower().removeprefix("*").strip(".")
        return bool(domain) and f".{host.rstrip('.')}".endswith(f".{domain}")
    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False


def distrust(error: BaseException) -> str:
    """Describe a certificate's fault, with advice if its authority is unknown."""
    fault = getattr(error, "verify_message", "") or str(error)
    words = f"is not trusted ({for_people(fault.rstrip('.'))})"
    of_authority = getattr(error, "verify_code", None) in _UNKNOWN_AUTHORITY
    return f"{words}: {certificate_advice()}" if of_authority else words


def certificate_advice() -> str:
    """Return advice for an unknown authority, or the fault of the file in ``SSL_CERT_FILE``.

    OpenSSL silently ignores a file that is missing or holds no certificates, and then trusts no
    authority.
    """
    place = os.environ.get(VARIABLE)
    if not place:
        return f"set {VARIABLE} to trust your own authority"
    try:
        ssl.create_default_context(cafile=place)
    except (OSError, ValueError) as error:
        no_file = isinstance(error, FileNotFoundError)
        fault = "is not there" if no_file else "cannot be read, or holds no certificate"
        return f"{VARIABLE} names {for_people(place)}, which {fault}"
    return f"{VARIABLE}, which is {for_people(place)}, does not hold its authority"


def proxy_failure(error: BaseException, proxy: Proxy) -> Failure | None:
    """Return the failure caused by a proxy; None if the endpoint may have caused it.

    Args:
        error: The exception raised by ``ws_connect``.
        proxy: The proxy used for the connection.
    """
    for kinds, explain in _EXPLANATIONS:
        if isinstance(error, kinds):
            return explain(error, proxy)
    if type(error).__module__.partition(".")[0] == "aiohttp_socks":
        return _socks_refused(error, proxy)
    return None


def through(failure: Failure, proxy: Proxy) -> Failure:
    """Add the proxy's name to a failure that it may have caused."""
    return replace(failure, words=f"{failure.words}, through {proxy.name}")


def not_found(proxy: Proxy) -> Failure:
    """Return the failure for a proxy whose host name has no address."""
    return Failure(f"{proxy.name} could not be found")


def without_package(proxy: Proxy) -> Failure:
    """Return the failure for a SOCKS proxy without the extra installed."""
    words = f"{proxy.name} speaks SOCKS, which needs an extra: pip install 'deeptone-tui[socks]'"
    return Failure(words, retry=False)


def _is_at(error: BaseException, proxy: Proxy) -> bool:
    """Return True if an error of aiohttp's connector occurred on the way to the proxy."""
    place = getattr(error, "host", None), getattr(error, "port", None)
    return place == (proxy.host, proxy.port)


def _refused(
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


def _unauthorized(error: aiohttp.WSServerHandshakeError, proxy: Proxy) -> Failure | None:
    """Return the failure for a response to ``ws://``: only status 407 must be the proxy's own."""
    return _refused(error, proxy) if error.status == _NEEDS_LOGIN else None


def _no_address(error: aiohttp.ClientConnectorDNSError, proxy: Proxy) -> Failure | None:
    return not_found(proxy) if _is_at(error, proxy) else None


def _unreachable(error: aiohttp.ClientProxyConnectionError, proxy: Proxy) -> Failure:
    fault = f": {os.strerror(error.errno).lower()}" if error.errno else ""
    return Failure(f"{proxy.name} cannot be reached{fault}")


def _without_tls(error: BaseException, proxy: Proxy) -> Failure | None:
    """Return the failure of TLS with the proxy itself, which ``https://`` requires."""
    if not _is_at(error, proxy):
        return None
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Failure(f"the certificate of {proxy.name} {distrust(cause)}", retry=False)
    words = f"{proxy.name} does not speak TLS: try http:// instead of https:// there"
    return Failure(words, retry=False)


def _socks_refused(error: BaseException, proxy: Proxy) -> Failure:
    """Return the SOCKS library's error as a failure; its text has no user or password."""
    if type(error).__name__ == "ProxyConnectionError":
        return Failure(f"{proxy.name} cannot be reached")
    return Failure(f"{proxy.name} makes no connection: {for_people(str(error))}")


_EXPLANATIONS: tuple[tuple[Any, Callable[[Any, Proxy], Failure | None]], ...] = (
    # The first match wins.
    (aiohttp.ClientHttpProxyError, _refused),
    (aiohttp.WSServerHandshakeError, _unauthorized),
    (aiohttp.ClientConnectorDNSError, _no_address),
    (aiohttp.ClientProxyConnectionError, _unreachable),
    ((aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError), _without_tls),
)
