"""New parameters, another endpoint, another piece of audio: one connection after the other."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from aiohttp import web
from support.endpoints.imagined_endpoint import GOOD, ImaginedLink
from support.endpoints.scripted_endpoint import Peer, Refusal, ScriptedEndpoint, behave, served
from support.sessions.session_bench import PERIOD, hasty, session_with, streaming

from deeptone_tui.monitor.buffer import AudioBuffer
from deeptone_tui.monitor.ring import Ring
from deeptone_tui.session.active_connection import TOO_MUCH
from deeptone_tui.session.events import (
    AudioAbandoned,
    ChangeRefused,
    ConnectionEnded,
    ConnectionOpened,
    PeriodAnswered,
    RetryScheduled,
)
from deeptone_tui.session.stream_connection import StreamConnection
from deeptone_tui.session.target import RemoteTarget
from deeptone_tui.session.timing import RateLimiter

LOUDER = replace(PERIOD, volume_threshold=0.02)


async def refuse(peer: Peer) -> None:
    """Say no, as for a model that is not offered."""
    await peer.greet()
    await peer.complain("no such model")
    await peer.socket.close(code=1008)


async def hear_and_refuse(peer: Peer) -> None:
    """Take some audio before saying no."""
    await peer.listen(6000)
    await refuse(peer)


async def test_new_parameters_begin_exactly_where_the_old_ones_ended() -> None:
    """The cut is at the end of a period; every sample is answered once, by one of the two."""
    async with streaming(live=True) as bench:
        await bench.feed_slowly(11 * 1024)
        bench.apply(LOUDER)
        await bench.feed_until_answered(LOUDER)
        bench.check_whole()
        assert all(event.parameters == PERIOD for event in bench.all(PeriodAnswered)[:5])
    assert [peer.parameters for peer in bench.endpoint.peers] == [PERIOD, LOUDER]


async def test_a_change_waits_for_silence_at_the_end_of_a_period() -> None:
    """The old connection goes on through the speech, and ends in the pause."""
    async with streaming(live=True) as bench:
        bench.ring.silence_below = 0.01
        await bench.feed_slowly(4 * 1024)
        bench.apply(LOUDER)
        await bench.feed_slowly(12 * 1024)
        await asyncio.sleep(0.1)
        for _ in range(4):
            bench.feed(1024, silent=True)
        await bench.feed_until(lambda: len(bench.bases()) == 2)
        seam = bench.bases()[1]
        assert 16 * 1024 < seam <= 20 * 1024
        assert seam % 2048 == 0


async def test_what_found_no_room_in_a_change_is_not_asked_for_again() -> None:
    """It is told as lost once; the next connection begins after it."""

    async def say_nothing(peer: Peer) -> None:
        await peer.greet()
        await peer.listen(8 * 1024)
        given_up.set()
        await go_on.wait()
        await peer.socket.close(code=1011)

    given_up, go_on = asyncio.Event(), asyncio.Event()
    async with streaming(say_nothing, behave) as bench:
        await bench.feed_slowly(8 * 1024)
        await given_up.wait()
        bench.session._told(bench.session.plan, AudioAbandoned(0, 4096, TOO_MUCH))
        go_on.set()
        assert (await bench.until(ConnectionOpened, 2)).base == 4096
        await bench.until(PeriodAnswered, 2)
    assert bench.covered() == [(4096, 6144), (6144, 8192)]
    assert bench.ledger.lost == 4096


async def test_the_new_connection_hears_what_its_models_need() -> None:
    """It begins before the seam, and what it says of that is not told again."""
    gender = replace(LOUDER, models=("gender",))  # 3130 ms
    async with streaming(live=True) as bench:
        await bench.feed_slowly(60 * 1024)
        bench.apply(gender)
        await bench.feed_until_answered(gender)
        ahead = 25 * 2048  # the periods that cover 3130 ms
        heard = bench.written[bench.bases()[1] - ahead :].tobytes()
        received = bytes(bench.endpoint.peers[1].audio)
        assert received == heard[: len(received)]
        bench.check_whole()


async def test_a_long_period_does_not_hold_up_a_change() -> None:
    """Where its end is far, the cut is at a step; its audio is answered as the last period."""
    hour = replace(PERIOD, output_period=3_600_000)
    async with streaming(parameters=hour, live=True) as bench:
        # The change has to find a plan that stands: nothing has been answered in an hour.
        await bench.feed_slowly(7 * 1024)
        bench.apply(PERIOD)
        await bench.feed_slowly(8 * 1024)
        await bench.finish()
    assert bench.ledger.lost == 0
    assert bench.covered()[0][0] == 0


async def test_a_change_while_no_audio_comes_is_made_all_the_same() -> None:
    """A paused source does not fill its period; it is cut short, and answered."""
    async with streaming() as bench:
        bench.feed(5 * 1024)
        await bench.until(PeriodAnswered, 2)
        bench.apply(LOUDER)
        await bench.until(ConnectionOpened, 2)
    assert bench.ledger.answered == 5 * 1024
    assert bench.bases()[1] == 5 * 1024


async def test_a_refused_change_leaves_everything_as_it_was() -> None:
    """The reason is told, the old parameters go on, and the audio that went astray comes again."""
    async with streaming(behave, hear_and_refuse, behave, live=True) as bench:
        await bench.feed_slowly(6 * 1024)
        await bench.until(PeriodAnswered)
        bench.apply(LOUDER)
        for _ in range(20):
            await bench.feed_slowly(1024)
            await asyncio.sleep(0.01)
        refused = await bench.until(ChangeRefused)
        await bench.finish()
        assert (refused.reason, refused.parameters) == ("the endpoint said: no such model", PERIOD)
        assert bench.ledger.lost == 0
        assert all(event.parameters == PERIOD for event in bench.all(PeriodAnswered))
    assert [peer.parameters for peer in bench.endpoint.peers] == [PERIOD, LOUDER, PERIOD]


async def test_a_change_that_is_refused_at_once_does_not_touch_the_old_connection() -> None:
    """It goes on as if nothing had been asked."""
    async with streaming(behave, refuse, live=True) as bench:
        await bench.feed_slowly(6 * 1024)
        await bench.until(PeriodAnswered)
        bench.apply(LOUDER)
        assert (await bench.until(ChangeRefused)).parameters == PERIOD
        await bench.feed_slowly(20 * 1024)
        await bench.finish()
        assert bytes(bench.endpoint.peers[0].audio) == bench.written.tobytes()
        assert bench.bases() == [0]
    assert len(bench.endpoint.peers) == 2


class OnePlace:
    """An endpoint with a place for one connection, and none for some thresholds."""

    def __init__(self, *refused: float) -> None:
        self._endpoint = ScriptedEndpoint([])
        self._refused = frozenset(refused)
        self._taken = False

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Let one in, and tell whom it will not have when to come again."""
        if self._taken:
            return web.Response(status=429)
        if float(request.query["volume_threshold"]) in self._refused:
            return web.Response(status=429, headers={"Retry-After": "4"})
        self._taken = True
        try:
            return await self._endpoint.handle(request)
        finally:
            self._taken = False


