"""The server stops: open streams get the results of what they have sent."""

import asyncio
import signal

import numpy as np
import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from support.endpoints.fake_engine import FakeEngine
from support.endpoints.served_endpoint import hear, served
from support.endpoints.serving_process import serving
from support.sources.sounds import noise


async def test_everything_sent_is_answered_before_the_farewell() -> None:
    """The last, incomplete period too; then code 1001."""
    audio = noise(16_000 * 20)
    async with served() as server, server.connect("output_period=64") as socket:
        for start in range(0, audio.size, 1000):
            await socket.send_bytes(audio[start : start + 1000].astype("<i2").tobytes())
        server.stop.set()
        heard = await hear(socket)
        ended = await server.next_ended()
        (analysis,) = server.engine.analyses
    assert (heard.code, heard.reason) == (1001, "the server was stopped")
    assert heard.timestamps == [64.0 * n for n in range(312)]
    assert np.array_equal(analysis.samples, audio)
    assert ended.reason == "the server was stopped"
    assert ended.results == 312


async def test_a_client_that_goes_on_sending_is_ended_in_time() -> None:
    """It is heard for half of the time there is; its results are those of what was taken."""
    async with served(drain_timeout=0.6) as server, server.connect("output_period=64") as socket:

        async def talk() -> None:
            while True:
                await socket.send_bytes(bytes(640))
                await asyncio.sleep(0.01)

        talking = asyncio.create_task(talk())
        await server.engine_was_fed()
        server.stop.set()
        heard = await hear(socket)
        talking.cancel()
        (analysis,) = server.engine.analyses
    assert heard.code == 1001
    assert len(heard.steps) == analysis.samples.size // 1024


async def test_an_idle_stream_is_told_at_once() -> None:
    """There is nothing to wait for."""
    async with served(drain_timeout=60) as server, server.connect() as socket:
        await socket.receive()
        server.stop.set()
        assert (await hear(socket)).code == 1001


async def test_nobody_new_is_let_in() -> None:
    """While the last results are on their way."""
    engine = FakeEngine()
    begun, go_on = engine.hold()
    async with served(engine) as server, server.connect() as socket:
        await socket.send_bytes(bytes(65_536))
        await begun.wait()
        server.stop.set()
        with pytest.raises((OSError, WSServerHandshakeError, TimeoutError)):
            async with asyncio.timeout(0.5):
                await server.connect()
        go_on.set()
        heard = await hear(socket)
    assert (heard.code, len(heard.steps)) == (1001, 2)


async def test_sigterm_drains_the_real_server() -> None:
    """With the real models, in a process of its own."""
    audio = noise(16_384 * 6)
    with serving() as server:
        async with ClientSession() as session, session.ws_connect(server.stream) as client:
            await client.send_bytes(audio.astype("<i2").tobytes())
            await client.receive()
            ending = asyncio.create_task(asyncio.to_thread(server.end, signal.SIGTERM))
            heard = await hear(client)
            assert await ending == 0
        line = server.next_line()
    assert heard.code == 1001
    assert [step["timestamp"] for step in heard.steps] == [1024.0 * n for n in range(6)]
    assert line.endswith("6 results; the server was stopped")


async def test_a_second_signal_does_not_wait() -> None:
    """For who holds a finger on Ctrl+C; the exit code is the first one's."""
    with serving() as server:
        async with ClientSession() as session, session.ws_connect(server.stream) as client:
            await client.receive()
            server.process.send_signal(signal.SIGINT)
            assert server.end(signal.SIGINT) == 130
