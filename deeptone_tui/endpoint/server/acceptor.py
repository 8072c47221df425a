"""HTTP servers that strangers cannot hold up: connections counted, and at a bounded rate."""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from aiohttp import web

from deeptone_tui.protocol import encode_error

RATE: Final = 50.0
"""Connections a second in the long run; each costs about a millisecond and a half."""
BURST: Final = 20
"""Connections that may come at once before that."""
REQUEST_BYTES: Final = 256
"""Read at a time from a connection that has not become a stream, instead of asyncio's 256 KiB.
What is read is parsed in one go, and a quarter of a megabyte holds ten thousand requests."""
STREAM_BYTES: Final = 16 * 1024
"""Read at a time from a stream: half a second of audio, or two thousand frames of a byte."""
RESERVED_FILES: Final = 64
"""File descriptors for everything that is no connection."""
RETRY_SECONDS: Final = 1
OUT_OF_FILES_SECONDS: Final = 0.1
FULL: Final = "too many connections: try again later"

KEEPALIVE_SECONDS: Final = 15.0
"""For an HTTP connection between requests, and for one that never finishes its first."""
LINGERING_SECONDS: Final = 0.0
"""For the rest of a request that has been answered already; nothing here takes a body."""
SHUTDOWN_SECONDS: Final = 0.05
"""aiohttp waits this long for handlers, twice, before it cancels them."""
QUIET: Final = logging.getLogger("aiohttp.server"), logging.getLogger("aiohttp.websocket")
"""aiohttp's complaints about requests repeat what they did not like, which may hold a key."""


class ConnectionAcceptor:
    """Accepts connections for a server, one after another.

    Those over the limit are told so and closed; those that come too fast wait in the kernel.

    Args:
        make_protocol: the server's side of a connection.
        limit: connections of any kind that may be open.
        count: how many are open.
        on_refused: hears of each that is sent away.
        silent_give_way: whether at the limit the one that has been silent for longest is ended
            instead, so that who has something to say comes in.
    """

    def __init__(
        self,
        make_protocol: Callable[[], asyncio.Protocol],
        *,
        limit: int,
        count: Callable[[], int],
        on_refused: Callable[[], None],
        silent_give_way: bool = False,
    ) -> None:
        self._make_protocol = make_protocol
        self._limit = min(limit, most_connections())
        self._count = count
        self._on_refused = on_refused
        self._silent_give_way = silent_give_way
        self._silent: dict[asyncio.BaseTransport, None] = {}  # the oldest first
        self._free_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def connections(self) -> int:
        """How many are open."""
        return self._count()

    def heard(self, transport: asyncio.BaseTransport | None) -> None:
        """Note that a connection has asked for something."""
        if transport is not None:
            self._silent.pop(transport, None)

    def open(self, sockets: Sequence[socket.socket]) -> None:
        """Begin to accept on these sockets, which listen already."""
        self._tasks = [asyncio.create_task(self._accept_from(one)) for one in sockets]

    async def close(self) -> None:
        """Accept no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept_from(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._pace(loop.time())
            try:
                connection, _ = await loop.sock_accept(listening)
            except OSError:  # it has gone again, or there are no files left
                await asyncio.sleep(OUT_OF_FILES_SECONDS)
                continue
            if self._count() >= self._limit and not self._end_a_silent_one():
                self._on_refused()
                send_away(connection)
                continue
            with contextlib.suppress(OSError):  # it has gone again
                transport, _ = await loop.connect_accepted_socket(self._make_protocol, connection)
                read_at_a_time(transport, REQUEST_BYTES)
                self._remember(transport)

    def _remember(self, transport: asyncio.BaseTransport) -> None:
        """Take note of a connection that has said nothing yet; of those that live, no others."""
        if self._silent_give_way:
            self._silent = {one: None for one in self._silent if not one.is_closing()}
            self._silent[transport] = None

    def _end_a_silent_one(self) -> bool:
        """End the connection that has been silent for longest; whether there was one."""
        silent = next((one for one in self._silent if not one.is_closing()), None)
        if not isinstance(silent, asyncio.WriteTransport):
            return False
        silent.abort()
        return True

    async def _pace(self, now: float) -> None:
        """Wait while more have come than the rate allows."""
        self._free_at = max(self._free_at, now - BURST / RATE) + 1 / RATE
        await asyncio.sleep(max(0.0, self._free_at - now))


def read_at_a_time(transport: asyncio.BaseTransport | None, size: int) -> None:
    """Set how many bytes one read takes at most, where the event loop has that."""
    if transport is not None and hasattr(transport, "max_size"):
        transport.max_size = size


def send_away(connection: socket.socket) -> None:
    """Answer a connection that there is no room for, without waiting for what it wants."""
    body = encode_error(FULL).encode()
    head = (
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
        f"Retry-After: {RETRY_SECONDS}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with connection, contextlib.suppress(OSError):
        connection.setblocking(False)
        connection.send(head.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(STREAM_BYTES)  # unread bytes would turn the close into a reset


def most_connections() -> int:
    """How many connections the system's limit of open files has room for."""
    if os.name != "posix":
        return 512
    import resource  # noqa: PLC0415  not everywhere

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        soft = 4096 if hard == resource.RLIM_INFINITY else min(hard, max(soft, 4096))
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(16, soft - RESERVED_FILES)


@contextlib.asynccontextmanager
async def open_house(
    app: web.Application,
    *,
    limit: int,
    on_refused: Callable[[], None] = lambda: None,
    silent_give_way: bool = False,
) -> AsyncIterator[ConnectionAcceptor]:
    """Give a doorway to an application; in the end it is shut first.

    Connections are counted, and each is answered once: one that could ask on and on would get by
    the doorway. Answers do not tell the versions of Python and of libraries.

    Args:
        app: not started yet.
        limit: connections of any kind that may be open.
        on_refused: hears of each that is sent away.
        silent_give_way: whether those that have asked for nothing yet make room at the limit.
    """
    for logger in QUIET:
        logger.disabled = True
    app.on_response_prepare.append(_signed)
    runner = web.AppRunner(
        app,
        access_log=None,
        keepalive_timeout=KEEPALIVE_SECONDS,
        lingering_time=LINGERING_SECONDS,
        shutdown_timeout=SHUTDOWN_SECONDS,
    )

    async def heard(request: web.Request, _: web.StreamResponse) -> None:
        doorway.heard(request.transport)

    app.on_response_prepare.append(heard)
    await runner.setup()
    server = runner.server
    assert server is not None  # noqa: S101  it has just been set up
    doorway = ConnectionAcceptor(
        server,
        limit=limit,
        count=lambda: len(server.connections),
        on_refused=on_refused,
        silent_give_way=silent_give_way,
    )
    try:
        yield doorway
    finally:
        await doorway.close()
        await runner.cleanup()


async def _signed(_: web.Request, response: web.StreamResponse) -> None:
    """Say who answers, and answer once."""
    response.headers["Server"] = "deeptone-tui"
    response.force_close()
