"""Changes to what has not given a result yet, and what is known of the endpoint before."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest
from support.endpoints.imagined_endpoint import GOOD, ImaginedEndpoint, Manners
from support.sessions.session_bench import PERIOD, SessionBench, session_with
from support.time.imagined_time import run_at_once

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session.active_connection import Connect
from deeptone_tui.session.events import (
    AudioAbandoned,
    ChangeRefused,
    ConnectionEnded,
    PeriodAnswered,
    RetryScheduled,
    SessionRefused,
)
from deeptone_tui.session.failures import Failure
from deeptone_tui.session.interfaces import Link
from deeptone_tui.session.target import RemoteTarget, StreamRequest, Target
from deeptone_tui.session.timing import Timing

OTHER = RemoteTarget("ws://other/stream")
TROUBLED = Manners(mute_after=0, ends_after=20_480, code=1011)


def by(manners: Callable[[Target, StreamParameters], Manners]) -> Connect:
    """An endpoint whose manners depend on what is asked."""

    async def connect(target: Target, parameters: StreamParameters) -> Link:
        return await ImaginedEndpoint([manners(target, parameters)]).connect(target, parameters)

    return connect


def live(
    connecting: Connect, parameters: StreamParameters = PERIOD
) -> AbstractAsyncContextManager[SessionBench]:
    """A session with a live source, in imagined time."""
    timing = Timing(clock=asyncio.get_running_loop().time, random=lambda: 0.5)
    return session_with(
        "ws://imagined/stream",
        parameters=parameters,
        live=True,
        timing=timing,
        connecting=connecting,
    )


async def hear(bench: SessionBench, seconds: float) -> None:
    """Audio comes in at the pace of the clock."""
    for _ in range(int(seconds * 16_000 / 1024)):
        await asyncio.sleep(0.064)
        bench.feed(1024)


@pytest.mark.parametrize(
    "objection",
    [
        Failure("refused (HTTP 422)", retry=False, by_endpoint=True),
        Failure("too many (HTTP 429)", retry_after=1.0, busy=True),
    ],
    ids=lambda failure: failure.words,
)
def test_what_worked_is_kept_until_the_change_has_given_a_result(objection: Failure) -> None:
    """A works; B takes audio and refuses it in the end; a change to C failed meanwhile."""
    a, b, c = (replace(PERIOD, volume_threshold=each) for each in (0.0, 0.02, 0.03))
    manners = {
        0.0: GOOD,
        0.02: Manners(mute_after=0, ends_after=96_000, code=1008),
        0.03: Manners(refusal=objection),
    }

    async def main() -> None:
        async with live(by(lambda _, asked: manners[asked.volume_threshold]), a) as bench:
            await hear(bench, 5)
            bench.apply(b)
            await hear(bench, 3)
            bench.apply(c)
            await hear(bench, 60)
        assert bench.all(ChangeRefused)[-1].parameters == a
        assert not bench.all(SessionRefused)
        assert bench.all(PeriodAnswered)[-1].parameters == a
        assert not bench.all(AudioAbandoned)

    run_at_once(main())


def test_what_one_endpoint_ended_over_is_not_held_against_the_next() -> None:
    """One that never answers is left for another, which fails once at the same place."""
    others: list[Manners] = []

    def manners(target: Target, _parameters: StreamParameters) -> Manners:
        if "other" not in target.url:
            return TROUBLED
        others.append(GOOD if others else TROUBLED)
        return others[-1]

    async def main() -> None:
        async with live(by(manners)) as bench:
            await hear(bench, 31)
            assert len(bench.all(ConnectionEnded)) > 3
            bench.session.change(StreamRequest(OTHER, PERIOD))
            await hear(bench, 10)
        assert others == [TROUBLED, GOOD]
        assert bench.all(PeriodAnswered)[0].start == 0
        assert not bench.all(AudioAbandoned)

    run_at_once(main())


def test_a_line_that_takes_nothing_is_not_idle() -> None:
    """When it breaks, that is told, though no result was due for the long period."""

    async def main() -> None:
        stuck = Manners(rate=0.001, lives_for=8, code=1006)
        endpoint = ImaginedEndpoint([stuck, GOOD])
        async with live(endpoint.connect, replace(PERIOD, output_period=20_032)) as bench:
            await hear(bench, 12)
        (retry,) = bench.all(RetryScheduled)
        assert "the connection was lost" in retry.reason

    run_at_once(main())


def test_what_the_other_endpoint_ended_over_is_not_held_against_the_one_before() -> None:
    """The change fails, and what worked goes on with hiccups of its own."""
    silent = Manners(mute_after=0, lives_for=16, code=1011)
    here = iter([GOOD, silent, silent])

    def manners(target: Target, _parameters: StreamParameters) -> Manners:
        return TROUBLED if "other" in target.url else next(here, GOOD)

    async def main() -> None:
        async with live(by(manners)) as bench:
            await hear(bench, 5)
            bench.session.change(StreamRequest(OTHER, PERIOD))
            await hear(bench, 60)
        assert bench.all(ChangeRefused)
        assert not bench.all(AudioAbandoned)

    run_at_once(main())
