"""Where one connection takes over from another: races that take luck to meet, in imagined time.

And changes to what has not given a result yet, and what is known of the endpoint before.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from support.endpoints.imagined_endpoint import GOOD, ImaginedEndpoint, Manners
from support.sessions.session_bench import PERIOD, imagined
from support.time.imagined_time import in_imagined_time

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session.active_connection import Connect
from deeptone_tui.session.events import (
    AudioAbandoned,
    AudioAwaited,
    ChangeRefused,
    ConnectionEnded,
    ConnectionOpened,
    PeriodAnswered,
    RetryScheduled,
    SessionRefused,
)
from deeptone_tui.session.failures import Failure
from deeptone_tui.session.interfaces import Link
from deeptone_tui.session.stream_session import LEFT_OUT
from deeptone_tui.session.target import RemoteTarget, Target

LOUDER = replace(PERIOD, volume_threshold=0.02)
HEARS_AHEAD = replace(PERIOD, models=("speech-rt", "gender"))


@in_imagined_time
async def test_an_idle_connection_that_ends_during_a_change_makes_way_for_the_new_one() -> None:
    """A paused source: all is answered, and the endpoint leaves just before the hand-over."""
    async with imagined() as bench:
        bench.feed(4096)
        await asyncio.sleep(10)
        bench.apply(LOUDER)
        await asyncio.sleep(0.5)
        bench.links[0].end(1000)
        await asyncio.sleep(0.5)
        await bench.hear_all(4096)
        assert bench.ledger.answered == 8192


@in_imagined_time
async def test_changes_before_a_slow_link_has_sent_ahead_tell_nothing_twice() -> None:
    """What models hear ahead is on its way when the next change comes."""
    async with imagined(GOOD, Manners(rate=0.5), GOOD, live=True) as bench:
        bench.ring.silence_below = 0.01
        await bench.hear(12, silent=True)
        bench.apply(HEARS_AHEAD)
        while len(bench.bases()) < 2:
            await bench.hear(0.064, silent=True)
        bench.apply(LOUDER)
        await bench.hear(30)
        await bench.finish(within=600)
        assert len(bench.bases()) == 3
        starts = [start for start, _ in bench.covered()]
        assert starts == sorted(set(starts))
        assert bench.ledger.lost == 0


@in_imagined_time
async def test_what_a_new_connection_says_too_early_lets_no_audio_go() -> None:
    """It is far ahead when the old one fails over its last results: all of it is sent again."""
    async with imagined(Manners(mute_after=60 * 1024, rate=8), GOOD, capacity=160_000) as bench:
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


@in_imagined_time
async def test_results_that_wait_for_a_missing_one_are_signs_of_life() -> None:
    """With long periods, three of them take longer than the watchdog waits."""
    async with imagined(
        Manners(skips=2), parameters=replace(PERIOD, output_period=9984), live=True
    ) as bench:
        await bench.hear(80)
        assert not bench.all(RetryScheduled)


@in_imagined_time
async def test_a_missing_result_does_not_hold_up_a_source_that_can_wait() -> None:
    """The buffer is too small for the results that prove that one is missing."""
    async with imagined(
        Manners(skips=3), parameters=replace(PERIOD, output_period=1024), capacity=3 * 16_384
    ) as bench:
        for _ in range(400):
            await bench.buffer.room(1024)
            await bench.hear_all(1024)
        assert {each.reason for each in bench.all(RetryScheduled)} <= {LEFT_OUT.reason}


@pytest.mark.parametrize("more", [3 * 1024, 0], ids=["goes on", "ends"])
@in_imagined_time
async def test_a_pause_in_the_middle_of_a_period_loses_nothing(more: int) -> None:
    """The endpoint ends a connection that asks nothing; the next sends the period again."""
    async with imagined() as bench:
        bench.feed(5 * 1024)
        await asyncio.sleep(30)
        bench.links[0].end(1008)
        await bench.until(AudioAwaited)
        await asyncio.sleep(30)
        assert len(bench.links) == 1
        await bench.hear_all(more)
        assert bench.ledger.answered == 5 * 1024 + more
        assert bench.bases() == [0, 4096]
        assert not bench.all(RetryScheduled)


@in_imagined_time
async def test_a_change_goes_through_while_the_old_endpoint_takes_nothing() -> None:
    """A stuck connection is given up after a while."""
    async with imagined(Manners(rate=0.01), GOOD) as bench:
        bench.feed(160_000)
        await asyncio.sleep(5)
        bench.apply(LOUDER)
        await bench.until(ConnectionOpened, 2)
        await bench.until(PeriodAnswered, 3)


@in_imagined_time
async def test_audio_that_left_the_ring_before_its_result_came_is_a_loss_that_is_told() -> None:
    """A period longer than the ring, and a connection that breaks in it."""
    hour = replace(PERIOD, output_period=3_600_000)
    async with imagined(
        Manners(ends_after=480_000), GOOD, parameters=hour, live=True, capacity=160_000
    ) as bench:
        await bench.hear(40)
        assert bench.ledger.lost > 160_000
        assert not bench.unsaid


OTHER = RemoteTarget("ws://other/stream")
TROUBLED = Manners(mute_after=0, ends_after=20_480, code=1011)


def by(manners: Callable[[Target, StreamParameters], Manners]) -> Connect:
    """An endpoint whose manners depend on what is asked."""

    async def connect(target: Target, parameters: StreamParameters) -> Link:
        return await ImaginedEndpoint([manners(target, parameters)]).connect(target, parameters)

    return connect


@pytest.mark.parametrize(
    "objection",
    [
        Failure("refused (HTTP 422)", retry=False, by_endpoint=True),
        Failure("too many (HTTP 429)", retry_after=1.0, busy=True),
    ],
    ids=lambda failure: failure.words,
)
@in_imagined_time
async def test_what_worked_is_kept_until_the_change_has_given_a_result(objection: Failure) -> None:
    """A works; B takes audio and refuses it in the end; a change to C failed meanwhile."""
    a, b, c = (replace(PERIOD, volume_threshold=each) for each in (0.0, 0.02, 0.03))
    manners = {
        0.0: GOOD,
        0.02: Manners(mute_after=0, ends_after=96_000, code=1008),
        0.03: Manners(refusal=objection),
    }
    connecting = by(lambda _, asked: manners[asked.volume_threshold])
    async with imagined(connecting=connecting, parameters=a, live=True) as bench:
        await bench.hear(5)
        bench.apply(b)
        await bench.hear(3)
        bench.apply(c)
        await bench.hear(60)
    assert bench.all(ChangeRefused)[-1].parameters == a
    assert not bench.all(SessionRefused)
    assert bench.all(PeriodAnswered)[-1].parameters == a
    assert not bench.all(AudioAbandoned)


@in_imagined_time
async def test_what_one_endpoint_ended_over_is_not_held_against_the_next() -> None:
    """One that never answers is left for another, which fails once at the same place."""
    others: list[Manners] = []

    def manners(target: Target, _parameters: StreamParameters) -> Manners:
        if "other" not in target.url:
            return TROUBLED
        others.append(GOOD if others else TROUBLED)
        return others[-1]

    async with imagined(connecting=by(manners), live=True) as bench:
        await bench.hear(31)
        assert len(bench.all(ConnectionEnded)) > 3
        bench.switch(OTHER)
        await bench.hear(10)
    assert others == [TROUBLED, GOOD]
    assert bench.all(PeriodAnswered)[0].start == 0
    assert not bench.all(AudioAbandoned)


@in_imagined_time
async def test_a_line_that_takes_nothing_is_not_idle() -> None:
    """When it breaks, that is told, though no result was due for the long period."""
    stuck = Manners(rate=0.001, lives_for=8, code=1006)
    long = replace(PERIOD, output_period=20_032)
    async with imagined(stuck, GOOD, parameters=long, live=True) as bench:
        await bench.hear(12)
    (retry,) = bench.all(RetryScheduled)
    assert "the connection was lost" in retry.reason


@in_imagined_time
async def test_what_the_other_endpoint_ended_over_is_not_held_against_the_one_before() -> None:
    """The change fails, and what worked goes on with hiccups of its own."""
    silent = Manners(mute_after=0, lives_for=16, code=1011)
    here = iter([GOOD, silent, silent])

    def manners(target: Target, _parameters: StreamParameters) -> Manners:
        return TROUBLED if "other" in target.url else next(here, GOOD)

    async with imagined(connecting=by(manners), live=True) as bench:
        await bench.hear(5)
        bench.switch(OTHER)
        await bench.hear(60)
    assert bench.all(ChangeRefused)
    assert not bench.all(AudioAbandoned)
