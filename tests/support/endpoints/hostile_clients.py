"""Clients that mean no good, many of them in a process of their own.

Run as a program: ``python -m support.endpoints.hostile_clients PORT COUNT``. Each client does
what its kind does, over and over; refused or cut off, it comes back after a moment. The kinds
take turns, so that any count has all of them. On a line of stdin it stops, and writes what it has
done.
"""

import asyncio
import base64
import contextlib
import json
import os
import struct
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

MASK: Final = b"\0\0\0\0"
BINARY, TEXT, PING = 2, 1, 9
FIRST_FRAGMENT: Final = b"\x02\x81" + MASK + b"\1"
FRAGMENT: Final = b"\x00\x81" + MASK + b"\1"
POST: Final = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\n"
STREAM: Final = "/stream?models=speech-rt&output_period=64&include_raw_values=true"
COMES_BACK: Final = 0.1
"""Seconds; real ones wait no longer."""
GIBIBYTE: Final = 1 << 30
MANY: Final = 5_000
"""Of what is tiny, written at once: the clients' own work stands for that of other machines."""
CROWD: Final = 72
"""Connections that one client of the storm holds: the fourteen of them make a thousand."""
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def frame(payload: bytes, opcode: int = BINARY) -> bytes:
    """A frame as clients send it, masked with zeros."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    return head + MASK + payload


def request(path: str = STREAM) -> bytes:
    """An opening handshake."""
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    ).encode()


@dataclass(frozen=True, slots=True)
class Flood:
    """The same again and again, for as long as the other side takes it."""

    name: str
    data: bytes
    first: bytes = b""
    """What is said once, before it."""
    times: int = sys.maxsize
    deaf: bool = False
    """No result is read."""
    is_tcp: bool = False
    """Without a handshake."""


class Hostile:
    """One server's enemies, and how often each kind had its way or was sent away."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.done: Counter[str] = Counter()

    async def client(self, number: int) -> None:
        """Be one of the kinds, for as long as it lasts."""
        kind = KINDS[number % len(KINDS)]
        while True:
            try:
                await (self.flooding(kind) if isinstance(kind, Flood) else kind(self))
                self.done[kind.name if isinstance(kind, Flood) else kind.__name__] += 1
            except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                self.done["cut off"] += 1
            await asyncio.sleep(COMES_BACK)

    async def connected(self) -> Streams:
        """A TCP connection."""
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def opened(self) -> Streams:
        """A websocket, or what it is refused with, noted by its status."""
        reader, writer = await self.connected()
        writer.write(request())
        head = await reader.readuntil(b"\r\n\r\n")
        status = head.split(b" ", 2)[1].decode()
        if status != "101":
            if b"retry-after" not in head.lower():
                status += " without Retry-After"
            self.done[status] += 1
            writer.close()
            raise ConnectionRefusedError(status)
        return reader, writer

    async def flooding(self, kind: Flood) -> None:
        """Write for as long as it is taken, and forget what is answered."""
        reader, writer = await (self.connected() if kind.is_tcp else self.opened())
        with contextlib.closing(writer):
            if kind.deaf:
                writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport of both
            writer.write(kind.first)
            forgetting = asyncio.create_task(forget(reader))
            try:
                for _ in range(kind.times):
                    writer.write(kind.data)
                    await writer.drain()
                    await asyncio.sleep(0)
            finally:
                forgetting.cancel()

    async def one_slow_byte_at_a_time(self) -> None:
        """A byte now and then."""
        _, writer = await self.opened()
        with contextlib.closing(writer):
            while True:
                writer.write(frame(b"\x01"))
                await writer.drain()
                await asyncio.sleep(0.05)

    async def never_ending(self) -> None:
        """Open a stream, send nothing, stay."""
        reader, writer = await self.opened()
        with contextlib.closing(writer):
            await reader.read()

    async def vanishing(self) -> None:
        """Send a second, then neither answer nor close, as if the cable were pulled."""
        _, writer = await self.opened()
        with contextlib.closing(writer):
            writer.write(frame(os.urandom(32_768)))
            await writer.drain()
            writer.transport.pause_reading()  # type: ignore[attr-defined]  # as above
            await asyncio.sleep(60)

    async def slow_handshake(self) -> None:
        """A request whose bytes come one by one."""
        _, writer = await self.connected()
        with contextlib.closing(writer):
            for byte in request():
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.2)

    async def storm(self) -> None:
        """Connections that ask for nothing."""
        opened = [await self.connected() for _ in range(CROWD)]
        try:
            await asyncio.gather(*(reader.read() for reader, _ in opened))
        finally:
            for _, writer in opened:
                writer.close()


KINDS: Final[tuple[Flood | Callable[[Hostile], Awaitable[None]], ...]] = (
    Flood("gigabyte", frame(os.urandom(1 << 18)), times=GIBIBYTE >> 18),
    Flood("deaf", frame(os.urandom(8192)) * 8, deaf=True),
    Flood("one_byte_at_a_time", frame(b"\x01") * MANY),
    Flood("texts", frame(b"let me in " * 400, TEXT) * 16),
    Hostile.never_ending,
    Hostile.vanishing,
    Hostile.storm,
    Hostile.one_slow_byte_at_a_time,
    Flood("pings", frame(b"", PING) * MANY),
    Flood("one_huge_message", bytes(65_536), struct.pack("!BBQ", 0x82, 0xFF, 1 << 40) + MASK),
    Hostile.slow_handshake,
    Flood("pages", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * MANY, is_tcp=True),
    Flood("body", bytes(65_536), POST, is_tcp=True),
    Flood("fragments", FRAGMENT * MANY, frame(bytes(2048)) + FIRST_FRAGMENT),
)


async def forget(reader: asyncio.StreamReader) -> None:
    """Read to the end."""
    with contextlib.suppress(OSError):
        while await reader.read(1 << 16):
            pass


async def main(port: int, count: int) -> None:
    """Be hostile until told to stop."""
    # They stand for other machines: they may not take this one's processor.
    os.nice(19)
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    hostile = Hostile(port)
    clients = [asyncio.create_task(hostile.client(number)) for number in range(count)]
    await asyncio.to_thread(sys.stdin.readline)
    for client in clients:
        client.cancel()
    await asyncio.wait(clients)
    sys.stdout.write(json.dumps(hostile.done) + "\n")
    sys.stdout.flush()
    os._exit(0)  # nobody waits for what is still under way


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