async def test_an_endpoint_that_takes_one_connection_gets_one_after_the_other() -> None:
    """The old one ends first; what it did not answer, the new one does."""
    async with streaming(handler=OnePlace().handle, live=True) as bench:
        await bench.feed_slowly(6 * 1024)
        bench.apply(LOUDER)
        await bench.feed_until_answered(LOUDER)
        assert not bench.all(ChangeRefused)
        bench.check_whole()


async def test_an_endpoint_that_refuses_a_change_is_left_alone_for_as_long_as_it_asks() -> None:
    """Also by what worked before, when the connection of that had to end for the attempt."""
    async with streaming(handler=OnePlace(LOUDER.volume_threshold).handle, live=True) as bench:
        await bench.feed_slowly(6 * 1024)
        await bench.until(PeriodAnswered)
        bench.apply(LOUDER)
        await bench.feed_until(lambda: bool(bench.all(RetryScheduled)))
        assert [event.delay for event in bench.all(RetryScheduled)] == [pytest.approx(4.0, abs=0.1)]
        assert bench.all(ChangeRefused)[0].parameters == PERIOD
        await bench.feed_slowly(4096)
        await bench.until(ConnectionOpened, 2)
        await bench.finish()
        assert bench.ledger.lost == 0


async def test_a_change_that_had_to_wait_long_is_refused_and_nothing_ends() -> None:
    """Neither does the endpoint hear of the next change before it wants to."""
    async with streaming(behave, Refusal(429, {"Retry-After": "3600"}), live=True) as bench:
        await bench.feed_slowly(6 * 1024)
        await bench.until(PeriodAnswered)
        for changes, plan in enumerate((LOUDER, replace(LOUDER, volume_threshold=0.3)), 1):
            bench.apply(plan)
            await bench.until(ChangeRefused, changes)
            await bench.feed_slowly(4096)
        assert len(bench.endpoint.handshakes) == 2
        assert not bench.all(ConnectionEnded)
        assert all("alone for 60 min" in event.reason for event in bench.all(ChangeRefused))
        await bench.finish()
        assert bench.ledger.lost == 0


