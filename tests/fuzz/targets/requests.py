"""Requests and frames of strangers to `serve` and to `web`."""

import asyncio
import contextlib
import logging
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from random import Random
from typing import Final

from support.endpoints.served_endpoint import served

from deeptone_tui.endpoint.server.acceptor import run_application
from deeptone_tui.web import WebOptions
from deeptone_tui.web.server import application
from fuzz.mutation import mutated, number, words
from fuzz.target import Judge, Target

_TOKEN: Final = "a-token-for-these-tests"  # noqa: S105  that is what it is
_UPGRADE: Final = (
    b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
_GET: Final = b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
_STREAMS: Final = (
    b"/stream?models=speech-rt&output_period=64",
    b"/stream?models=speech-rt,gender&volume_threshold=0.01&include_raw_values=true",
    b"/stream?sample_rate=8000&api_key=x",
)
_PAGES: Final = (b"/", b"/health", b"/metrics", b"/worklet.js", b"/nothing", b"*", b"http://x/")
_PATIENCE_S: Final = 20.0


def _frame(random: Random) -> bytes:
    """A frame of a client, mostly of audio."""
    first = random.choice((0x82, 0x82, 0x82, 0x81, 0x02, 0x00, 0x80, 0x88, 0x89, 0x8A, 0xC2, 0x83))
    payload = random.randbytes(random.choice((0, 1, 2, 125, 126, 2048, 5000)))
    if random.random() < 0.1:
        payload = (
            b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x80\x3e\0\0\0\x7d\0\0\2\0\x10\0data\0\0\0\0"
            + payload
        )
    size = len(payload)
    head = (
        struct.pack("!BB", first, 0x80 | min(size, 126))
        if size < 126
        else struct.pack("!BBH", first, 0xFE, size)
    )
    return head + b"\0\0\0\0" + payload


def _to_serve(random: Random) -> bytes:
    """A request, and perhaps frames after it."""
    if random.random() < 0.5:
        return mutated(random, [_GET % each for each in _PAGES])
    query = random.choice(_STREAMS)
    if random.random() < 0.5:
        name = random.choice(
            (b"models", b"output_period", b"volume_threshold", b"sample_rate", b"x")
        )
        value = random.choice((number(random), words(random))).encode("utf-8", "surrogatepass")
        query += b"&" + name + b"=" + value
    frames = b"".join(_frame(random) for _ in range(random.randint(0, 5)))
    said = _UPGRADE % query
    said = mutated(random, [said]) if random.random() < 0.5 else said
    return said + (mutated(random, [frames]) if frames and random.random() < 0.5 else frames)


def _to_web(random: Random) -> bytes:
    """A request for a page, with the token or without; no monitor is started."""
    own = b"/%s/" % _TOKEN.encode()
    paths = (b"/", own, own + b"static/page.js", b"/x/ws", b"//", b"/%2e%2e/")
    said = mutated(random, [_GET % each for each in paths])
    if random.random() < 0.3:
        host = words(random).encode("utf-8", "surrogatepass")
        said = said.replace(b"127.0.0.1", host, 1)
    return said.replace(b"/ws", b"/sw") if _TOKEN.encode() in said else said


class _Complaints(logging.Handler):
    """Every error that is logged with a traceback."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        if record.exc_info or record.levelno >= logging.ERROR:
            self.found.append(self.format(record))


@contextlib.asynccontextmanager
async def _serve_port() -> AsyncIterator[int]:
    async with served(max_connections=16, idle_timeout=0.5, close_timeout=0.2) as server:
        yield server.port


@contextlib.asynccontextmanager
async def _web_port() -> AsyncIterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        app = application(WebOptions(token=_TOKEN, sessions=1))
        async with run_application(app, limit=16, silent_give_way=True) as acceptor:
            acceptor.open([listening])
            yield listening.getsockname()[1]


def _opened_at(
    port_of: Callable[[], AbstractAsyncContextManager[int]],
) -> Callable[[], contextlib.AbstractContextManager[Judge]]:
    @contextlib.contextmanager
    def opened() -> Iterator[Judge]:
        complaints = _Complaints()
        logging.getLogger().addHandler(complaints)
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            loop.set_exception_handler(lambda _, about: complaints.found.append(repr(about)))
            server = port_of()
            port = runner.run(server.__aenter__())

            def judged(said: bytes) -> None:
                answer = runner.run(_converse(port, said))
                assert not answer.startswith((b"HTTP/1.1 500", b"HTTP/1.0 500")), answer[:200]
                assert b"Traceback" not in answer
                found, complaints.found = complaints.found, []
                assert not found, found

            try:
                yield judged
            finally:
                runner.run(server.__aexit__(None, None, None))
                logging.getLogger().removeHandler(complaints)

    return opened


async def _converse(port: int, said: bytes) -> bytes:
    """Say it, close our half, and read to the end."""
    async with asyncio.timeout(_PATIENCE_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(said)
            await writer.drain()
            writer.write_eof()
            return await reader.read(-1)
        except OSError:  # it was cut off
            return b""
        finally:
            writer.transport.abort()


SERVE: Final = Target("serve", _to_serve, _opened_at(_serve_port), short=100)
WEB: Final = Target("web", _to_web, _opened_at(_web_port), short=100)
