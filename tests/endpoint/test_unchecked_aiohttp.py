"""The endpoint with an aiohttp whose private names were not checked."""

import pytest
from support.endpoints.served_endpoint import hear, served
from support.sources.sounds import noise

from deeptone_tui.endpoint.server import aiohttp_private


async def test_a_stream_is_answered_without_a_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    """To its last period, and closed as ever."""
    monkeypatch.setattr(aiohttp_private, "is_usable", lambda: False)
    async with served() as server, server.connect("output_period=64") as socket:
        await socket.send_bytes(noise(16_000).astype("<i2").tobytes())
        await socket.send_bytes(b"")
        heard = await hear(socket)
    assert heard.code == 1000
    assert len(heard.steps) == 15
