"""Faults of the matrix on one real microphone: ``microphone_column.py DEVICE WAV FAULT…``.

A process of its own, because PortAudio reads the environment once. Its monitors listen at the
same time, each through a stream of its own, to the WAV that is played meanwhile. It tells when
all of them listen; when it is told in a line that the WAV was played, it lets the audio end, and
tells of each fault what was wrong, a line of JSON each.
"""

import asyncio
import json
import sys
import tempfile
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import numpy as np
import soundfile
from faults.cell import concluded, recorded, struck
from faults.rig import World, world
from faults.sources import Tap
from faults.table import FAULTS, Fault
from support.sources.sounds import found_in

from deeptone_tui.audio.microphone import Microphone
from deeptone_tui.dsp import Samples
from deeptone_tui.session.connection import ConnectionOptions

NO_RESULTS = 8.0
"""Seconds of patience with a silent endpoint, because everything here takes real ones."""

PATIENT = ConnectionOptions(connect_timeout=3.0, heartbeat=6.0, close_timeout=0.5)
"""Many monitors share this process. On the narrow line a ping waits behind seconds of audio: it
must not be sent before that is over, as it would not with the heartbeat of the product."""


async def cell(fault: Fault, place: World, device: str, played: Samples, acts: "Acts") -> None:
    """One fault; tells how it went."""
    tap = Tap(lambda: Microphone(device))
    failure = ""
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with AsyncExitStack() as stack:
                # One after another: PortAudio opens one at a time, and who waits long is told that
                # it hangs.
                async with acts.opening:
                    rigged = place.rigged(tap, Path(folder), *fault.scripts)
                    rig = await stack.enter_async_context(rigged)
                    await rig.until(lambda state: state.counters.captured > 0, "the microphone")
                await acts.listening.wait()
                await struck(rig, fault)
                await acts.played.wait()
                heard = len(tap.heard())
                await rig.until(lambda _: len(tap.heard()) > heard + 16_000, "the last of it")
                await concluded(rig, tap, fault)
            recorded(rig, tap, Path(folder))
        found = found_in(tap.heard(), played)
        assert np.array_equal(found, played), "this is not what was played"
    except (AssertionError, asyncio.BrokenBarrierError) as error:
        failure = str(error) or repr(error)
        await acts.listening.abort()  # nobody waits for one that never listens
    tell(fault=fault.name, failure=failure)


class Acts:
    """What all monitors wait for."""

    def __init__(self, monitors: int) -> None:
        self.opening = asyncio.Lock()
        self.listening = asyncio.Barrier(monitors + 1)
        self.played = asyncio.Event()

    async def go(self) -> None:
        """From one to the next."""
        with suppress(asyncio.BrokenBarrierError):
            await self.listening.wait()
        tell(listening=True)
        await asyncio.to_thread(sys.stdin.readline)
        self.played.set()


def tell(**words: object) -> None:
    """Print one line."""
    print(json.dumps(words), flush=True)  # noqa: T201  its answers


async def main(device: str, path: str, *names: str) -> None:
    """Some faults at once."""
    faults = [fault for fault in FAULTS if fault.name in names]
    played = soundfile.read(path, dtype="int16")[0]
    acts = Acts(len(faults))
    with world(1.0, PATIENT, no_results=NO_RESULTS) as place:
        async with asyncio.TaskGroup() as group:
            group.create_task(acts.go())
            for fault in faults:
                group.create_task(cell(fault, place, device, played, acts))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
