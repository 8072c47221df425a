"""Admission control for HTTP servers: a limited number of connections at a bounded rate."""

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
"""Token bucket rate in connections per second; each costs about 1.5 ms."""
BURST: Final = 20
"""Token bucket size in connections."""
REQUEST_BYTES: Final = 256
"""Bytes per read of a connection that has not become a stream, instead of asyncio's 256 KiB.
The bytes of one read are parsed in one call, and 256 KiB hold ten thousand requests."""
STREAM_BYTES: Final = 16 * 1024
"""Bytes per read of a stream: half a second of audio, or two thousand one-byte frames."""
RESERVED_FILES: Final = 64
"""File descriptors reserved for everything but connections."""
RETRY_SECONDS: Final = 1
OUT_OF_FILES_SECONDS: Final = 0.1
FULL: Final = "too many connections: try again later"

KEEPALIVE_SECONDS: Final = 15.0
"""Timeout of an HTTP connection that never completes its first request; after a response the
connection closes."""
LINGERING_SECONDS: Final = 0.0
"""Wait for the rest of a request already answered; no route takes a body."""
SHUTDOWN_SECONDS: Final = 0.05
"""aiohttp waits this long for handlers, twice, before it cancels them."""
QUIET: Final = logging.getLogger("aiohttp.server"), logging.getLogger("aiohttp.websocket")
"""Loggers that are disabled: aiohttp's errors quote the request, which may hold a key."""


class ConnectionAcceptor:
    """Acceptor of a server's connections, with a token bucket and a connection limit.

    Connections over the limit get an error response and are closed; those over the rate wait in
    the kernel.

    Args:
        make_protocol: creates the server's side of a connection.
        limit: maximum of open connections of any kind.
        count: returns the number of open connections.
        on_refused: called for each refused connection.
        silent_give_way: True to close, at the limit, the connection that has been silent longest
            instead of refusing the new one.
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
        self._silent: dict[asyncio.BaseTransport, None] = {}  # oldest first
        self._free_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def connections(self) -> int:
        """Number of open connections."""
        return self._count()

    def heard(self, transport: asyncio.BaseTransport | None) -> None:
        """Record that a connection has sent a request."""
        if transport is not None:
            self._silent.pop(transport, None)

    def open(self, sockets: Sequence[socket.socket]) -> None:
        """Start to accept on these listening sockets."""
        self._tasks = [asyncio.create_task(self._accept_from(one)) for one in sockets]

    async def close(self) -> None:
        """Stop accepting."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept_from(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._pace(loop.time())
            try:
                connection, _ = await loop.sock_accept(listening)
            except OSError:  # the peer has left, or no file descriptors remain
                await asyncio.sleep(OUT_OF_FILES_SECONDS)
                continue
            if self._count() >= self._limit and not self._end_a_silent_one():
                self._on_refused()
                send_away(connection)
                continue
            with contextlib.suppress(OSError):  # the peer has left
                transport, _ = await loop.connect_accepted_socket(self._make_protocol, connection)
                read_at_a_time(transport, REQUEST_BYTES)
                self._remember(transport)

    def _remember(self, transport: asyncio.BaseTransport) -> None:
        """Add a connection to the silent ones and drop closed ones from them."""
        if self._silent_give_way:
            self._silent = {one: None for one in self._silent if not one.is_closing()}
            self._silent[transport] = None

    def _end_a_silent_one(self) -> bool:
        """Abort the connection that has been silent longest; return True if there was one."""
        silent = next((one for one in self._silent if not one.is_closing()), None)
        if not isinstance(silent, asyncio.WriteTransport):
            return False
        silent.abort()
        return True

    async def _pace(self, now: float) -> None:
        """Wait for a token of the bucket."""
        self._free_at = max(self._free_at, now - BURST / RATE) + 1 / RATE
        await asyncio.sleep(max(0.0, self._free_at - now))


def read_at_a_time(transport: asyncio.BaseTransport | None, size: int) -> None:
    """Set the maximum number of bytes per read, if the event loop supports it."""
    if transport is not None and hasattr(transport, "max_size"):
        transport.max_size = size


def send_away(connection: socket.socket) -> None:
    """Refuse a connection with status 503, without waiting for its request."""
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
    """Raise the limit of open files to 4096 if allowed; return the connections it permits."""
    if os.name != "posix":
        return 512
    import resource  # noqa: PLC0415  POSIX only

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
    """Run an application behind a `ConnectionAcceptor`, which stops before the application at exit.

    Each connection serves one request: with keep-alive, its further requests would bypass the
    acceptor. Responses do not reveal the versions of Python and of libraries.

    Args:
        app: application that has not been started.
        limit: maximum of open connections of any kind.
        on_refused: called for each refused connection.
        silent_give_way: True if connections without a request make room at the limit.
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
    assert server is not None  # noqa: S101  set up above
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
    """Set the ``Server`` header and close the connection after this response."""
    response.headers["Server"] = "deeptone-tui"
    response.force_close()
