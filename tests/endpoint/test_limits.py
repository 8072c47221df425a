"""Limits, each with its own error, and memory that does not grow."""

import asyncio
import socket as sockets
import struct
import tracemalloc
from typing import Any

import numpy as np
import pytest
from aiohttp import ClientWebSocketResponse, WSServerHandshakeError
from support.endpoints.fake_engine import FakeEngine
from support.endpoints.served_endpoint import Served, hear, served

MEBIBYTE = 1024 * 1024


async def test_a_message_of_exactly_the_limit_is_taken() -> None:
    """The limit is the largest allowed, not the smallest refused."""
    async with served(max_message_bytes=4096) as server:
        assert (await server.answers(bytes(4096))).code == 1000


@pytest.mark.parametrize("size", [4097, 10_000_000])
async def test_a_longer_message_is_answered_by_an_error_and_1009(size: int) -> None:
    """Also when the client is still in the middle of sending it."""
    async with served(max_message_bytes=4096) as server, server.connect() as socket:
        await socket.send_bytes(bytes(size))
        heard = await hear(socket)
        ended = await server.next_ended()
    assert heard.error == "the message is longer than the limit of 4096 bytes"
    assert heard.code == 1009
    assert "exceeds limit" in ended.reason


@pytest.mark.parametrize(
    ("sent", "error", "code"),
    [
        (b"\xff" * 64, "this is not the websocket protocol (RFC 6455)", 1002),
        (
            b"\x81\x81\0\0\0\0\xff",
            "send audio as binary messages; this was a broken text",
            1007,
        ),
    ],
    ids=["no frame", "a text that cannot even be shown"],
)
async def test_broken_frames_are_answered_by_an_error(sent: bytes, error: str, code: int) -> None:
    """A client that speaks something else hears so."""
    async with served() as server, server.connect() as socket:
        socket._response.connection.transport.write(sent)
        heard = await hear(socket)
    assert (heard.error, heard.code) == (error, code)


async def test_a_connection_over_the_limit_is_answered_by_an_error_and_1013() -> None:
    """Try again later: the place is free once another stream has ended."""
    async with served(max_connections=1) as server:
        async with server.connect() as first:
            async with server.connect() as second:
                heard = await hear(second)
            await first.send_bytes(b"")
            assert (await hear(first)).code == 1000
        assert heard.error == "the limit of 1 connections is reached: try again later"
        assert heard.code == 1013
        assert (await server.answers()).code == 1000


async def test_far_too_many_connections_are_refused_in_the_handshake() -> None:
    """Telling each of them must not cost more than serving them."""
    async with served(max_connections=1, close_timeout=10) as server:
        kept = [await server.connect(autoclose=False) for _ in range(3)]
        with pytest.raises(WSServerHandshakeError) as refusal:
            await server.connect()
        assert refusal.value.status == 503
        for socket in kept:
            await socket.close()


async def test_a_connection_that_never_sends_audio_is_ended_with_an_error() -> None:
    """It holds a place for nothing."""
    async with served(idle_timeout=0.2) as server, server.connect() as socket:
        heard = await hear(socket)
    assert heard.error == "no audio came for 0.2 s, the limit of an idle connection"
    assert heard.code == 1008


async def test_a_client_faster_than_the_models_is_slowed_down_and_loses_nothing() -> None:
    """Whatever it has sent that is not judged yet stays on its own side or in the kernel."""
    engine = FakeEngine(keeps_samples=False)
    _, go_on = engine.hold()
    message = np.arange(16_384, dtype="<i2").tobytes()
    count = 1000
    async with served(engine) as server, server.connect("output_period=64") as socket:
        _small_buffers(socket)
        tracemalloc.start()
        sender = Sender(socket, message, count)
        before = await sender.settled()
        assert not sender.task.done()
        current, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        go_on.set()
        hearing = asyncio.create_task(hear(socket))
        await sender.task
        await socket.send_bytes(b"")
        heard = await hearing
    assert before < count / 10
    assert current < 2 * MEBIBYTE
    assert heard.timestamps == [64.0 * step for step in range(count * 16)]


