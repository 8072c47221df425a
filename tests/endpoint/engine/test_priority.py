"""Streams in real time do not wait for those that send as fast as they can."""

import asyncio
import itertools
import time
from collections.abc import Sequence

import numpy as np
import pytest

from deeptone_tui.endpoint.engine import Engine, batch, workers
from deeptone_tui.endpoint.engine.batch import Slice, judge
from deeptone_tui.endpoint.engine.networks import Networks
from deeptone_tui.endpoint.virtual_clock import PROBATION_S
from deeptone_tui.protocol import Step, StreamParameters

FLOODS = 12
"""More than go into a round together."""


async def test_a_flood_is_overtaken() -> None:
    """A second that comes after hours of others is judged long before they are."""
    engine = Engine()
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


async def test_the_rest_of_a_job_is_no_arrival(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job of several slices is queued again for each; its audio has come once."""
    noted: list[float] = []
    monkeypatch.setattr(workers.ArrivalPredictor, "note", lambda _, now: noted.append(now))
    monkeypatch.setattr(batch, "BATCH_STEPS", 1)
    engine = Engine()
    await engine.start()
    honest = engine.open_stream(StreamParameters(output_period=64))
    await honest.feed(np.zeros(1024, np.int16))
    await asyncio.sleep(PROBATION_S)
    noted.clear()
    await honest.feed(np.zeros(4 * 1024, np.int16))
    await engine.close()
    assert len(noted) == 1


@pytest.mark.parametrize("beside", [True, False])
async def test_a_flood_rests_beside_a_stream_in_real_time(
    monkeypatch: pytest.MonkeyPatch, *, beside: bool
) -> None:
    """After each round for twice as long as it took; alone, the flood has the thread to itself."""
    rounds: list[tuple[float, float]] = []

    def judged(slices: Sequence[Slice], networks: Networks) -> list[Step | None]:
        began = time.monotonic()
        steps = judge(slices, networks)
        rounds.append((began, time.monotonic()))
        return steps

    monkeypatch.setattr(workers, "judge", judged)
    monkeypatch.setattr(workers, "EXPECTED_FOR_S", 60.0)
    engine = Engine()
    await engine.start()
    honest = engine.open_stream(StreamParameters(output_period=64))
    flood = engine.open_stream(StreamParameters())
    audio = np.zeros(16_000 * 60, np.int16)
    if beside:
        await honest.feed(audio[:1024])
    await asyncio.sleep(PROBATION_S)
    if beside:
        await honest.feed(audio[:1024])
    rounds.clear()
    feeding = asyncio.create_task(flood.feed(audio))
    while len(rounds) < 20:  # noqa: ASYNC110  as above
        await asyncio.sleep(0.01)
    flood.close()
    await asyncio.gather(feeding, return_exceptions=True)
    await engine.close()
    rests = [
        (after - ended) / (ended - began)
        for (began, ended), (after, _) in itertools.pairwise(rounds[5:])  # no more in time
    ]
    assert (min(rests) >= 1 / workers.AHEAD_SHARE - 1) == beside
