"""Where one connection takes over from another: races that take luck to meet, in imagined time."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from support.endpoints.imagined_endpoint import GOOD, ImaginedEndpoint, Manners
from support.sessions.session_bench import PERIOD, SessionBench, session_with
from support.time.imagined_time import run_at_once

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session.events import (
    AudioAwaited,
    ConnectionOpened,
    PeriodAnswered,
    RetryScheduled,
)
from deeptone_tui.session.stream_session import LEFT_OUT
from deeptone_tui.session.timing import Timing

LOUDER = replace(PERIOD, volume_threshold=0.02)
HEARS_AHEAD = replace(PERIOD, models=("speech-rt", "gender"))


def session_at(
    endpoint: ImaginedEndpoint,
    *,
    parameters: StreamParameters = PERIOD,
    live: bool = False,
    capacity: int = 960_000,
) -> AbstractAsyncContextManager[SessionBench]:
    """A session with an imagined endpoint, in imagined time."""
    return session_with(
        "ws://imagined/stream",
        parameters=parameters,
        live=live,
        capacity=capacity,
        timing=Timing(clock=asyncio.get_running_loop().time, random=lambda: 0.5),
        connecting=endpoint.connect,
    )


async def hear(bench: SessionBench, seconds: float, *, silent: bool = False) -> None:
    """Audio comes at the pace of the clock."""
    for _ in range(round(seconds / 0.064)):
        await asyncio.sleep(0.064)
        bench.feed(1024, silent=silent)


def test_an_idle_connection_that_ends_during_a_change_makes_way_for_the_new_one() -> None:
    """A paused source: all is answered, and the endpoint leaves just before the hand-over."""

    async def life() -> None:
        endpoint = ImaginedEndpoint([GOOD])
        async with session_at(endpoint) as bench:
            bench.feed(4096)
            await asyncio.sleep(10)
            bench.apply(LOUDER)
            await asyncio.sleep(0.5)
            endpoint.links[0].end(1000)
            await asyncio.sleep(0.5)
            await bench.hear_all(4096)
            assert bench.ledger.answered == 8192

    run_at_once(life())


def test_changes_before_a_slow_link_has_sent_ahead_tell_nothing_twice() -> None:
    """What models hear ahead is on its way when the next change comes."""

    async def life() -> None:
        endpoint = ImaginedEndpoint([GOOD, Manners(rate=0.5), GOOD])
        async with session_at(endpoint, live=True) as bench:
            bench.ring.silence_below = 0.01
            await hear(bench, 12, silent=True)
            bench.apply(HEARS_AHEAD)
            while len(bench.all(ConnectionOpened)) < 2:
                await hear(bench, 0.064, silent=True)
            bench.apply(LOUDER)
            await hear(bench, 30)
            await bench.finish(within=600)
            assert len(bench.all(ConnectionOpened)) == 3
            starts = [start for start, _ in bench.covered()]
            assert starts == sorted(set(starts))
            assert bench.ledger.lost == 0

    run_at_once(life())


def test_what_a_new_connection_says_too_early_lets_no_audio_go() -> None:
    """It is far ahead when the old one fails over its last results: all of it is sent again."""

    async def life() -> None:
        mute = Manners(mute_after=60 * 1024, rate=8)
        endpoint = ImaginedEndpoint([mute, GOOD])
        async with session_at(endpoint, capacity=160_000) as bench:
            bench.buffer.begin(live=False, paced=False)
            changed = False
            for number in range(1000):
                await bench.buffer.room(1024)
                bench.feed(1024)
                if number > 70 and not changed and bench.all(PeriodAnswered):
                    changed = True
                    bench.apply(LOUDER)
            await bench.finish()
            assert bench.ledger.lost == 0

    run_at_once(life())


def test_results_that_wait_for_a_missing_one_are_signs_of_life() -> None:
    """With long periods, three of them take longer than the watchdog waits."""

    async def life() -> None:
        endpoint = ImaginedEndpoint([Manners(skips=2)])
        async with session_at(
            endpoint, parameters=replace(PERIOD, output_period=9984), live=True
        ) as bench:
            await hear(bench, 80)
            assert not bench.all(RetryScheduled)

    run_at_once(life())


def test_a_missing_result_does_not_hold_up_a_source_that_can_wait() -> None:
    """The buffer is too small for the results that prove that one is missing."""

    async def life() -> None:
        endpoint = ImaginedEndpoint([Manners(skips=3)])
        async with session_at(
            endpoint, parameters=replace(PERIOD, output_period=1024), capacity=3 * 16_384
        ) as bench:
            for _ in range(400):
                await bench.buffer.room(1024)
                await bench.hear_all(1024)
            assert {each.reason for each in bench.all(RetryScheduled)} <= {LEFT_OUT.reason}

    run_at_once(life())


def test_a_pause_in_the_middle_of_a_period_loses_nothing() -> None:
    """The endpoint ends a connection that asks nothing; the next sends the period again."""

    async def life() -> None:
        endpoint = ImaginedEndpoint([GOOD])
        async with session_at(endpoint) as bench:
            bench.feed(5 * 1024)
            await asyncio.sleep(30)
            endpoint.links[0].end(1008)
            await bench.until(AudioAwaited)
            await asyncio.sleep(30)
            assert len(endpoint.links) == 1
            await bench.hear_all(3 * 1024)
            assert bench.ledger.answered == 8 * 1024
            assert [event.base for event in bench.all(ConnectionOpened)] == [0, 4096]

    run_at_once(life())


def test_a_source_that_ends_in_a_pause_gets_its_last_result() -> None:
    """The same, but nothing follows: what is owed is asked for all the same."""

    async def life() -> None:
        endpoint = ImaginedEndpoint([GOOD])
        async with session_at(endpoint) as bench:
            bench.feed(5 * 1024)
            await asyncio.sleep(30)
            endpoint.links[0].end(1008)
            await bench.until(AudioAwaited)
            await bench.finish()
            assert bench.ledger.answered == 5 * 1024

    run_at_once(life())


def test_audio_that_left_the_ring_before_its_result_came_is_a_loss_that_is_told() -> None:
    """A period longer than the ring, and a connection that breaks in it."""

    async def life() -> None:
        hour = replace(PERIOD, output_period=3_600_000)
        endpoint = ImaginedEndpoint([Manners(ends_after=480_000), GOOD])
        async with session_at(endpoint, parameters=hour, live=True, capacity=160_000) as bench:
            await hear(bench, 40)
            assert bench.ledger.lost > 160_000
            assert not bench.unsaid

    run_at_once(life())
