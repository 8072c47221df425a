"""A session between a ring that a test fills and an endpoint that a test scripts."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import numpy as np
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
    PeriodAnswered,
    SessionEvent,
)
from deeptone_tui.session.interfaces import Link
from deeptone_tui.session.stream_session import StreamSession
from deeptone_tui.session.target import RemoteTarget, StreamRequest, Target, TargetProvider
from deeptone_tui.session.timing import Timing

Event = TypeVar("Event")

PERIOD = StreamParameters(output_period=128)
"""Short periods: 2048 samples."""

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

    def __init__(
        self,
        provider: TargetProvider,
        parameters: StreamParameters,
        *,
        live: bool,
        capacity: int,
        timing: Timing,
        options: ConnectionOptions,
        connecting: Connect | None = None,
    ) -> None:
        self.ring = Ring(capacity)
        self.buffer = AudioBuffer(self.ring, self._drop)
        self.buffer.begin(live=live)
        self.ledger = Ledger()
        self.events: list[SessionEvent] = []
        self.unsaid = 0
        """Steps that were lost without a reason in words."""
        self.written = np.empty(0, dtype=np.int16)
        self._options = options
        self._happened = asyncio.Event()
        self.session = StreamSession(
            StreamRequest(provider, parameters),
            self.buffer,
            connecting or self._connect,
            self._note,
            timing,
        )

    async def _connect(self, target: Target, parameters: StreamParameters) -> Link:
        return await connect(target, parameters, options=self._options)

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

    def apply(self, parameters: StreamParameters) -> None:
        """Ask the same endpoint for something else."""
        self.session.change(StreamRequest(self.session.plan.provider, parameters))

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
    *,
    parameters: StreamParameters = PERIOD,
    live: bool = False,
    capacity: int = 960_000,
    timing: Timing | None = None,
    options: ConnectionOptions | None = None,
    connecting: Connect | None = None,
) -> AsyncIterator[SessionBench]:
    """A session with an endpoint, ended in bounded time whatever it is doing."""
    provider = RemoteTarget(url, "hush") if isinstance(url, str) else url
    bench = SessionBench(
        provider,
        parameters,
        live=live,
        capacity=capacity,
        timing=timing or hasty(),
        options=options or ConnectionOptions(close_timeout=0.2),
        connecting=connecting,
    )
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
    parameters: StreamParameters = PERIOD,
    live: bool = False,
    capacity: int = 960_000,
    timing: Timing | None = None,
    connecting: Connect | None = None,
) -> AsyncIterator[SessionBench]:
    """A session with a scripted endpoint, which is as ``served``."""
    async with (
        served(*scripts, handler=handler) as endpoint,
        session_with(
            endpoint.url,
            parameters=parameters,
            live=live,
            capacity=capacity,
            timing=timing,
            connecting=connecting,
        ) as bench,
    ):
        bench.endpoint = endpoint
        yield bench
