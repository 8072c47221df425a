"""This machine by its own names, and addresses of names; asks nobody for ``localhost``.

The C library asks the name server for it where ``/etc/hosts`` does not have it, as in bare
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
"""As ``socket.getaddrinfo`` answers."""
_LOCALHOST = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


def is_localhost(host: str) -> bool:
    """Whether a name stands for this machine by definition: ``localhost``, ``a.localhost``."""
    return f".{host.casefold().removesuffix('.')}".endswith(".localhost")


def is_loopback(host: str) -> bool:
    """Whether a name or a numeric address, with a zone or not, is this machine's loopback."""
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
    """Return the addresses of a host for TCP; blocks where the system has to ask somebody.

    Args:
        host: name or address; None as ``socket.getaddrinfo`` takes it.
        port: TCP port.
        family: of addresses, or `socket.AF_UNSPEC` for both.
        flags: ``AI_…`` of `socket`.

    Raises:
        OSError: when it has none.
        UnicodeError: when it cannot be a name.
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
    """Whether this machine has its loopback address of a family: IPv6 may be off."""
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.bind((_LOCALHOST[family], 0))
        return True
    return False
