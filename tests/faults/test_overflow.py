"""An outage that is longer than the ring: what is dropped is told, and nothing else is lost."""

import re
from pathlib import Path

import pytest
from faults.cell import recorded
from faults.rig import world
from faults.sources import SOURCES, spoken

from deeptone_tui.monitor.handover import BufferOptions
from deeptone_tui.protocol import STEP_SAMPLES

AUDIO = spoken(60.0)
RING = BufferOptions(buffer=10.0, catch_up=1e6)


@pytest.mark.parametrize("source", ["stdin", "live"])
async def test_a_ring_that_overflows_tells_what_it_drops(source: str, tmp_path: Path) -> None:
    """The identity holds all the while; dropped is what no result covers."""
    with world(link=RING) as fast:
        tap = SOURCES[source](AUDIO, tmp_path, fast.clock, fast.sleep)
        async with fast.rigged(tap, tmp_path / "recording") as rig:
            await rig.results(10)
            rig.proxy.refuse()
            rig.proxy.reset()
            await rig.until(lambda state: state.counters.lost > 10 * 16_000, "an overflow")
            rig.proxy.heal()
            await rig.results(20)
            tap.ending = True
            await rig.until_done()
    counters, witness = rig.monitor.state.counters, rig.witness
    assert not witness.complaints, rig.story()
    assert counters.captured == counters.answered + counters.lost == len(tap.heard())
    assert witness.left_out <= counters.lost < witness.left_out + STEP_SAMPLES
    told = sum(float(found) for found in re.findall(r"([\d.]+) s of audio lost", witness.words))
    assert told * 16_000 >= 0.9 * counters.lost, rig.story()
    recorded(rig, tap, tmp_path / "recording")


async def test_a_file_waits_for_the_ring(tmp_path: Path) -> None:
    """It is read no further than there is room, and nothing is lost."""
    with world(link=RING) as fast:
        tap = SOURCES["file"](AUDIO, tmp_path, fast.clock, fast.sleep)
        async with fast.rigged(tap, tmp_path / "recording") as rig:
            await rig.results(10)
            rig.proxy.refuse()
            rig.proxy.reset()
            await rig.until(lambda state: state.session.attempt >= 8, "an outage")
            rig.proxy.heal()
            await rig.results(20)
            tap.ending = True
            await rig.until_done()
    assert not rig.witness.complaints, rig.story()
    assert rig.monitor.state.counters.lost < STEP_SAMPLES, rig.story()
    recorded(rig, tap, tmp_path / "recording")
