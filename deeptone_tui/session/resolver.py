"""Name resolution in daemon threads, which never delay the program's exit."""

import functools
import socket

from aiohttp.abc import AbstractResolver, ResolveResult

from deeptone_tui.core.address import AddressInfo, look_up
from deeptone_tui.core.blocking import call_in_thread


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
