"""An endpoint of the worst manners, another for each connection."""

import asyncio
import contextlib
import itertools
import json
import struct
import threading
from collections.abc import AsyncIterator, Iterator
from random import Random
from typing import Final

from fuzz.targets.wire import ACCEPT, FRAMES, UPGRADED, accepted, frame

_GREETING: Final = b'{"message_type":"connection","message":"hello","end_of_audio":true}'
_TEXT, _PING = 0x81, 0x89
_PERIOD_BYTES: Final = 1024 * 32
MANNERS: Final = ("refuse", "honest", "broken", "errors", "tiny", "fat")
_DATES: Final = (
    b"Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    b"9" * 400,
    b"-1",
    b"0",
    b"1e999",
    "٣".encode(),
    b"Mon, 01 Jan 2000 00:00:00 +9999",
)
"""When to come again, for a client that takes numbers as they come."""
_FAT: Final = 100_000
"""Bytes of an answer that nobody asked for."""


class BesiegedEndpoint:
    """Speaks in a thread of its own.

    Args:
        seed: of what it does when.
        manners: names of those it has; all of them, in turns of some seconds, if none is named.
    """

    def __init__(self, seed: int, *manners: str) -> None:
        self._manners = [getattr(self, f"_{name}") for name in manners or MANNERS]
        self._lasts_s = (3600.0, 3600.0) if manners else (1.0, 8.0)
        self.url = ""
        self.connections = 0
        self._random = Random(seed)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Listen on a free port of this machine."""
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        """End the thread; connections that are open are dropped with it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 24)
        )
        self.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/stream"
        self._ready.set()
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        manner = self._random.choice(self._manners)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError, StopIteration):
            head = await reader.readuntil(b"\r\n\r\n")
            accept = accepted(head)
            async with asyncio.timeout(self._random.uniform(*self._lasts_s)):
                await manner(reader, writer, accept)
        writer.transport.abort()

    async def _refuse(
        self, _: asyncio.StreamReader, writer: asyncio.StreamWriter, _accept: bytes
    ) -> None:
        """Be too busy, and say when to come again in a way that nobody can read.

        Not any handshake: one that is refused for good waits for somebody who changes it.
        """
        date = self._random.choice(_DATES)
        writer.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: %s\r\n\r\n" % date)
        await writer.drain()

    async def _honest(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, accept: bytes
    ) -> None:
        """Answer each second of audio."""
        self._greet(writer, accept)
        got = answered = 0
        async for size in _audio(reader):
            got += size
            while got >= (answered + 1) * _PERIOD_BYTES:
                writer.write(frame(_result(answered * 1024.0), first=_TEXT))
                answered += 1
            await writer.drain()

    async def _broken(
        self, _: asyncio.StreamReader, writer: asyncio.StreamWriter, accept: bytes
    ) -> None:
        """A good handshake, and frames that are not."""
        writer.write(FRAMES.make(self._random).replace(ACCEPT, accept))
        await writer.drain()

    async def _errors(
        self, _: asyncio.StreamReader, writer: asyncio.StreamWriter, accept: bytes
    ) -> None:
        """Errors without end, each another."""
        self._greet(writer, accept)
        for number in itertools.takewhile(lambda _: not writer.is_closing(), itertools.count()):
            text = json.dumps({"message_type": "error", "message": f"oops {number}"})
            writer.write(frame(text.encode(), first=_TEXT))
            if number % 500 == 0:
                await writer.drain()

    async def _tiny(
        self, _: asyncio.StreamReader, writer: asyncio.StreamWriter, accept: bytes
    ) -> None:
        """Pings, empty messages and messages of nothing, without end."""
        self._greet(writer, accept)
        while not writer.is_closing():
            writer.write((frame(b"", first=_PING) + frame(b"{}", first=_TEXT)) * 500)
            await writer.drain()

    async def _fat(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, accept: bytes
    ) -> None:
        """A fat result for each sample."""
        self._greet(writer, accept)
        sample = 0
        async for size in _audio(reader):
            if writer.is_closing():
                return
            for _ in range(min(size // 2, 40)):
                writer.write(frame(_result(sample / 16, "x" * _FAT), first=_TEXT))
                sample += 1
            await writer.drain()

    def _greet(self, writer: asyncio.StreamWriter, accept: bytes) -> None:
        writer.write(UPGRADED.replace(ACCEPT, accept) + frame(_GREETING, first=_TEXT))


def _result(timestamp: float, more: str = "") -> bytes:
    """A result of speech."""
    answer = {"result": "speech", "confidence": 0.9, "more": more}
    step = {"timestamp": timestamp, "results": {"speech-rt": answer}}
    return json.dumps({"message_type": "results", "results": {"channels": {"0": step}}}).encode()


async def _audio(reader: asyncio.StreamReader) -> AsyncIterator[int]:
    """Bytes of each binary message."""
    while True:
        first, second = await reader.readexactly(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", await reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await reader.readexactly(8))
        await reader.readexactly(size + (4 if second & 0x80 else 0))
        if first & 0x0F == 2:
            yield size


@contextlib.contextmanager
def besieged_endpoint(seed: int, *manners: str) -> Iterator[BesiegedEndpoint]:
    """The endpoint, stopped in the end."""
    endpoint = BesiegedEndpoint(seed, *manners)
    endpoint.start()
    try:
        yield endpoint
    finally:
        endpoint.stop()
