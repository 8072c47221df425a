"""Loopback names and addresses of this machine, and ``localhost`` without a name server.

The C library asks the name server for ``localhost`` if ``/etc/hosts`` lacks it, as in bare
containers. It must not (RFC 6761, section 6.3).
"""

import contextlib
import ipaddress
import socket
from collections.abc import Sequence

AddressInfo = tuple[
    socket.AddressFamily,
    socket.SocketKind,
    int,
    str,
    tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes],
]
"""One result of ``socket.getaddrinfo``."""
_LOCALHOST = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


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
