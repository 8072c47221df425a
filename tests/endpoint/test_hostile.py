"""Two hundred clients of the worst kinds beside one honest stream."""

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from support.endpoints.honest_stream import stream
from support.endpoints.hostile_crowd import hostile_crowd
from support.endpoints.serving_process import Serving, serving
from support.sources.sounds import noise
from support.terminals.terminal import resident_bytes

CLIENTS = 200
PERIOD = 64
RESIDENT_LIMIT = 600 * 1024 * 1024
"""Bytes: 150 MiB of libraries and networks, and for each of 64 places two messages of 3 MiB."""

pytestmark = [
    pytest.mark.serial,
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="asks /proc for memory"),
]


async def refusal(server: Serving) -> tuple[int, str | None]:
    """Status and ``Retry-After`` with which one client more is refused in its handshake."""
    async with ClientSession() as session:
        while True:
            try:
                async with session.ws_connect(server.stream):
                    await asyncio.sleep(0.05)
            except WSServerHandshakeError as refused:
                headers = refused.headers
                return refused.status, headers.get("Retry-After") if headers else None


async def test_the_honest_one_loses_nothing_and_memory_stays_bounded() -> None:
    """Its answers are those of a run without them; the others are refused politely."""
    samples = noise(16_000 * 8)
    samples[16_000 * 2 : 16_000 * 4] = 0
    with serving("--max-connections", "24") as server:
        alone = await stream(server.stream, samples, period=PERIOD, pace=20)
        streaming = asyncio.create_task(stream(server.stream, samples, period=PERIOD))
        await asyncio.sleep(0.5)
        with hostile_crowd(server.port, CLIENTS) as done:
            async with asyncio.timeout(60):
                status, retry_after = await refusal(server)
                beside = await streaming
            memory = resident_bytes(server.process.pid)
        assert server.end() == 0
    assert (status, retry_after) == (503, "1")
    assert beside.timestamps == [float(PERIOD * n) for n in range(len(samples) // (16 * PERIOD))]
    assert json.dumps(beside.steps) == json.dumps(alone.steps)
    assert beside.code == 1000
    assert memory < RESIDENT_LIMIT
    assert sum(done.values()) > CLIENTS / 2, done
    assert not [status for status in done if "without Retry-After" in status]


async def test_the_places_of_those_that_went_silent_are_free_again() -> None:
    """Vanished, deaf and silent clients hold a place for the idle time and no longer."""
    with serving("--max-connections", "4", "--idle-timeout", "1") as server:
        with hostile_crowd(server.port, 28):
            status, _ = await refusal(server)
        assert status == 503
        samples = np.zeros(16_384, np.int16)
        async with asyncio.timeout(30):
            while True:
                try:
                    assert (await stream(server.stream, samples, period=1024)).code == 1000
                except (WSServerHandshakeError, ConnectionError):
                    await asyncio.sleep(0.2)
                else:
                    break
