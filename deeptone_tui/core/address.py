"""Addresses of endpoints and hosts: parsed, shown, redacted, loopback.

The C library asks the name server for ``localhost`` if ``/etc/hosts`` lacks it, as in bare
containers. It must not (RFC 6761, section 6.3).
"""

import contextlib
import ipaddress
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from deeptone_tui.core.redaction import PARAMETERS, SHORTEST_CHARS, redacted
from deeptone_tui.core.text import KEY_RULE, is_key

AddressInfo = tuple[
    socket.AddressFamily,
    socket.SocketKind,
    int,
    str,
    tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes],
]
"""One result of ``socket.getaddrinfo``."""
_LOCALHOST = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}

LOCAL: Final = "local"
"""Word for the local endpoint where an address is expected."""
DEFAULT_PATH: Final = "/stream"
PLACEHOLDER: Final = "YOUR_API_KEY"
"""Placeholder for a key in the documentation."""
_KEY_NAME: Final = "api_key"
_SCHEMES: Final = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
_SECRET_NAME: Final = re.compile(r"key|token|secret|pass|auth|sign|credential", re.IGNORECASE)
"""Names of query parameters whose values are treated as secrets."""
_PATH_CHARACTERS: Final = "/%:@!$&'()*+,;=~-._"


def is_localhost(host: str) -> bool:
    """Return True if a name denotes this machine by definition: ``localhost``, ``a.localhost``."""
    return f".{host.casefold().removesuffix('.')}".endswith(".localhost")


def is_loopback(host: str) -> bool:
    """Return True if a name or a numeric address, with or without a zone, is the loopback."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return is_localhost(host)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def look_up(
    host: str | None,
    port: int | None,
    *,
    family: int = socket.AF_UNSPEC,
    flags: int = 0,
) -> Sequence[AddressInfo]:
    """Return the TCP addresses of a host; blocks while the system resolves its name.

    Args:
        host: name or address; None as for ``socket.getaddrinfo``.
        port: TCP port.
        family: address family, or `socket.AF_UNSPEC` for both.
        flags: ``AI_…`` of `socket`.

    Raises:
        OSError: if the host has no address.
        UnicodeError: if the text cannot be a host name.
    """
    if host is None or not is_localhost(host):
        return socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=flags)
    own = [each for each in _LOCALHOST if family in (socket.AF_UNSPEC, each) and _has(each)]
    if not own:
        raise socket.gaierror(socket.EAI_NONAME, "no loopback address of this family")
    flags = (flags & ~socket.AI_ADDRCONFIG) | socket.AI_NUMERICHOST
    return [
        info
        for each in own
        for info in socket.getaddrinfo(_LOCALHOST[each], port, each, socket.SOCK_STREAM, 0, flags)
    ]


def _has(family: socket.AddressFamily) -> bool:
    """Return True if this machine has the loopback address of a family; IPv6 may be off."""
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.bind((_LOCALHOST[family], 0))
        return True
    return False


class AddressError(ValueError):
    """Unusable address. The one-line message never repeats the text, which may hold a key."""


class NotAnAddressError(AddressError):
    """A text that does not have the form of an address."""


@dataclass(frozen=True, slots=True)
class EndpointAddress:
    """Address of an endpoint, and the key from its query."""

    url: str
    """``ws://`` or ``wss://`` with a path, and the query without the key."""
    api_key: str | None = field(default=None, repr=False)

    @property
    def whole(self) -> str:
        """Complete address, with the key in the query."""
        if self.api_key is None:
            return self.url
        mark = "&" if "?" in self.url else "?"
        return f"{self.url}{mark}{urlencode({_KEY_NAME: self.api_key})}"


def parse_address(text: str) -> EndpointAddress:
    """Parse the address of an endpoint.

    ``http`` and ``https`` become ``ws`` and ``wss``; an empty path becomes ``/stream``; a key is
    removed from the query and returned separately. The redactor learns the secrets in the address.

    Args:
        text: the address as typed in an option, a variable, a file or a dialog.

    Raises:
        NotAnAddressError: if the text does not have the form of an address.
        AddressError: if the address contains something that is not allowed in it.
    """
    url = text.strip()
    redacted.learn_address(url)
    if " " in url or not url.isprintable():
        raise AddressError("an address contains no spaces, line ends or invisible characters")
    try:
        parts = urlsplit(url)
        host_usable = _is_host(parts.hostname or "") and "\\" not in parts.netloc
        usable = parts.scheme in _SCHEMES and parts.port != 0 and host_usable
    except ValueError:
        usable = False
    if not usable:
        raise NotAnAddressError("an address looks like wss://HOST/stream or ws://HOST:PORT/stream")
    if "#" in url:
        raise AddressError("a websocket address has no '#'")
    query = parse_qsl(parts.query, keep_blank_values=True)
    for name, _ in query:
        if name in PARAMETERS:
            raise AddressError(f"{name} belongs in its own option, not in the address")
    key = next((value for name, value in query if name == _KEY_NAME), None) or None
    if key is not None and not is_key(key):
        raise AddressError(KEY_RULE)
    rest = urlencode([(name, value) for name, value in query if name != _KEY_NAME])
    path = DEFAULT_PATH if parts.path in {"", "/"} else parts.path
    return EndpointAddress(urlunsplit((_SCHEMES[parts.scheme], parts.netloc, path, rest, "")), key)


def parse_endpoint(text: str) -> str:
    """Return the address of an endpoint in normalised form, or `LOCAL` unchanged.

    Raises:
        AddressError: as for `parse_address`.
    """
    return LOCAL if text == LOCAL else parse_address(text).whole


def host_and_port(url: str) -> str:
    """Return host and port of an address as written, without path, query, user and password."""
    return urlsplit(url).netloc.rpartition("@")[2]


def displayed(url: str) -> str:
    """Return an address without user, password, query and fragment; empty if invalid."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, host_and_port(url), parts.path, "", ""))


def exported(url: str) -> str:
    """Return an address in normalised form that is safe to pass on.

    User, password and key are removed. A query value is replaced by the placeholder if its name
    suggests a secret, or if it is long enough to be a secret of any name.
    """
    url = url.strip()
    parts = urlsplit(url)
    pairs = [
        (name, PLACEHOLDER if _SECRET_NAME.search(name) or len(value) >= SHORTEST_CHARS else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name != _KEY_NAME
    ]
    scheme = _SCHEMES.get(parts.scheme, parts.scheme)
    path = "" if parts.path in {"", "/"} else quote(parts.path, safe=_PATH_CHARACTERS)
    return urlunsplit((scheme, host_and_port(url), path or DEFAULT_PATH, urlencode(pairs), ""))


def holds_secret(url: str) -> bool:
    """Return True if an address holds a user, a password or a parameter with a secret's name."""
    parts = urlsplit(url)
    names = (name for name, _ in parse_qsl(parts.query))
    return "@" in parts.netloc or any(_SECRET_NAME.search(name) for name in names)


def on_loopback(url: str) -> bool:
    """Return True if the host of an address is this machine's loopback."""
    return is_loopback(urlsplit(url).hostname or "")


def is_readable_on_the_way(url: str) -> bool:
    """Return True if traffic to an address crosses a network unencrypted."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
    except ValueError:
        return False
    return _SCHEMES.get(parts.scheme) == "ws" and not is_loopback(host)


def _is_host(host: str) -> bool:
    """Return True if a host is an IPv6 address, or not empty and valid as an IDNA name.

    Raises:
        ValueError: if a label is empty or too long (UnicodeError).
    """
    if ":" not in host:
        host.removesuffix(".").encode("idna")  # raises for empty and overlong labels
    return bool(host)
