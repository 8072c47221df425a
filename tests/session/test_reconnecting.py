"""Connections that fail: what is tried again, from where, and what is lost."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from aiohttp import web
from support.endpoints.raw_peer import raw_peer
from support.endpoints.scripted_endpoint import Peer, Refusal, behave, served
from support.sessions.session_bench import PERIOD, hasty, session_with, streaming

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session.events import (
    AudioAbandoned,
    AudioAwaited,
    AudioSent,
    ConnectionOpened,
    ConnectionsFailing,
    ConnectionStarted,
    EndpointRequested,
    PeriodAnswered,
    RetryScheduled,
    SessionRefused,
)
from deeptone_tui.session.failures import ConnectionFailed, Failure
from deeptone_tui.session.interfaces import Link
from deeptone_tui.session.target import RemoteTarget, StreamRequest, Target, TargetError


def breaking(
    after: int, *, code: int | None = None, error: str = ""
) -> Callable[[Peer], Awaitable[None]]:
    """An endpoint that answers some periods and then ends the connection."""

    async def script(peer: Peer) -> None:
        await peer.greet()
        for number in range(after):
            await peer.listen((number + 1) * 4096)
            await peer.answer(number * 128.0)
        await peer.listen(after * 4096 + 2048)
        if error:
            await peer.socket.send_str(f'{{"message_type":"error","message":"{error}"}}')
        if code is None:
            peer.reset()
        else:
            await peer.socket.close(code=code)

    return script


async def test_a_live_stream_goes_on_where_its_answers_ended() -> None:
    """What was in flight or captured meanwhile is sent again; nothing is lost or told twice."""
    async with streaming(breaking(3), behave, live=True) as bench:
        await bench.feed_slowly(20 * 1024)
        await bench.until(ConnectionOpened, 2)
        bench.feed(700)  # off the grid
        await bench.feed_slowly(20 * 1024)
        await bench.until(PeriodAnswered, 20)
        assert [event.base for event in bench.all(ConnectionOpened)] == [0, 3 * 2048]
        assert bench.covered() == [(start, start + 2048) for start in range(0, 20 * 2048, 2048)]
        assert bench.ledger.lost == 0
        assert "the connection was lost" in bench.all(RetryScheduled)[0].reason
    # The model hears two periods again, 146 ms; their results are not told again.
    again = bytes(bench.endpoint.peers[1].audio)
    assert again == bench.written[2048:].tobytes()[: len(again)]


async def test_what_the_ring_cannot_keep_is_lost_and_the_rest_goes_on() -> None:
    """Each loss is told when it happens; what is left is sent when there is an endpoint again."""

    async def away(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=503)

    async with served(handler=away) as endpoint, served() as good:
        provider = Moving(endpoint.url)
        async with session_with(provider, live=True, capacity=64 * 1024) as bench:
            bench.ring.silence_below = 0.01
            await bench.until(RetryScheduled)
            bench.feed(20 * 1024)
            bench.feed(30 * 1024, silent=True)
            bench.feed(20 * 1024)
            dropped = [(event.start, event.end) for event in bench.all(AudioAbandoned)]
            assert dropped == [(20 * 1024, 36 * 1024)]  # of the silence, not of the speech
            provider.url = good.url
            await bench.finish()
        assert bench.ledger.lost == 16 * 1024
        assert bench.ledger.answered == 54 * 1024
        assert [event.base for event in bench.all(ConnectionOpened)] == [0, 36 * 1024]


async def test_connections_that_soon_die_are_said_to_be_a_pattern() -> None:
    """Three in a row that ended within five seconds."""
    async with streaming(breaking(1), breaking(1), breaking(1), behave) as bench:
        await bench.hear_all(40 * 1024)
        (pattern,) = bench.all(ConnectionsFailing)
        assert pattern.count == 3
        assert "the connection was lost" in pattern.reason
        assert bench.ledger.lost == 0


async def test_a_pattern_is_told_once_and_with_its_own_cause() -> None:
    """Not again for each further one, nor with an attempt that made no connection at all."""
    refused = Refusal(503)
    scripts = [breaking(1, code=1001)] * 4
    async with streaming(*scripts, refused, *scripts, behave) as bench:
        await bench.hear_all(40 * 1024)
        (pattern,) = bench.all(ConnectionsFailing)
        assert "going away" in pattern.reason


@pytest.mark.parametrize("code", [1001, 1012, 1013, 1014])
async def test_an_endpoint_that_has_no_time_costs_no_audio(code: int) -> None:
    """However often it says so, it is not for what it was sent."""
    scripts = [breaking(0, code=code)] * 7
    async with streaming(*scripts, behave) as bench:
        await bench.hear_all(40 * 1024)
    assert bench.ledger.lost == 0
    assert bench.ledger.answered == 40 * 1024


async def test_an_endpoint_that_takes_audio_and_says_nothing_counts_as_dead() -> None:
    """Its connection lives, but no result comes for what is due: another one is made."""

    async def mute(peer: Peer) -> None:
        await peer.greet()
        await peer.listen()

    async with streaming(mute, behave, live=True) as bench:
        await bench.feed_slowly(8 * 1024)
        retry = await bench.until(RetryScheduled)
        assert retry.reason == "no result for 20 s, though audio goes out"
        await bench.until(PeriodAnswered, 4)
        assert bench.ledger.lost == 0


async def test_a_file_goes_on_where_its_answers_ended() -> None:
    """What was sent and not answered is sent again; no sample is lost or answered twice."""
    async with streaming(breaking(3), breaking(2), behave) as bench:
        await bench.hear_all(40 * 1024)
    assert bench.covered() == [(start, start + 2048) for start in range(0, 40 * 1024, 2048)]
    assert bench.ledger.lost == 0
    assert bench.ledger.sent == 40 * 1024


async def test_a_break_while_the_last_results_are_awaited_loses_nothing_of_a_file() -> None:
    """The rest is sent again, and its end announced again."""

    async def forgetful(peer: Peer) -> None:
        await peer.greet()
        await peer.listen()
        await peer.answer(0.0)
        peer.reset()

    async with streaming(forgetful, behave) as bench:
        await bench.hear_all(10 * 2048)
    assert bench.ledger.answered == 10 * 2048


def garbling(after: int) -> Callable[[Peer], Awaitable[None]]:
    """An endpoint that answers some periods, and then sends a frame that no rule allows."""

    async def script(peer: Peer) -> None:
        await peer.greet()
        for number in range(after):
            await peer.listen((number + 1) * 4096)
            await peer.answer(number * 128.0)
        await peer.listen(after * 4096 + 2048)
        peer.send_raw(b"\xc1\x01x")  # a text, the first of its reserved bits set
        await peer.listen()

    return script


@pytest.mark.parametrize("live", [True, False])
async def test_a_malformed_frame_is_a_connection_that_broke(live: bool) -> None:
    """Another is made, what was not answered is sent again, and the words name who was wrong."""
    async with streaming(garbling(3), garbling(0), behave, live=live) as bench:
        await bench.hear_all(20 * 2048)
    assert bench.covered() == [(start, start + 2048) for start in range(0, 20 * 2048, 2048)]
    assert bench.ledger.lost == 0
    assert {event.reason for event in bench.all(RetryScheduled)} == {
        "the endpoint sent a malformed frame: received frame with non-zero reserved bits"
    }


async def test_one_that_sends_nothing_but_malformed_frames_is_tried_with_growing_delays() -> None:
    """It is never given up for good; what stands before each of them is not answered either."""
    timing = hasty(lambda: 0.99)
    async with streaming(garbling(0), live=True, timing=timing) as bench:
        await bench.feed_slowly(8 * 2048)
        await bench.until(RetryScheduled, 5)
    delays = [event.delay for event in bench.all(RetryScheduled)[:5]]
    assert delays == pytest.approx([0.2475, 0.495, 0.99, 1.98, 3.96])
    assert not bench.all(SessionRefused)


async def test_audio_that_kills_every_connection_is_passed_over() -> None:
    """A file is not stuck for ever on a place that the endpoint cannot take; the rest is judged."""
    bad = (5000).to_bytes(2, "little")  # each sample tells its index

    async def allergic(peer: Peer) -> None:
        await peer.greet()
        while bad not in peer.audio and await peer.listen(peer.received + 2):
            pass
        if bad in peer.audio:
            await peer.socket.close(code=1011)
        else:
            await peer.answer_all()
            await peer.socket.close()

    async with streaming(allergic, timing=hasty(lambda: 0.5)) as bench:
        await bench.hear_all(30 * 1024)
    (passed,) = bench.all(AudioAbandoned)
    assert passed.start <= 5000 < passed.end
    assert "connections ended over it: the endpoint had an internal error" in passed.reason
    assert bench.ledger.answered == 30 * 1024 - (passed.end - passed.start)


async def test_an_endpoint_in_trouble_for_a_while_costs_no_audio() -> None:
    """It ends more connections than a bad place would need, one after the other."""

    async def fail(peer: Peer) -> None:
        await peer.greet()
        await peer.listen(2048)
        await peer.socket.close(code=1011)

    async with streaming(*[fail] * 6, behave) as bench:
        await bench.hear_all(8 * 2048)
    assert len(bench.endpoint.peers) == 7
    assert bench.ledger.answered == 8 * 2048


@pytest.mark.parametrize("code", [1002, 1003, 1007, 1008])
async def test_what_is_refused_by_rule_is_not_tried_again(code: int) -> None:
    """The endpoint's own words are the reason."""
    script = breaking(0, code=code, error="no such thing")
    async with streaming(script) as bench:
        bench.feed(8 * 1024)
        refused = await bench.until(SessionRefused)
        await asyncio.sleep(0.05)
    assert refused.reason == "the endpoint said: no such thing"
    assert len(bench.endpoint.peers) == 1


