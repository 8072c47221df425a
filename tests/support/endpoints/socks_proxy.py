"""A tiny SOCKS5 proxy (RFC 1928, RFC 1929), which lets everybody in."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from support.endpoints.http_proxy import pump

_GRANTED, _UNREACHABLE = 0, 4
_IPV4, _NAME = 1, 3
_LOGIN = 2


class SocksProxy:
    """Listens on a free port of this machine and remembers whom it was asked for."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.asked: list[str] = []
        self.place = ""
        self._refuses = refuses

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client."""
        await self._let_in(reader, writer)
        _, _, _, kind = await reader.readexactly(4)
        if kind == _NAME:
            (length,) = await reader.readexactly(1)
            host = (await reader.readexactly(length)).decode()
        else:
            host = ".".join(map(str, await reader.readexactly(4)))
        port = int.from_bytes(await reader.readexactly(2), "big")
        self.asked.append(host)
        answer = _UNREACHABLE if self._refuses else _GRANTED
        writer.write(bytes((5, answer, 0, _IPV4, 0, 0, 0, 0, 0, 0)))
        if not self._refuses:
            upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", port)
            with contextlib.suppress(ConnectionError):
                await asyncio.gather(pump(reader, upstream), pump(upstream_reader, writer))
        writer.close()

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Agree on a method, and take any user with any password."""
        _, count = await reader.readexactly(2)
        method = max(await reader.readexactly(count))
        writer.write(bytes((5, method)))
        if method == _LOGIN:
            for before in (2, 1):  # the version stands before the user's length
                length = (await reader.readexactly(before))[-1]
                await reader.readexactly(length)
            writer.write(bytes((1, 0)))


@contextlib.asynccontextmanager
async def socks_proxied(*, refuses: bool = False) -> AsyncIterator[SocksProxy]:
    """A running proxy."""
    proxy = SocksProxy(refuses=refuses)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.place = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
