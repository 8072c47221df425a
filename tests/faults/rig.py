"""A monitor at high speed between a source and an endpoint, with a bad line before the latter."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from faults.behaviours import behave, verdict
from faults.proxy import Proxy, proxied
from faults.sources import Tap
from faults.witness import Witness
from support.endpoints.scripted_endpoint import Refusal, Script, served
from support.time.waiting import until

from deeptone_tui.audio import SourceKind, SourceOptions, SourceSpec
from deeptone_tui.monitor import Monitor, MonitorState
from deeptone_tui.monitor.handover import BufferOptions, Outside
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session import RemoteTarget
from deeptone_tui.session.connection import ConnectionOptions, connect
from deeptone_tui.session.interfaces import Link
from deeptone_tui.session.target import Target
from deeptone_tui.session.timing import Timing

PUBLISH_EVERY = 0.005
"""Seconds, which the loop takes for its own: less than the first delay before a new attempt at high
speed, so that a state before it is always published."""
HASTE = 20.0
"""Seconds of the monitor in a second of the test."""
PERIOD = StreamParameters(output_period=128)
"""2048 samples."""
PATIENCE = 30.0
"""Seconds after which a test hangs."""
HASTY = ConnectionOptions(connect_timeout=1.5, heartbeat=1.5, close_timeout=0.1)
"""More patient than this speed asks for: two processors may have other things to do."""
ROOMY = BufferOptions(buffer=900.0, catch_up=math.inf)
"""At high speed a short outage is a long backlog: it is kept, and goes out at once."""


class Rig:
    """A running monitor, what it hears, who answers, what lies between, and who looks on."""

    def __init__(self, world: "World", monitor: Monitor, witness: Witness, proxy: Proxy) -> None:
        self.monitor = monitor
        self.witness = witness
        self.proxy = proxy
        self.sleep = world.sleep

    async def until(self, holds: Callable[[MonitorState], bool], what: str = "") -> None:
        """Wait until a state is as wanted."""
        try:
            await until(lambda: holds(self.monitor.state), PATIENCE)
        except TimeoutError:
            raise AssertionError(f"{what or 'it'} never came; {self.story()}") from None

    async def results(self, more: int) -> None:
        """Wait until so many more results have come."""
        wanted = self.monitor.state.counters.results + more
        await self.until(lambda state: state.counters.results >= wanted, f"{more} more results")

    async def until_done(self) -> None:
        """Wait until there is nothing more to wait for."""
        with contextlib.suppress(TimeoutError):
            await until(lambda: self.monitor.wait(0), PATIENCE)
            return
        raise AssertionError(f"it never ended; {self.story()}")

    def story(self) -> str:
        """What was seen, for whoever has to find out why."""
        witness = self.witness
        lines = [str(phase) for phase in witness.phases[-12:]]
        return "\n".join([*lines, *witness.notices, str(witness.state.counters)])


class World:
    """Where time runs fast for every monitor that is started in it.

    Args:
        speed: seconds of the monitors in a second of the test.
        options: how patient connections are, in seconds of the test.
        link: how bad links are borne.
    """

    def __init__(self, speed: float, options: ConnectionOptions, link: BufferOptions) -> None:
        self._speed = speed
        self._options = options
        self._link = link

    def clock(self) -> float:
        """The monitors' seconds."""
        return time.monotonic() * self._speed

    async def sleep(self, seconds: float) -> None:
        """Wait for some of them."""
        await asyncio.sleep(seconds / self._speed)

    def outside(self, tap: Tap, proxy: Proxy) -> Outside:
        """What a monitor of this world gets; the delay of a retry is no matter of chance."""
        return Outside(
            open_source=lambda _spec, _options: tap,
            connect=partial(self._connect, proxy),
            timing=Timing(clock=self.clock, sleep=self.sleep, random=lambda: 0.5),
            publish_every_s=PUBLISH_EVERY,
        )

    async def _connect(self, proxy: Proxy, target: Target, parameters: StreamParameters) -> Link:
        """A connection as patient as is due here; given up early only where nothing can come.

        On a busy machine an answer may take longer than that, and the endpoint's script goes on
        with an answer that nobody waits for.
        """
        options = self._options
        if not (proxy.hanging or proxy.line.now.stalled):
            options = replace(options, connect_timeout=PATIENCE)
        return await connect(target, parameters, options=options)

    @contextlib.asynccontextmanager
    async def rigged(
        self,
        tap: Tap,
        folder: Path,
        *scripts: Script | Refusal,
        parameters: StreamParameters = PERIOD,
    ) -> AsyncIterator[Rig]:
        """A running monitor that records, and an endpoint for it.

        Args:
            tap: what it listens to.
            folder: for the recording.
            scripts: how the endpoint is on its first connection, the second and so on.
            parameters: what is asked for.
        """
        async with served(*(scripts or [behave]), verdict=verdict) as endpoint:
            target = Target(endpoint.url)
            witness = Witness(tap.audio)
            async with self.attached(tap, target, witness, parameters, record=folder) as rig:
                yield rig

    @contextlib.asynccontextmanager
    async def attached(
        self,
        tap: Tap,
        target: Target,
        witness: Witness,
        parameters: StreamParameters,
        *,
        record: Path | None = None,
    ) -> AsyncIterator[Rig]:
        """A running monitor on an endpoint that is there already, with a proxy in between."""
        async with proxied(target.url, seed=1, clock=self.clock, sleep=self.sleep) as proxy:
            monitor = Monitor(
                SourceSpec(SourceKind.FILE, "tapped"),
                SourceOptions(),
                RemoteTarget(proxy.url, target.api_key),
                parameters,
                on_update=lambda: witness.look(monitor.state, monitor.take_entries()),
                link=self._link,
                record=record,
                outside=self.outside(tap, proxy),
            )
            monitor.start()
            try:
                yield Rig(self, monitor, witness, proxy)
            finally:
                assert await asyncio.to_thread(monitor.stop, 5.0), "the monitor did not stop"


@contextlib.contextmanager
def world(
    speed: float = HASTE,
    options: ConnectionOptions = HASTY,
    *,
    link: BufferOptions = ROOMY,
    no_results: float = 200.0,
) -> Iterator[World]:
    """A world, as long as it is needed.

    Args:
        speed: as of ``World``.
        options: the same.
        link: the same.
        no_results: seconds of patience with an endpoint that takes audio and says nothing.
    """
    yield World(speed, options, replace(link, no_results=no_results))
