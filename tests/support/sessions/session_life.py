"""The life of a session from the first sample to rest, in imagined time."""

import asyncio
from dataclasses import dataclass

import numpy as np
from support.endpoints.imagined_endpoint import GOOD, ImaginedEndpoint, Manners
from support.sessions.session_bench import SessionBench, imagined

from deeptone_tui.protocol import STEP_SAMPLES, StreamParameters
from deeptone_tui.session.events import (
    AudioAbandoned,
    AudioFinished,
    PeriodAnswered,
    SessionEvent,
    SessionRefused,
)

AT_REST = 1000.0
"""Seconds in which everything must have come to its end."""


@dataclass(frozen=True, slots=True)
class Hear:
    """Audio comes, at the pace of the clock where it is live."""

    samples: int
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing happens."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Change:
    """Something else is wanted."""

    parameters: StreamParameters


@dataclass(frozen=True, slots=True)
class Cut:
    """A seek, or another source."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The source ends; what comes after it makes it live again."""


def verdict(audio: bytes) -> str:
    """The first sample of a period names it."""
    return str(np.frombuffer(audio, dtype="<i2")[0])


class Life:
    """A session with what happens to it."""

    def __init__(self, bench: SessionBench, *, live: bool) -> None:
        self._bench = bench
        self._live = live
        self._ends: list[int] = []  # of pieces of audio, as absolute samples

    def given_up(self) -> list[AudioAbandoned]:
        """What was lost, but for steps that a piece of audio ended in: nobody judges those."""
        partial = {end // STEP_SAMPLES for end in self._ends if end % STEP_SAMPLES}
        return [
            lost
            for lost in self._bench.all(AudioAbandoned)
            if not partial.issuperset(
                range(lost.start // STEP_SAMPLES, -(-lost.end // STEP_SAMPLES))
            )
        ]

    async def go_through(self, happening: object) -> None:
        """Let something happen."""
        bench = self._bench
        match happening:
            case Hear(samples, silent):
                if bench.buffer.ended(len(bench.written)):
                    bench.buffer.cut()  # what comes after an end is another source's
                await self._hear(samples, silent=silent)
            case Wait(seconds):
                await asyncio.sleep(seconds)
            case Change(parameters):
                bench.apply(parameters)
                bench.ring.silence_below = parameters.volume_threshold
            case Cut():
                bench.buffer.cut()
                self._ends.append(len(bench.written))
            case Finish():
                bench.buffer.finish()
                self._ends.append(len(bench.written))

    async def _hear(self, samples: int, *, silent: bool) -> None:
        while samples:
            piece = min(samples, 1024)
            if self._live:
                await asyncio.sleep(piece / 16_000)
            else:
                async with asyncio.timeout(AT_REST):
                    await self._bench.buffer.room(piece)
            self._bench.feed(piece, silent=silent)
            samples -= piece

    async def end(self) -> None:
        """The source ends, and everything with it; somebody mends what was refused."""
        bench = self._bench
        await self.go_through(Finish())
        async with asyncio.timeout(AT_REST):
            while bench.ledger.in_flight or not isinstance(self._newest(), AudioFinished):
                if isinstance(self._newest(), SessionRefused):
                    bench.session.change(bench.session.plan)
                await asyncio.sleep(1)
        await asyncio.sleep(3)

    def _newest(self) -> SessionEvent | None:
        """What the session told last; the ring tells of losses at any time."""
        told = (e for e in reversed(self._bench.events) if not isinstance(e, AudioAbandoned))
        return next(told, None)


def check(bench: SessionBench) -> None:
    """What must be true of every life."""
    last = 0
    for event in bench.all(PeriodAnswered):
        assert event.start >= last, "a result for audio that has one"
        last = event.end
        if len(bench.written) > event.start:
            said = event.step.answers["speech-rt"].result
            assert said == str(bench.written[event.start]), "a result in the wrong place"


async def live_through(
    happenings: list[object], manners: list[Manners], *, live: bool, capacity: int
) -> Life:
    """One life, from the first sample to rest."""
    endpoint = ImaginedEndpoint([*manners, GOOD], verdict)
    async with imagined(connecting=endpoint.connect, live=live, capacity=capacity) as bench:
        life = Life(bench, live=live)
        for happening in happenings:
            await life.go_through(happening)
        await life.end()
        check(bench)
        assert not bench.unsaid
        assert len(bench.session._connections.running) <= 1
        assert len(bench.buffer._cursors) <= 1
    assert not bench.buffer._cursors
    assert not any(link.open for link in endpoint.links)
    await asyncio.sleep(20)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, left
    return life