@pytest.mark.parametrize("code", [1001, 1006, 1011, 1012, 1013])
async def test_passing_trouble_is_tried_again(code: int) -> None:
    """A restart, an overload, a broken line."""
    script = breaking(1, code=None if code == 1006 else code)
    async with streaming(script, behave) as bench:
        await bench.hear_all(8 * 2048)
    assert bench.ledger.answered == 8 * 2048


async def test_an_error_message_with_the_key_in_it_is_shown_without() -> None:
    """Whatever the endpoint repeats."""
    script = breaking(0, code=1008, error="key hush is unknown")
    async with streaming(script) as bench:
        bench.feed(4 * 1024)
        refused = await bench.until(SessionRefused)
    assert "hush" not in str(bench.events)
    assert "key *** is unknown" in refused.reason


async def reject(_request: web.Request) -> web.StreamResponse:
    """An endpoint that does not know the key."""
    return web.Response(status=401)


async def test_a_rejected_key_waits_for_a_change() -> None:
    """No second attempt with the same key; the source is not held up meanwhile."""
    async with streaming(handler=reject, capacity=4096) as bench:
        await bench.until(SessionRefused)
        for _ in range(10):
            await asyncio.wait_for(bench.buffer.room(1024), 1)
            bench.feed(1024)
        assert len(bench.all(EndpointRequested)) == 1
        bench.session.change(bench.session.plan)
        await bench.until(SessionRefused, 2)


