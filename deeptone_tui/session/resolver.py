"""Name resolution that never holds up the end of the program."""

import functools
import socket

from aiohttp.abc import AbstractResolver, ResolveResult

from deeptone_tui.core.loopback import AddressInfo, look_up
from deeptone_tui.session.daemon import in_daemon_thread


class DaemonResolver(AbstractResolver):
    """``getaddrinfo`` in a daemon thread of each lookup.

    There is one lookup at a time, because a session makes one connection at a time.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Addresses of a host.

        Raises:
            OSError: when it has none.
        """
        asking = functools.partial(_look_up, host, port, family)
        return await in_daemon_thread(asking, name="resolver")

    async def close(self) -> None:
        """Nothing to release."""


def _look_up(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    """Ask the system."""
    try:
        infos = look_up(host, port, family=family, flags=socket.AI_ADDRCONFIG)
    except UnicodeError:
        raise socket.gaierror(socket.EAI_NONAME, "not a host name") from None
    return [_result(host, info) for info in infos]


def _result(host: str, info: AddressInfo) -> ResolveResult:
    """One answer of ``getaddrinfo`` in aiohttp's shape."""
    family, _, proto, _, address = info
    # A scope id belongs to link-local IPv6 addresses; getnameinfo spells it as aiohttp does.
    numeric, port = socket.getnameinfo(address, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)
    return ResolveResult(
        hostname=host,
        host=numeric,
        port=int(port),
        family=family,
        proto=proto,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