async def test_a_client_held_back_for_long_is_not_taken_for_dead() -> None:
    """Its pongs wait behind its audio, unread."""
    engine = FakeEngine(keeps_samples=False)
    engine.slow_down()
    options: dict[str, Any] = {"ping_interval": 0.05, "ping_timeout": 0.05}
    async with served(engine, **options) as server, server.connect() as socket:
        hearing = asyncio.create_task(hear(socket))
        for _ in range(4):
            await socket.send_bytes(bytes(16 * 32_768))
        await socket.send_bytes(b"")
        heard = await hearing
    assert len(heard.steps) == 64
    assert heard.code == 1000


async def test_a_client_that_reads_nothing_stops_being_served() -> None:
    """Its results wait in buffers of fixed size, not in the server's memory."""
    engine = FakeEngine(keeps_samples=False, padding=4000)
    query = "output_period=64&include_raw_values=true"
    async with served(engine, send_timeout=0.3) as server, server.connect(query) as socket:
        _small_buffers(socket)
        socket._response.connection.protocol.pause_reading()
        tracemalloc.start()
        sender = Sender(socket, bytes(65_536), 100_000)
        ended = await server.next_ended()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        sender.task.cancel()
    assert ended.reason == "the client read nothing for 0.3 s"
    assert peak < 4 * MEBIBYTE
    assert engine.analyses[0].closed == 1


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (False, "no answer to pings for 0.1 s"),
        (True, "refused: no audio came for 0.5 s, the limit"),
    ],
)
async def test_a_peer_that_does_not_answer_pings_is_given_up(answers: bool, reason: str) -> None:
    """A lost network sends no farewell; who answers may be silent until the idle time."""
    options: dict[str, Any] = {"ping_interval": 0.05, "ping_timeout": 0.1, "idle_timeout": 0.5}
    async with served(**options) as server, server.connect(autoping=answers) as socket:
        await socket.receive()
        if answers:
            await hear(socket)
        ended = await server.next_ended()
    assert ended.reason.startswith(reason)


async def test_a_stream_whose_work_does_not_end_is_told_that_the_server_stops() -> None:
    """Its analysis is given up after the time of the options."""
    engine = FakeEngine()
    begun, _ = engine.hold()
    async with served(engine, drain_timeout=0.3) as server, server.connect() as socket:
        await socket.send_bytes(bytes(65_536))
        await begun.wait()
        server.stop.set()
        heard = await hear(socket)
        ended = await server.next_ended()
    assert (heard.code, heard.reason) == (1001, "the server was stopped")
    assert ended.reason == "the server was stopped"
    assert engine.analyses[0].closed == 1
    assert not engine.running


async def test_many_streams_at_once_do_not_mix() -> None:
    """Each gets its own results for its own audio."""

    async def stream(server: Served, number: int) -> None:
        audio = np.full(20_000, number, dtype="<i2")
        async with server.connect("output_period=64") as socket:
            for start in range(0, audio.size, 1000):
                await socket.send_bytes(audio[start : start + 1000].tobytes())
                await asyncio.sleep(0)
            await socket.send_bytes(b"")
            assert (await hear(socket)).timestamps == [64.0 * step for step in range(19)]

    async with served() as server:
        await asyncio.gather(*(stream(server, number) for number in range(20)))
        fed = [analysis.samples for analysis in server.engine.analyses]
    assert all(len(set(samples.tolist())) == 1 for samples in fed)
    assert sorted(int(samples[0]) for samples in fed) == list(range(20))


class Sender:
    """Sends the same message many times, and counts."""

    def __init__(self, socket: ClientWebSocketResponse, message: bytes, count: int) -> None:
        self.sent = 0
        self.task = asyncio.create_task(self._send(socket, message, count))

    async def settled(self) -> int:
        """How many messages were sent when no more go out."""
        before = -1
        while not self.task.done() and before != self.sent:
            before = self.sent
            await asyncio.sleep(0.2)
        return self.sent

    async def _send(self, socket: ClientWebSocketResponse, message: bytes, count: int) -> None:
        for _ in range(count):
            await socket.send_bytes(message)
            self.sent += 1


def _small_buffers(socket: ClientWebSocketResponse) -> None:
    """Take the kernel's generosity out of the test."""
    raw = socket.get_extra_info("socket")
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, 65_536)
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 65_536)
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
