"""Who quits in the middle: what was shown until then is recorded."""

import asyncio
import time
from pathlib import Path

from faults.cell import recorded
from faults.rig import world
from faults.sources import SOURCES, spoken
from support.endpoints.scripted_endpoint import Peer

PERIODS = 20


async def test_results_that_arrive_in_the_end_are_recorded(tmp_path: Path) -> None:
    """They count as answered, and the recording is not finished before them."""
    asked = asyncio.Event()

    async def hesitating(peer: Peer) -> None:
        await peer.greet()
        await peer.listen(PERIODS * 2 * peer.parameters.period_samples)
        await asked.wait()
        await peer.answer_all()

    with world() as fast:
        tap = SOURCES["live"](spoken(60.0), tmp_path, fast.clock, fast.sleep)
        async with fast.rigged(tap, tmp_path / "recording", hesitating) as rig:
            enough = PERIODS * 2048
            await rig.until(lambda state: state.counters.sent >= enough, "the audio")
            rig.monitor._call(lambda: time.sleep(0.5))
            asked.set()
            await asyncio.sleep(0.2)  # the answers are there, and the monitor is busy
    assert rig.monitor.state.counters.results >= PERIODS
    recorded(rig, tap, tmp_path / "recording")
