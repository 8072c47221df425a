"""A session between a ring that a test fills and an endpoint that a test scripts."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, TypeVar

import numpy as np
from support.endpoints.imagined_endpoint import GOOD, ImaginedEndpoint, ImaginedLink, Manners
from support.endpoints.scripted_endpoint import Handler, Refusal, Script, ScriptedEndpoint, served

from deeptone_tui.monitor.accounting import Ledger
from deeptone_tui.monitor.buffer import AudioBuffer
from deeptone_tui.monitor.ring import Dropped, Ring
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session.active_connection import Connect
from deeptone_tui.session.connection import ConnectionOptions, connect
from deeptone_tui.session.events import (
    AudioAbandoned,
    AudioFinished,
    AudioSent,
    ConnectionOpened,
    PeriodAnswered,
    SessionEvent,
)
from deeptone_tui.session.stream_session import StreamSession
from deeptone_tui.session.target import RemoteTarget, StreamRequest, TargetProvider
from deeptone_tui.session.timing import Timing

Event = TypeVar("Event")

PERIOD = StreamParameters(output_period=128)
"""Short periods: 2048 samples."""

OVER_SOCKETS = partial(connect, options=ConnectionOptions(close_timeout=0.2))
"""How connections are made where nothing else is said."""

HASTE = 20.0
"""Seconds of the session in a second of the test."""


def hasty(random: Callable[[], float] = lambda: 0.0) -> Timing:
    """Time that runs fast, so that deadlines come soon."""
    return Timing(
        clock=lambda: time.monotonic() * HASTE,
        sleep=lambda seconds: asyncio.sleep(seconds / HASTE),
        random=random,
    )


class SessionBench:
    """A running session, what goes in and what it tells."""

    endpoint: ScriptedEndpoint
    """Set by ``streaming``."""
    links: list[ImaginedLink]
    """Set by ``imagined``."""

    def __init__(
        self,
        provider: TargetProvider,
        *,
        parameters: StreamParameters = PERIOD,
        live: bool = False,
        capacity: int = 960_000,
        timing: Timing | None = None,
        connecting: Connect = OVER_SOCKETS,
    ) -> None:
        self.ring = Ring(capacity)
        self.buffer = AudioBuffer(self.ring, self._drop)
        self.buffer.begin(live=live)
        self.ledger = Ledger()
        self.events: list[SessionEvent] = []
        self.unsaid = 0
        """Steps that were lost without a reason in words."""
        self.written = np.empty(0, dtype=np.int16)
        self._happened = asyncio.Event()
        request = StreamRequest(provider, parameters)
        self.session = StreamSession(
            request, self.buffer, connecting, self._note, timing or hasty()
        )

    def feed(self, samples: int, *, silent: bool = False) -> None:
        """Capture so many samples, each telling its index, or zeros."""
        audio = np.arange(len(self.written), len(self.written) + samples).astype(np.int16)
        audio = np.zeros_like(audio) if silent else audio
        self.written = np.concatenate((self.written, audio))
        self.ledger.capture(samples)
        self.buffer.write(audio)

    async def feed_slowly(self, samples: int) -> None:
        """Capture step by step, with the session running in between."""
        for _ in range(samples // 1024):
            self.feed(1024)
            await asyncio.sleep(0.002)

    async def feed_until(self, condition: Callable[[], bool]) -> None:
        """Capture a period at a time until something holds."""
        while not condition():
            await self.feed_slowly(2048)

    async def feed_until_answered(self, parameters: StreamParameters) -> None:
        """Capture until there is a result for these parameters."""
        await self.feed_until(
            lambda: any(event.parameters == parameters for event in self.all(PeriodAnswered))
        )

    async def hear(self, seconds: float, *, silent: bool = False) -> None:
        """Capture at the pace of the clock."""
        for _ in range(round(seconds / 0.064)):
            await asyncio.sleep(0.064)
            self.feed(1024, silent=silent)

    def apply(self, parameters: StreamParameters) -> None:
        """Ask the same endpoint for something else."""
        self.session.change(StreamRequest(self.session.plan.provider, parameters))

    def switch(self, provider: TargetProvider) -> None:
        """Ask another endpoint for the same."""
        self.session.change(StreamRequest(provider, self.session.plan.parameters))

    def all(self, kind: type[Event]) -> list[Event]:
        """Events of one kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    async def finish(self, *, within: float = 15) -> None:
        """End the source, and wait until all that will come has come."""
        self.buffer.finish()
        await self.until(AudioFinished, within=within)

    async def hear_all(self, samples: int) -> None:
        """Capture so many samples, and finish."""
        self.feed(samples)
        await self.finish()

    async def until(self, kind: type[Event], count: int = 1, *, within: float = 15) -> Event:
        """Wait until so many events of a kind have happened; gives the last of them."""
        async with asyncio.timeout(within):
            while len(found := self.all(kind)) < count:
                self._happened.clear()
                await self._happened.wait()
        return found[count - 1]

    def covered(self) -> list[tuple[int, int]]:
        """What results covered, in the order they came."""
        return [(event.start, event.end) for event in self.all(PeriodAnswered)]

    def bases(self) -> list[int]:
        """Where connections began."""
        return [event.base for event in self.all(ConnectionOpened)]

    def check_whole(self, samples: int | None = None) -> None:
        """Nothing was lost, and periods follow each other without a gap, each told once."""
        assert self.ledger.lost == 0
        ends = range(2048, (samples or 2048 * len(self.covered())) + 1, 2048)
        assert self.covered() == [(end - 2048, end) for end in ends]

    def check(self) -> None:
        """No sample is unaccounted for, and none counts twice."""
        ledger = self.ledger
        assert ledger.captured == len(self.written)
        assert ledger.captured == ledger.answered + ledger.lost + ledger.in_flight

    def _drop(self, dropped: Dropped) -> None:
        self._note(AudioAbandoned(dropped.start, dropped.end, "the buffer was full"))

    def _note(self, event: SessionEvent) -> None:
        match event:
            case AudioSent():
                self.ledger.send(event.start, event.end)
            case PeriodAnswered():
                self.ledger.answer(event.start, event.end)
            case AudioAbandoned():
                lost = self.ledger.lose(event.start, event.end)
                self.unsaid += 0 if event.reason else lost // 1024
            case _:
                pass
        self.check()
        self.events.append(event)
        self._happened.set()


