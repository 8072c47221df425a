"""A tiny HTTP proxy: CONNECT tunnels, and absolute URLs passed on."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlsplit


class HttpProxy:
    """Listens on a free port of this machine and remembers what it was asked."""

    def __init__(self, *, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Answer CONNECT with this status."""
        self.requests: list[str] = []
        self.heads: list[bytes] = []
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        self.url = ""
        self._status = status
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client."""
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        request, _, rest = head.partition(b"\r\n")
        method, target, _ = request.decode().split()
        self.requests.append(f"{method} {target}")
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            writer.write(f"HTTP/1.1 {self._status} Whatever\r\n{self._headers}\r\n".encode())
            first = b""
        else:
            parts = urlsplit(target)
            host, port = parts.hostname or "", str(parts.port)
            first = f"{method} {parts.path}?{parts.query} HTTP/1.1\r\n".encode() + rest
        if self._status == 200:
            upstream_reader, upstream = await asyncio.open_connection(host, int(port))
            upstream.write(first)
            with contextlib.suppress(ConnectionError):
                await asyncio.gather(pump(reader, upstream), pump(upstream_reader, writer))
        writer.close()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on until the end."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def proxied(
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[HttpProxy]:
    """A running proxy, itself behind TLS or not."""
    proxy = HttpProxy(status=status, headers=headers)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, ssl=tls)
    scheme = "https" if tls else "http"
    proxy.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