async def test_a_source_as_fast_as_it_can_waits_for_the_change() -> None:
    """It would be over at once, and all of it lost."""
    async with streaming(handler=reject, capacity=4096) as bench:
        bench.buffer.begin(live=False, paced=False)
        await bench.until(SessionRefused)
        bench.feed(2048)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bench.buffer.room(1024), 0.05)


async def test_attempts_are_numbered_and_their_delays_grow() -> None:
    """With chance at its highest, the delays are the ceilings."""
    async with raw_peer(b"") as peer:
        timing = hasty(lambda: 0.99)
        async with session_with(f"ws://{peer}/stream", timing=timing) as bench:
            await bench.until(RetryScheduled, 4)
    delays = [event.delay for event in bench.all(RetryScheduled)[:4]]
    assert delays == pytest.approx([0.2475, 0.495, 0.99, 1.98])
    assert [event.attempt for event in bench.all(RetryScheduled)[:4]] == [1, 2, 3, 4]


@pytest.mark.parametrize(("lived", "delays"), [(4.9, [0.25, 0.5, 1.0]), (5.0, [0.25, 0.5, 0.25])])
async def test_delays_begin_anew_after_a_connection_that_was_healthy_for_a_while(
    lived: float, delays: list[float]
) -> None:
    """Five seconds of it, even if no result came."""
    now = 0.0

    async def die(peer: Peer) -> None:
        await peer.greet()
        peer.reset()

    async def live_and_die(peer: Peer) -> None:
        nonlocal now
        await peer.greet()
        await peer.listen(2048)  # it has begun by then
        now += lived
        peer.reset()

    timing = replace(hasty(lambda: 1.0), clock=lambda: now)
    async with streaming(die, die, live_and_die, timing=timing) as bench:
        bench.feed(4096)
        await bench.until(RetryScheduled, 3)
    assert [event.delay for event in bench.all(RetryScheduled)[:3]] == delays


async def test_retry_after_is_the_shortest_delay() -> None:
    """The endpoint knows best when it is worth trying."""

    async def busy(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=429, headers={"Retry-After": "3"})

    async with streaming(handler=busy) as bench:
        scheduled = await bench.until(RetryScheduled)
    assert scheduled.delay == 3.0
    assert scheduled.asked


