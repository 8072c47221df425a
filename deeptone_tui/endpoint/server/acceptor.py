"""Listening sockets of HTTP servers, and a limited number of connections at a bounded rate."""

import asyncio
import contextlib
import errno
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiohttp import web

from deeptone_tui.core.address import is_loopback, look_up
from deeptone_tui.core.text import reason_of
from deeptone_tui.endpoint.options import EndpointError, KeyNeeded, ServerOptions
from deeptone_tui.protocol import encode_error

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

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

HANDSHAKE_HEADERS: Final = (
    *("Connection", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version"),
    *("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"),
)

BACKLOG = 128
"""Connections that wait in the kernel."""
RECEIVE_BUFFER_BYTES = 128 * 1024
"""Kernel receive buffer of each connection, instead of megabytes: a client that is faster than the
models then meets backpressure after seconds of audio, not after minutes."""
SEND_BUFFER_BYTES = 128 * 1024
"""Kernel send buffer: results for a client that does not read."""
ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""Errors for an address that this machine does not have, such as ::1 without IPv6."""


async def listen(options: ServerOptions) -> list[socket.socket]:
    """Open listening sockets for every address of the host, all on the same port.

    Raises:
        KeyNeeded: if an address is not loopback and no key is set.
        EndpointError: for an unknown host, or a port in use or not permitted.
    """
    addresses = await _addresses(options.host)
    if options.api_key is None and not all(map(is_loopback, addresses)):
        raise KeyNeeded(
            f"{options.host} can be reached from other machines: set an API key, "
            "or listen on 127.0.0.1"
        )
    port, absent = options.port, None
    with contextlib.ExitStack() as opened:
        sockets: list[socket.socket] = []
        for address in addresses:
            try:
                sockets.append(opened.enter_context(_bound(address, port)))
            except OSError as error:
                if error.errno not in ABSENT:
                    raise EndpointError(_in_words(error, options.host, port)) from error
                absent = error
                continue
            port = sockets[0].getsockname()[1]
        if absent is not None and not sockets:
            raise EndpointError(_in_words(absent, options.host, port)) from absent
        opened.pop_all()
    return sockets


async def _addresses(host: str) -> list[str]:
    """Resolve a name to its distinct numeric addresses.

    Raises:
        EndpointError: if the name does not resolve.
    """
    try:
        found = await asyncio.to_thread(look_up, host, None, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise EndpointError(f"cannot listen on {host}: there is no such host") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _bound(address: str, port: int) -> socket.socket:
    """Open a socket that listens on one numeric address.

    Raises:
        OSError: if that is not possible.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        made.bind((address, port))
        made.listen(BACKLOG)
    except OSError:
        made.close()
        raise
    made.setblocking(False)
    return made


def _in_words(error: OSError, host: str, port: int) -> str:
    """Return the reason of a failure to listen, and the remedy."""
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use: choose another, or 0 for a free one"
    if error.errno == errno.EACCES:
        return f"port {port} needs administrator's rights: choose one from 1024 on"
    if error.errno in ABSENT:
        return f"{host} is no address of this machine"
    return f"cannot listen on {host}, port {port}: {reason_of(error)}"


class ConnectionAcceptor:
    """Acceptor of a server's connections, with a token bucket and a connection limit.

    Connections over the limit get an error response and are closed; those over the rate wait in
    the kernel.

    Args:
        server: server of the connections.
        limit: maximum of open connections of any kind.
        on_refused: called for each refused connection.
        silent_give_way: True to close, at the limit, the connection that has been silent longest
            instead of refusing the new one.
    """

    def __init__(
        self,
        server: web.Server,
        *,
        limit: int,
        on_refused: Callable[[], None],
        silent_give_way: bool,
    ) -> None:
        self._server = server
        self._limit = min(limit, max_connections())
        self._on_refused = on_refused
        self._silent_give_way = silent_give_way
        self._silent: dict[asyncio.BaseTransport, None] = {}  # oldest first
        self._free_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def connections(self) -> int:
        """Number of open connections."""
        return len(self._server.connections)

    def note_request(self, transport: asyncio.BaseTransport | None) -> None:
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
            await self._take_token(loop.time())
            try:
                connection, _ = await loop.sock_accept(listening)
            except OSError:  # the peer has left, or no file descriptors remain
                await asyncio.sleep(OUT_OF_FILES_SECONDS)
                continue
            if self.connections >= self._limit and not self._abort_oldest_silent():
                self._on_refused()
                refuse(connection)
                continue
            with contextlib.suppress(OSError):  # the peer has left
                transport, _ = await loop.connect_accepted_socket(self._server, connection)
                limit_read_size(transport, REQUEST_BYTES)
                self._remember(transport)

    def _remember(self, transport: asyncio.BaseTransport) -> None:
        """Add a connection to the silent ones and drop closed ones from them."""
        if self._silent_give_way:
            self._silent = {one: None for one in self._silent if not one.is_closing()}
            self._silent[transport] = None

    def _abort_oldest_silent(self) -> bool:
        """Abort the connection that has been silent longest; return True if there was one."""
        silent = next((one for one in self._silent if not one.is_closing()), None)
        if not isinstance(silent, asyncio.WriteTransport):
            return False
        silent.abort()
        return True

    async def _take_token(self, now: float) -> None:
        """Wait for a token of the bucket."""
        self._free_at = max(self._free_at, now - BURST / RATE) + 1 / RATE
        await asyncio.sleep(max(0.0, self._free_at - now))


def limit_read_size(transport: asyncio.BaseTransport | None, size: int) -> None:
    """Set the maximum number of bytes per read, if the event loop supports it."""
    if transport is not None and hasattr(transport, "max_size"):
        transport.max_size = size


def refuse(connection: socket.socket) -> None:
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


def max_connections() -> int:
    """Raise the limit of open files to 4096 if allowed; return the connections it permits."""
    if os.name != "posix":
        return 512
    import resource  # noqa: PLC0415  POSIX only

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        soft = 4096 if hard == resource.RLIM_INFINITY else min(hard, max(soft, 4096))
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(16, soft - RESERVED_FILES)


@web.middleware
async def ascii_handshakes(request: web.Request, handler: "Handler") -> web.StreamResponse:
    """Refuse a handshake with a header that is not ASCII, which aiohttp fails to quote or decode.

    Bytes that are not UTF-8 arrive as surrogates, which no response can hold.
    """
    for name in HANDSHAKE_HEADERS:
        if not all(value.isascii() for value in request.headers.getall(name, ())):
            line = f"the header {name} is not ASCII"
            return web.Response(status=HTTPStatus.BAD_REQUEST, text=encode_error(line))
    return await handler(request)


@contextlib.asynccontextmanager
async def run_application(
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

    async def prepare(request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Server"] = "deeptone-tui"
        response.force_close()
        acceptor.note_request(request.transport)

    app.on_response_prepare.append(prepare)
    app.middlewares.append(ascii_handshakes)
    runner = web.AppRunner(
        app,
        access_log=None,
        keepalive_timeout=KEEPALIVE_SECONDS,
        lingering_time=LINGERING_SECONDS,
        shutdown_timeout=SHUTDOWN_SECONDS,
    )
    await runner.setup()
    assert runner.server is not None  # noqa: S101  set up above
    acceptor = ConnectionAcceptor(
        runner.server, limit=limit, on_refused=on_refused, silent_give_way=silent_give_way
    )
    try:
        yield acceptor
    finally:
        await acceptor.close()
        await runner.cleanup()
