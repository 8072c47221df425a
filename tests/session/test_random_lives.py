"""Sessions that live through whatever can happen to them, in imagined time."""

import asyncio
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.imagined_endpoint import GOOD, ImaginedEndpoint, Manners
from support.imagined_time import run_at_once
from support.session_bench import PERIOD, SessionBench, session_with

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session.events import (
    AudioAbandoned,
    AudioFinished,
    PeriodAnswered,
    SessionEvent,
    SessionRefused,
)
from deeptone_tui.session.failures import Failure
from deeptone_tui.session.timing import Timing

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


PLANS = [
    PERIOD,
    replace(PERIOD, volume_threshold=0.02),
    replace(PERIOD, output_period=64),
    replace(PERIOD, output_period=1024, models=("speech-rt", "gender")),
    replace(PERIOD, output_period=5120),
    replace(PERIOD, output_period=3_600_000),
]

ACTIONS = st.one_of(
    st.builds(Hear, st.integers(1, 200).map(lambda steps: 1024 * steps), st.booleans()),
    st.builds(Hear, st.integers(1, 5000)),
    st.builds(Wait, st.sampled_from([0.0, 0.01, 0.06, 0.2, 1.05, 3.0, 6.0, 40.0])),
    st.builds(Change, st.sampled_from(PLANS)),
    st.builds(Change, st.sampled_from(PLANS)),
    st.just(Cut()),
    st.just(Finish()),
)

REFUSALS = [
    Failure("unreachable"),
    Failure("one too many", retry_after=1.0, busy=True),
    Failure("no such model", retry=False, by_endpoint=True),
]

POLITE = st.builds(
    Manners,
    greets=st.booleans(),
    announces=st.booleans(),
    hello_after=st.sampled_from([0.0, 0.0, 0.5, 3.0]),
    rate=st.sampled_from([1000.0, 30.0, 2.0, 0.5]),
    thinks=st.sampled_from([0.0, 0.0, 0.3, 2.0]),
    doubles=st.booleans(),
    swaps=st.booleans(),
)
MANNERS = st.one_of(
    st.just(GOOD),
    POLITE,
    st.builds(
        lambda polite, after, code, error: replace(
            polite, ends_after=after, code=code, error=error
        ),
        POLITE,
        st.integers(0, 300_000),
        st.sampled_from([1000, 1005, 1006, 1008, 1011]),
        st.sampled_from(["", "", "out of order"]),
    ),
    st.builds(
        lambda polite, after: replace(polite, mute_after=after), POLITE, st.integers(0, 300_000)
    ),
    st.builds(lambda polite, skips: replace(polite, skips=skips), POLITE, st.integers(1, 6)),
    st.builds(Manners, refusal=st.sampled_from(REFUSALS)),
)


def verdict(audio: bytes) -> str:
    """The first sample of a period names it."""
    return str(np.frombuffer(audio, dtype="<i2")[0])


class Life:
    """A session with what happens to it."""

    def __init__(self, bench: SessionBench, *, live: bool) -> None:
        self._bench = bench
        self._live = live

    async def go_through(self, happening: object) -> None:
        """Let something happen."""
        bench = self._bench
        match happening:
            case Hear(samples, silent):
                await self._hear(samples, silent=silent)
            case Wait(seconds):
                await asyncio.sleep(seconds)
            case Change(parameters):
                bench.apply(parameters)
                bench.ring.silence_below = parameters.volume_threshold
            case Cut():
                bench.buffer.cut()
            case Finish():
                bench.buffer.finish()

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
        bench.buffer.finish()
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
) -> SessionBench:
    """One life, from the first sample to rest."""
    endpoint = ImaginedEndpoint([*manners, GOOD], verdict)
    loop = asyncio.get_running_loop()
    timing = Timing(clock=loop.time, random=lambda: 0.5)
    async with session_with(
        "ws://imagined/stream",
        live=live,
        capacity=capacity,
        timing=timing,
        connecting=endpoint.connect,
    ) as bench:
        life = Life(bench, live=live)
        for happening in happenings:
            await life.go_through(happening)
        await life.end()
        check(bench)
        assert not bench.unsaid
        assert len(bench.session._running) <= 1
        assert len(bench.buffer._cursors) <= 1
    assert not bench.buffer._cursors
    assert not any(link.open for link in endpoint.links)
    await asyncio.sleep(20)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, left
    return bench


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(ACTIONS, min_size=3, max_size=12),
    st.lists(MANNERS, max_size=6),
    st.booleans(),
    st.sampled_from([16 * 1024, 160_000, 960_000]),
)
def test_whatever_happens_every_sample_is_accounted_for(
    happenings: list[object], manners: list[Manners], live: bool, capacity: int
) -> None:
    """Each result once, in order, in its place; nothing in flight in the end; nothing left."""
    run_at_once(live_through(happenings, manners, live=live, capacity=capacity))
