"""Streams in real time do not wait for those that send as fast as they can."""

import asyncio

import numpy as np
import pytest

from deeptone_tui.endpoint.engine import Engine
from deeptone_tui.protocol import StreamParameters

FLOODS = 12
"""More than go into a round together."""


@pytest.mark.parametrize("threads", [1, 2])
async def test_a_flood_is_overtaken(threads: int) -> None:
    """A second that comes after hours of others is judged long before they are."""
    engine = Engine(threads=threads)
    await engine.start()
    loud = (np.random.default_rng(1).normal(size=16_000 * 600) * 1000).astype(np.int16)
    floods = [engine.open_stream(StreamParameters()) for _ in range(FLOODS)]
    feeding = [asyncio.create_task(flood.feed(loud)) for flood in floods]
    while not engine.waiting[1]:  # noqa: ASYNC110  the engine tells nobody
        await asyncio.sleep(0.01)
    honest = engine.open_stream(StreamParameters())
    async with asyncio.timeout(20):
        steps = await honest.feed(loud[:16_384])
    assert len(steps) == 1
    assert not any(task.done() for task in feeding)
    for flood in floods:
        flood.close()
    await asyncio.gather(*feeding, return_exceptions=True)
    await engine.close()
