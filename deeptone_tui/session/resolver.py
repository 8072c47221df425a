"""Name resolution in daemon threads, which never delay the program's exit."""

import asyncio
import functools
import socket
import threading
from collections.abc import Callable
from typing import TypeVar

from aiohttp.abc import AbstractResolver, ResolveResult

from deeptone_tui.core.loopback import AddressInfo, look_up

T = TypeVar("T")


async def in_daemon_thread(function: Callable[[], T], *, name: str) -> T:
    """Run a function in a daemon thread; return its result or raise its exception.

    The default thread pool is joined when the interpreter exits, and a lookup in a network that
    drops packets takes half a minute: quitting would wait for it. If this is cancelled, the
    function continues in its thread and its outcome is dropped.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()
    arguments = (function, loop, outcome)
    threading.Thread(target=_run, args=arguments, name=name, daemon=True).start()
    return await outcome


def _run(
    function: Callable[[], T],
    loop: asyncio.AbstractEventLoop,
    outcome: "asyncio.Future[T]",
) -> None:
    """Call the function, and pass its outcome to the loop if it is still awaited."""
    result: list[T] = []
    failure: list[Exception] = []
    try:
        result.append(function())
    except Exception as error:  # noqa: BLE001  raised again where it is awaited
        failure.append(error)

    def deliver() -> None:
        if outcome.done():
            return
        if failure:
            outcome.set_exception(failure[0])
        else:
            outcome.set_result(result[0])

    try:
        loop.call_soon_threadsafe(deliver)
    except RuntimeError:
        return  # the loop has ended meanwhile: nobody awaits the outcome


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
        return await in_daemon_thread(asking, name="resolver")

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