@contextlib.asynccontextmanager
async def session_with(
    url: str | TargetProvider,
    **options: Any,  # noqa: ANN401  those of SessionBench
) -> AsyncIterator[SessionBench]:
    """A session with an endpoint, ended in bounded time whatever it is doing."""
    provider = RemoteTarget(url, "hush") if isinstance(url, str) else url
    bench = SessionBench(provider, **options)
    running = asyncio.ensure_future(bench.session.run())
    try:
        yield bench
    finally:
        running.cancel()
        await asyncio.wait([running], timeout=1)
        assert running.done(), "the session did not end"
        await bench.session.close()
        bench.check()
        if not running.cancelled():
            running.result()


@contextlib.asynccontextmanager
async def streaming(
    *scripts: Script | Refusal,
    handler: Handler | None = None,
    **options: Any,  # noqa: ANN401  those of SessionBench
) -> AsyncIterator[SessionBench]:
    """A session with a scripted endpoint, which is as ``served``."""
    async with (
        served(*scripts, handler=handler) as endpoint,
        session_with(endpoint.url, **options) as bench,
    ):
        bench.endpoint = endpoint
        yield bench


@contextlib.asynccontextmanager
async def imagined(
    *manners: Manners,
    connecting: Connect | None = None,
    **options: Any,  # noqa: ANN401  those of SessionBench
) -> AsyncIterator[SessionBench]:
    """A session in imagined time, with an endpoint of these manners or connections of any kind."""
    endpoint = ImaginedEndpoint(manners or (GOOD,))
    async with session_with(
        "ws://imagined/stream",
        timing=Timing(clock=asyncio.get_running_loop().time, random=lambda: 0.5),
        connecting=connecting or endpoint.connect,
        **options,
    ) as bench:
        bench.links = endpoint.links
        yield bench