async def test_a_change_does_not_shorten_what_an_endpoint_asks_for() -> None:
    """Another endpoint need not be waited for."""
    async with served() as other, streaming(Refusal(503, {"Retry-After": "3600"})) as bench:
        first = await bench.until(RetryScheduled)
        bench.apply(LOUDER)
        assert (await bench.until(RetryScheduled, 2)).reason == first.reason
        bench.switch(RemoteTarget(bench.endpoint.url, "hush"))
        assert (await bench.until(RetryScheduled, 3)).reason == first.reason
        assert len(bench.endpoint.handshakes) == 1
        bench.switch(RemoteTarget(other.url))
        await bench.feed_slowly(6 * 1024)
        await bench.until(PeriodAnswered)


async def test_a_change_that_is_taken_back_while_the_old_connection_ends_loses_nothing() -> None:
    """Results that it did not bring any more are asked for again."""

    async def deaf_in_the_end(peer: Peer) -> None:
        await peer.greet()
        await peer.listen(4 * 4096)
        await peer.answer(0.0)
        await peer.socket.receive()
        await asyncio.sleep(10)

    async with streaming(deaf_in_the_end, behave, behave, behave) as bench:
        bench.feed(8 * 1024)
        await bench.until(PeriodAnswered)
        bench.apply(LOUDER)
        old = bench.session._connections.running[0].exchange
        await asyncio.wait_for(old.stopped.wait(), 5)
        bench.apply(PERIOD)
        await bench.hear_all(8 * 1024)
    bench.check_whole(16 * 1024)


class Watched(RemoteTarget):
    """A provider that tells when it is released."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.closed = asyncio.Event()

    async def close(self) -> None:
        """Tell."""
        self.closed.set()


async def test_the_old_endpoint_is_released_once_the_new_one_has_answered() -> None:
    """Not before: it would be needed again."""
    async with served() as first, served() as second:
        old, new = Watched(first.url), Watched(second.url)
        async with session_with(old) as bench:
            bench.feed(4 * 1024)
            await bench.until(PeriodAnswered, 2)
            bench.switch(new)
            await bench.until(ConnectionOpened, 2)
            assert not old.closed.is_set()
            bench.feed(4 * 1024)
            await asyncio.wait_for(old.closed.wait(), 5)
            assert not new.closed.is_set()
    assert new.closed.is_set()


async def test_a_cut_in_the_audio_begins_a_new_connection_at_a_step() -> None:
    """As after a seek: what came before is answered to its end, less than a step is left out."""
    async with streaming() as bench:
        bench.feed(5 * 1024 + 300)
        bench.buffer.cut()
        await bench.hear_all(6 * 1024)
    assert bench.bases() == [0, 6 * 1024]
    assert len(bench.endpoint.peers[0].audio) == 2 * (5 * 1024 + 300)
    assert bench.ledger.lost == 724


async def test_many_cuts_at_one_place_are_one() -> None:
    """Seeking about while paused makes no connections."""
    async with streaming() as bench:
        bench.feed(4 * 1024)
        await bench.until(PeriodAnswered, 2)
        for _ in range(5):
            bench.buffer.cut()
        await bench.hear_all(4 * 1024)
    assert len(bench.endpoint.peers) == 2
    bench.check_whole(8 * 1024)


class BrokenLink(ImaginedLink):
    """A connection that takes nothing, and whose end is not heard of."""

    async def send(self, _payload: bytes) -> None:
        """Fail."""
        raise ConnectionResetError


async def test_a_change_meets_a_connection_that_is_just_breaking() -> None:
    """It has no end left to be sent to; that is no error."""
    buffer = AudioBuffer(Ring(4096))
    buffer.write(np.zeros(2048, dtype=np.int16))
    link = BrokenLink(GOOD, PERIOD, lambda _audio: "speech")
    exchange = StreamConnection(link, buffer, PERIOD, lambda _event: None, hasty())
    running = asyncio.ensure_future(exchange.run())
    exchange.begin(0, 0, RateLimiter())
    await asyncio.sleep(0.01)
    exchange.stop()
    ended = await asyncio.wait_for(running, 5)
    assert ended.failure is not None
