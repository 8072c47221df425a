"""A day of audio at high speed with a fault every minute: ``make soak ARGS="--hours 24"``.

A monitor in this process, behind the proxy, streams to an endpoint in another. Every published
state and every result is looked at as in the matrix; memory, threads and descriptors of both
processes are compared with those of the first tenth. Nothing may be lost: the file waits.
"""

import argparse
import asyncio
import contextlib
import itertools
import math
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from faults.narrow_link import narrowed
from faults.rig import HASTE, Rig, world
from faults.soak_faults import ASKED, Fault, Tell, faults
from faults.soak_figures import Observed, say
from faults.sources import Loop, spoken
from faults.witness import Witness

from deeptone_tui.endpoint import LocalEndpoint
from deeptone_tui.monitor.handover import BufferOptions
from deeptone_tui.protocol import SAMPLE_RATE_HZ, STEP_SAMPLES
from deeptone_tui.session.connection import ConnectionOptions
from deeptone_tui.session.target import Target

MINUTE = 60 * SAMPLE_RATE_HZ
SHORTEST = 0.5
"""Hours."""
LINK = BufferOptions(catch_up=math.inf)
"""A backlog goes out as fast as it is taken."""
NO_RESULTS = 20.0
BRISK = ConnectionOptions(connect_timeout=0.5, heartbeat=0.5, close_timeout=0.1)
"""A connection that is given up too early does no harm here."""
ROOM = 64 * 1024 * SAMPLE_RATE_HZ // 1000
"""Samples to come when the last fault strikes: some wait for up to sixty results."""
HANDED_BACK = {"MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_MMAP_THRESHOLD_": "131072"}
"""What glibc starts with and then raises: so the scripted endpoint holds what it uses, and not what
it used once. The program's own processes run as everywhere."""
LOOP = 960 * STEP_SAMPLES
"""Samples after which the audio repeats: 61 s."""


@contextlib.asynccontextmanager
async def scripted_endpoint() -> AsyncIterator[tuple[Target, int, Tell]]:
    """The scripted endpoint as a child: its address, its process and who it obeys."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "faults.soak_endpoint"),
        env=os.environ | HANDED_BACK,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    stdin = child.stdin
    url = (await child.stdout.readline()).decode().strip()
    try:
        yield Target(url), child.pid, lambda name: stdin.write(f"{name}\n".encode())
    finally:
        stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(child.wait(), 10)
        if child.returncode is None:
            child.kill()
            await child.wait()


@contextlib.asynccontextmanager
async def local_endpoint() -> AsyncIterator[tuple[Target, int, Tell]]:
    """The local endpoint with its models."""
    endpoint = LocalEndpoint()
    listening = await endpoint.target()
    try:
        yield Target(listening.url, listening.api_key), endpoint.pid or 0, lambda _name: None
    finally:
        await endpoint.close()


class Soak:
    """The run.

    Args:
        rig: the monitor.
        length: samples in all.
        observed: the processes.
    """

    def __init__(self, rig: Rig, length: int, observed: Sequence[Observed]) -> None:
        self._rig = rig
        self._length = length
        self._observed = observed
        self._begun = time.monotonic()
        self._told = 0
        self.struck = 0

    async def run(self, order: Sequence[Fault], tell: Tell) -> None:
        """A fault each minute while there is audio for it, and on until every result is there."""
        rig = self._rig
        for fault in itertools.cycle(order):
            due = (self.struck + 1) * MINUTE
            await self._until(due)
            if self._length - rig.monitor.state.counters.answered < ROOM:
                break
            await fault(rig, tell)
            self.struck += 1
            self._look()
        await rig.until_done()
        self._tell_progress()

    async def _until(self, captured: int) -> None:
        await self._rig.until(
            lambda state: state.counters.captured >= captured or self._ended(), "a minute"
        )

    def _ended(self) -> bool:
        return self._rig.monitor.state.source.phase == "ended"

    def _look(self) -> None:
        """Take the figures, and tell of each tenth."""
        done = self._rig.monitor.state.counters.captured / self._length
        for process in self._observed:
            process.look(done)
        if int(done * 10) > self._told:
            self._told = int(done * 10)
            self._tell_progress()

    def _tell_progress(self) -> None:
        counters = self._rig.monitor.state.counters
        seconds = time.monotonic() - self._begun
        held = counters.captured == counters.answered + counters.lost + counters.in_flight
        say(
            f"{counters.captured / self._length:4.0%}  {counters.captured / MINUTE / 60:5.2f} h in "
            f"{seconds:5.0f} s  {self.struck} faults, {self._rig.proxy.accepted} connections, "
            f"{counters.results} results, lost {counters.lost}, identity {held}"
        )
        for process in self._observed:
            shown = process.latest or process.first
            say(f"      {process.name:9}{shown[-1] if shown else ''}")

    def wrong(self) -> list[str]:
        """What must not be, in words."""
        counters, witness = self._rig.monitor.state.counters, self._rig.witness
        found = [*witness.complaints[:20]]
        for process in self._observed:
            found += process.leaks()
        if counters.captured != counters.answered + counters.lost:
            found.append(f"the identity does not hold at the end: {counters}")
        if counters.lost >= STEP_SAMPLES or witness.left_out:
            found.append(f"lost {counters.lost} samples, left out {witness.left_out}")
        if self._rig.monitor.state.session.phase != "closed":
            found.append(f"it ended as {self._rig.monitor.state.session}")
        return found


async def soak(hours: float, *, scripted: bool) -> list[str]:
    """Run it; what was wrong."""
    length = round(hours * 60) * MINUTE
    endpoint = scripted_endpoint if scripted else local_endpoint
    with world(HASTE, BRISK, link=LINK, no_results=NO_RESULTS) as place:
        async with contextlib.AsyncExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            tap = Loop(spoken(LOOP / SAMPLE_RATE_HZ), Path(folder), length)
            target, pid, tell = await stack.enter_async_context(endpoint())
            witness = Witness(tap.audio, remembers=False, judged=scripted)
            rig = await stack.enter_async_context(place.attached(tap, target, witness, ASKED))
            observed = [Observed("monitor", os.getpid()), Observed("endpoint", pid)]
            run = Soak(rig, length, observed)
            await run.run(faults(scripted=scripted), tell)
            for process in observed:
                say(f"{process.name}: first tenth {process.before}; last tenth {process.after}")
            return run.wrong()


def main() -> None:
    """Read the options and report; exits with 1 when something was wrong."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0, help="hours of audio")
    parser.add_argument("--endpoint", choices=("scripted", "local"), default="scripted")
    parser.add_argument(
        "--narrow-link", action="store_true", help="instead: 64 kbit/s for a minute, in real time"
    )
    options = parser.parse_args()
    if options.hours < SHORTEST:
        parser.error(f"--hours: at least {SHORTEST}, so that there is a first tenth")
    scripted = options.endpoint == "scripted"
    wrong = asyncio.run(
        narrowed() if options.narrow_link else soak(options.hours, scripted=scripted)
    )
    for words in wrong:
        say(f"WRONG: {words}")
    say("nothing was wrong" if not wrong else f"{len(wrong)} things were wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
