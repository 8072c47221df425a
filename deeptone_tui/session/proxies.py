"""Proxies and logins: from the environment, and from a ``netrc`` file."""

import ipaddress
import netrc
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from urllib.parse import SplitResult, unquote, urlsplit

from deeptone_tui.core.text import reason_of
from deeptone_tui.session.failures import ConnectionFailed, Failure

LONGEST_NETRC_BYTES = 1_000_000
"""Largest file that is read, in bytes."""
Login = tuple[str, str]
"""User and password."""

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


def not_found(proxy: Proxy) -> Failure:
    """Return the failure for a proxy whose host name has no address."""
    return Failure(f"{proxy.name} could not be found")


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


def login_for(host: str, environment: Mapping[str, str]) -> Login | None:
    """Return the login for a host; None if the file has none or cannot be used.

    Args:
        host: Name as in the address.
        environment: Environment variables; ``NETRC`` may name a file other than ``~/.netrc``.
    """
    try:
        place = Path(environment.get("NETRC") or Path.home() / ".netrc")
        entry = read_netrc(place).authenticators(host)
    except (OSError, RuntimeError, ValueError, netrc.NetrcParseError):
        return None
    if entry is None:
        return None
    user, account, password = entry
    return user or account or "", password or ""


def fault_of(place: Path) -> str | None:
    """Describe why a file cannot be used, without quoting it; None if it can be used."""
    try:
        read_netrc(place)
    except netrc.NetrcParseError as error:
        return f"line {error.lineno} is not understood"
    except UnicodeError:
        return "it is not text in UTF-8"
    except OSError as error:
        return reason_of(error)
    except ValueError as error:
        return str(error)
    return None


def read_netrc(place: Path) -> netrc.netrc:
    """Read a netrc file.

    Raises:
        OSError: If there is none.
        ValueError: If it is not a UTF-8 file of acceptable length.
        netrc.NetrcParseError: If it cannot be parsed.
    """
    if not place.is_file():
        place.stat()
        raise ValueError("it is not a file")  # such as a pipe, which may never end
    if place.stat().st_size > LONGEST_NETRC_BYTES:
        raise ValueError("it is too long")
    return netrc.netrc(str(place))
