"""What an endpoint sends before and after the handshake."""

import asyncio
import base64
import contextlib
import hashlib
import struct
from collections.abc import Iterator
from random import Random
from typing import Final

from support.sessions.message_promises import hold_to_promises

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session.connection import ConnectionOptions, connect
from deeptone_tui.session.failures import ConnectionFailed
from deeptone_tui.session.interfaces import LinkClosed
from deeptone_tui.session.target import Target as Endpoint
from fuzz.mutation import mutated, number, words
from fuzz.target import Judge, Target, fit_for_a_terminal
from fuzz.targets.messages import SEEDS as MESSAGE_SEEDS

_MAGIC: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY: Final = "KEYSECRET"
_HASTE: Final = ConnectionOptions(connect_timeout=1.0, heartbeat=1.0, close_timeout=0.05)
ACCEPT: Final = b"ACCEPT"
"""Stands for the answer to the client's own key."""
UPGRADED: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: ACCEPT\r\n\r\n"
)
_HEADS: Final = (
    UPGRADED,
    b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 5\r\n\r\n",
    b"HTTP/1.1 429 Many\r\nRetry-After: Mon, 01 Jan 2035 00:00:00 GMT\r\n\r\nno",
    b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 302 There\r\nLocation: ws://other.example/\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"SSH-2.0-OpenSSH_9.2\r\n",
)
_TEXT, _BINARY, _CLOSE, _PING = 1, 2, 8, 9


def frame(payload: bytes, *, first: int) -> bytes:
    """Return a frame of a server; ``first`` is its first byte."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", first, size) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


def accepted(head: bytes) -> bytes:
    """Return the answer to the key in a client's head (RFC 6455)."""
    lines = (line.partition(b":") for line in head.split(b"\r\n"))
    key = next(value for name, _, value in lines if name.lower() == b"sec-websocket-key")
    return base64.b64encode(hashlib.sha1(key.strip() + _MAGIC).digest())  # noqa: S324  as above


def _handshake(random: Random) -> bytes:
    """A head that is wrong in some way."""
    head = random.choice(_HEADS)
    if random.random() < 0.3:
        name = random.choice(
            ("Retry-After", "Location", "Date", "Set-Cookie", "Content-Length", "X")
        )
        value = random.choice(
            (number(random), words(random), "Mon, 01 Jan 99999999999 00:00:00 GMT")
        )
        line = f"\r\n{name}: {value}\r\n".encode("utf-8", "surrogatepass")
        head = head.replace(b"\r\n", line, 1)
    return mutated(random, [head, *_HEADS]) if random.random() < 0.7 else head


def _frames(random: Random) -> bytes:
    """A good head, and frames of which one or the other is wrong."""
    said = b""
    for _ in range(random.randint(1, 6)):
        first = random.choice(
            (0x81, 0x81, 0x81, 0x82, 0x01, 0x00, 0x80, 0x88, 0x89, 0x8A, 0xC1, 0x83)
        )
        payload = mutated(random, MESSAGE_SEEDS, longest=70_000)
        if first == 0x88:
            payload = (
                struct.pack("!H", random.choice((1000, 1001, 1005, 1006, 1011, 999, 5000)))
                + payload[:100]
            )
        said += frame(payload, first=first)
    return UPGRADED + (mutated(random, [said]) if random.random() < 0.5 else said)


@contextlib.contextmanager
def _opened() -> Iterator[Judge]:
    with asyncio.Runner() as runner:
        errors: list[str] = []
        runner.get_loop().set_exception_handler(lambda _, context: errors.append(repr(context)))
        server = runner.run(_Server.started())

        def judged(said: bytes) -> None:
            server.says = said
            runner.run(_listen(server.port))
            assert not errors, errors

        try:
            yield judged
        finally:
            runner.run(server.stop())


class _Server:
    """Says the same to everybody, and goes."""

    def __init__(self) -> None:
        self.says = b""
        self.port = 0
        self._server: asyncio.Server | None = None

    @classmethod
    async def started(cls) -> "_Server":
        made = cls()
        made._server = await asyncio.start_server(made._serve, "127.0.0.1", 0)
        made.port = made._server.sockets[0].getsockname()[1]
        return made

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await asyncio.sleep(0.01)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(self.says.replace(ACCEPT, accepted(head)))
            await writer.drain()
        writer.close()


async def _listen(port: int) -> None:
    """Connect, and read to the end."""
    try:
        async with asyncio.timeout(20):
            endpoint = Endpoint(f"ws://127.0.0.1:{port}/stream?token=QUERYSECRET", _KEY)
            link = await connect(endpoint, StreamParameters(), options=_HASTE)
    except ConnectionFailed as failed:
        _check(failed.failure.words)
        return
    try:
        async with asyncio.timeout(20):
            while not isinstance(message := await link.receive(), LinkClosed):
                hold_to_promises(message)
            _check(message.reason)
    finally:
        await link.abort()


def _check(words: str) -> None:
    """Words for the user hold no secret."""
    fit_for_a_terminal(words)
    assert _KEY not in words, words
    assert "QUERYSECRET" not in words, words


HANDSHAKES: Final = Target("handshakes", _handshake, _opened, short=100)
FRAMES: Final = Target("frames", _frames, _opened, short=100)
