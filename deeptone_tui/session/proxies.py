"""Proxy that the environment names for an address. Pure."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import SplitResult, unquote, urlsplit

from deeptone_tui.session.failures import ConnectionFailed, Failure

_DEFAULT_PORTS = {
    "http": 80,
    "https": 443,
    "socks4": 1080,
    "socks4a": 1080,
    "socks5": 1080,
    "socks5h": 1080,
}
_OTHER_NAMES = {"socks": "socks4"}
"""As curl has it."""
_NOT_IN_A_HOST = re.compile(r"[\s%<>\\^`{|}\"]")
_PORTED = re.compile(r"\[(?P<bracketed>[^\]]*)\](:(?P<a>\d+))?|(?P<plain>[^:]*):(?P<b>\d+)")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, and who names it."""

    variable: str
    """Of the environment, spelled as it stands there."""
    scheme: str
    """``http``, ``https``, ``socks4``, ``socks4a``, ``socks5`` or ``socks5h``."""
    host: str
    port: int
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)

    @property
    def is_socks(self) -> bool:
        """Whether it passes on bytes, and knows nothing of HTTP."""
        return self.scheme.startswith("socks")

    @property
    def place(self) -> str:
        """Host and port, as in an address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def name(self) -> str:
        """What it is called in words: never with user or password."""
        return f"the proxy of {self.variable} ({self.place})"


def proxy_for(url: str, environment: Mapping[str, str]) -> Proxy | None:
    """Return the proxy for a websocket; None where it is called directly.

    ``http_proxy`` is for ``ws://`` what ``https_proxy`` is for ``wss://``; one of ``ws_proxy`` or
    ``wss_proxy`` is more exact, ``all_proxy`` less. The spelling in small letters comes first, and
    an empty variable is none, as for curl.

    Args:
        url: ``ws://…`` or ``wss://…``.
        environment: variables, or what stands for them.

    Raises:
        ConnectionFailed: when a variable cannot be understood; the words name it.
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
    """Return what a variable names; without a scheme it is HTTP, as for curl.

    Raises:
        ConnectionFailed: when it cannot be understood.
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
    """The parts of an address. What stands in it is not repeated: it may be a password."""
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
    """Variables of a name in any spelling that hold something, small letters first."""
    spelled = [each for each in environment if each.lower() == name]
    for variable in sorted(spelled, reverse=True):
        if value := environment[variable].strip():
            yield variable, value


def _is_excepted(host: str, port: int, environment: Mapping[str, str]) -> bool:
    """Whether ``no_proxy`` names a host: itself, a domain above it, or a network around it."""
    for _, value in _set("no_proxy", environment):
        return any(_covers(each, host, port) for each in re.split(r"[\s,]+", value) if each)
    return False


def _covers(entry: str, host: str, port: int) -> bool:
    """Whether one of the entries of ``no_proxy`` means a host (and port)."""
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
