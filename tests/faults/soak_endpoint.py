"""The scripted endpoint as a process of its own, that keeps no audio: for the soak.

It prints its address. Each line on its standard input names how one connection will be, the next
that nobody has spoken for; at the end of the input it ends.
"""

import asyncio
import sys
from collections import deque

from aiohttp import web
from faults.behaviours import behave, closing, falling_silent, shuffling, verdict
from support.endpoints.scripted_endpoint import Peer, Refusal, Script, served

NAMED: dict[str, Script | Refusal] = {
    "HTTP 429": Refusal(429, {"Retry-After": "1"}),
    "HTTP 503": Refusal(503),
    "close 1001": closing(1001),
    "close 1006": closing(1006),
    "close 1011": closing(1011),
    "silence": falling_silent(after=20),
    "out of order": shuffling,
}
"""Faults of the endpoint by their names."""


class Endpoint:
    """Plays what it was told for one connection, and behaves on all others."""

    def __init__(self) -> None:
        self.upcoming: deque[str] = deque()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection."""
        script = NAMED[self.upcoming.popleft()] if self.upcoming else behave
        if isinstance(script, Refusal):
            return web.Response(status=script.status, headers=script.headers)
        socket = web.WebSocketResponse(autoclose=False)
        try:
            await socket.prepare(request)
        except ConnectionError:
            return web.Response()
        peer = Peer(request, socket, verdict)
        peer.forgets = True
        try:
            await script(peer)
            await socket.close()
        except ConnectionError:
            pass  # the monitor, or the line to it, has gone
        return socket


async def main() -> None:
    """Serve until there is nothing more to read."""
    endpoint = Endpoint()
    async with served(handler=endpoint.handle) as server:
        print(server.url, flush=True)  # noqa: T201  its answer
        loop, commands = asyncio.get_running_loop(), asyncio.StreamReader()
        # No thread: those of this process are counted.
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
        while line := await commands.readline():
            endpoint.upcoming.append(line.decode().strip())


if __name__ == "__main__":
    asyncio.run(main())