async def test_a_close_while_nothing_is_asked_is_no_failure() -> None:
    """An endpoint ends a stream that has paused; the next audio gets a new connection."""

    async def idle(peer: Peer) -> None:
        await peer.greet()
        await peer.listen(4096)
        await peer.answer(0.0)
        await asyncio.sleep(0.4)  # eight seconds of the session
        await peer.socket.close(code=1008, message=b"no audio for 30 s")

    async with streaming(idle, behave) as bench:
        bench.feed(2048)
        await bench.until(AudioAwaited)
        assert len(bench.endpoint.peers) == 1
        await bench.hear_all(2048)
    assert bench.ledger.answered == 4096
    assert not bench.all(RetryScheduled)


async def test_an_endpoint_too_slow_for_live_audio_is_caught_up_with() -> None:
    """What the ring had to drop is lost, and the stream goes on with what it has."""

    async def deaf(peer: Peer) -> None:
        await peer.greet()
        transport = peer.request.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        await asyncio.sleep(0.5)
        transport.resume_reading()
        await peer.answer_all()

    async with streaming(deaf, behave, live=True, capacity=16 * 1024) as bench:
        await bench.until(ConnectionOpened)
        while len(bench.endpoint.peers) < 2:
            bench.feed(1024)
            bench.feed(1024)
            await asyncio.sleep(0.0005)
        await bench.until(ConnectionOpened, 2)
    assert any("the buffer was full" in event.reason for event in bench.all(AudioAbandoned))


class Moving:
    """An endpoint whose address changes."""

    label = "moving"
    ours = True

    def __init__(self, url: str) -> None:
        self.url = url

    async def target(self) -> Target:
        """Where it is now."""
        return Target(self.url)

    async def close(self) -> None:
        """Nothing to release."""


class Broken:
    """A provider that cannot provide."""

    label = "broken endpoint"
    ours = True
    closed = 0

    async def target(self) -> Target:
        """Fail."""
        raise TargetError("the models are missing: run make weights")

    async def close(self) -> None:
        """Count."""
        self.closed += 1


async def test_an_endpoint_that_cannot_be_provided_is_said_in_its_own_words() -> None:
    """And is released in the end."""
    provider = Broken()
    async with session_with(provider) as bench:
        assert (
            await bench.until(SessionRefused)
        ).reason == "the models are missing: run make weights"
    assert provider.closed == 1


async def test_a_hanging_handshake_does_not_hold_up_the_end() -> None:
    """The bench fails when a session does not end within a second."""
    async with raw_peer() as peer, session_with(f"ws://{peer}/stream") as bench:
        bench.feed(4096)
        await bench.until(EndpointRequested)
        await asyncio.sleep(0.05)


async def test_a_stuffed_connection_does_not_hold_up_the_end() -> None:
    """The same with an endpoint that has stopped reading."""

    async def deaf(peer: Peer) -> None:
        transport = peer.request.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        await asyncio.sleep(1)

    async with streaming(deaf, capacity=16_000_000) as bench:
        bench.feed(7_000_000)
        await bench.until(AudioSent, 10)
        await asyncio.sleep(0.2)


async def test_an_attempt_that_fails_in_the_moment_of_the_end_leaves_no_complaint() -> None:
    """Its failure is of no interest any more, and asyncio must not print it on the screen."""
    complaints = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: complaints.append(context["message"]))
    fails = asyncio.Event()

    async def connect(_target: Target, _parameters: StreamParameters) -> Link:
        await fails.wait()
        raise ConnectionFailed(Failure("unreachable"))

    async with session_with("ws://nowhere/stream", connecting=connect) as bench:
        await bench.until(ConnectionStarted)
        fails.set()
        await asyncio.sleep(0)  # the attempt has failed, and the session does not know it yet
    gc.collect()
    assert not complaints


async def test_another_endpoint_begins_with_the_first_attempt() -> None:
    """How often the one before was tried, and how long that took, is not its fault."""
    async with session_with("ws://127.0.0.1:1/stream") as bench:
        bench.feed(1024)
        assert (await bench.until(RetryScheduled, 4)).attempt == 4
        bench.events.clear()
        bench.session.change(StreamRequest(RemoteTarget("ws://127.0.0.1:2/stream"), PERIOD))
        assert (await bench.until(RetryScheduled)).attempt == 1
