"""Name resolution that never holds up the end of the program."""

import asyncio
import socket
import threading

from aiohttp.abc import AbstractResolver, ResolveResult

from deeptone_tui.loopback import AddressInfo, look_up


class DaemonResolver(AbstractResolver):
    """``getaddrinfo`` in a daemon thread of each lookup.

    The usual thread pool is joined when the interpreter exits, and a lookup in a network that
    drops packets takes half a minute: quitting would wait for it. A lookup that is cancelled
    here goes on in its thread and its outcome is dropped; there is one lookup at a time,
    because a session makes one connection at a time.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Addresses of a host.

        Raises:
            OSError: when it has none.
        """
        loop = asyncio.get_running_loop()
        found: asyncio.Future[list[ResolveResult]] = loop.create_future()
        arguments = (host, port, family, loop, found)
        threading.Thread(target=_look_up, args=arguments, name="resolver", daemon=True).start()
        return await found

    async def close(self) -> None:
        """Nothing to release."""


def _look_up(
    host: str,
    port: int,
    family: socket.AddressFamily,
    loop: asyncio.AbstractEventLoop,
    found: "asyncio.Future[list[ResolveResult]]",
) -> None:
    """Ask the system, and hand the outcome to the loop if it still wants it."""
    outcome: list[ResolveResult] | OSError
    try:
        infos = look_up(host, port, family=family, flags=socket.AI_ADDRCONFIG)
        outcome = [_result(host, info) for info in infos]
    except UnicodeError:
        outcome = socket.gaierror(socket.EAI_NONAME, "not a host name")
    except OSError as error:
        outcome = error

    def deliver() -> None:
        if found.done():
            return
        if isinstance(outcome, OSError):
            found.set_exception(outcome)
        else:
            found.set_result(outcome)

    try:
        loop.call_soon_threadsafe(deliver)
    except RuntimeError:
        return  # the loop has ended meanwhile: nobody wants the address any more


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
