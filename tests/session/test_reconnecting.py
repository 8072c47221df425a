"""Connections that fail: what is tried again, from where, and what is lost."""

import asyncio
import gc
from dataclasses import replace

import pytest
from support.endpoints.raw_peer import raw_peer
from support.endpoints.scripted_endpoint import Peer, Refusal, Script, behave
from support.sessions.session_bench import hasty, session_with, streaming

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session.events import (
    AudioAbandoned,
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
from deeptone_tui.session.target import RemoteTarget, Target, TargetError


def breaking(after: int, *, code: int | None = None, frame: bytes = b"") -> Script:
    """Answer some periods, and then end the connection, or send bytes of one's own."""

    async def script(peer: Peer) -> None:
        await peer.greet()
        await peer.answer_each(after)
        await peer.listen(after * 4096 + 2048)
        if frame:
            peer.transport.write(frame)
            await peer.listen()
        elif code is None:
            peer.reset()
        else:
            await peer.socket.close(code=code)

    return script


GARBLED = b"\xc1\x01x"
"""A text, the first of its reserved bits set."""


async def test_a_live_stream_goes_on_where_its_answers_ended() -> None:
    """What was in flight or captured meanwhile is sent again; nothing is lost or told twice."""
    async with streaming(breaking(3), behave, live=True) as bench:
        await bench.feed_slowly(20 * 1024)
        await bench.until(ConnectionOpened, 2)
        bench.feed(700)  # off the grid
        await bench.feed_slowly(20 * 1024)
        await bench.until(PeriodAnswered, 20)
        assert bench.bases() == [0, 3 * 2048]
        bench.check_whole(20 * 2048)
        assert "the connection was lost" in bench.all(RetryScheduled)[0].reason
    # The model hears two periods again, 146 ms; their results are not told again.
    again = bytes(bench.endpoint.peers[1].audio)
    assert again == bench.written[2048:].tobytes()[: len(again)]


async def test_what_the_ring_cannot_keep_is_lost_and_the_rest_goes_on() -> None:
    """Each loss is told when it happens; what is left is sent when there is an endpoint again."""
    async with streaming(Refusal(503), behave, live=True, capacity=64 * 1024) as bench:
        bench.ring.silence_below = 0.01
        await bench.until(RetryScheduled)
        bench.feed(20 * 1024)
        bench.feed(30 * 1024, silent=True)
        bench.feed(20 * 1024)
        dropped = [(event.start, event.end) for event in bench.all(AudioAbandoned)]
        assert dropped == [(20 * 1024, 36 * 1024)]  # of the silence, not of the speech
        await bench.finish()
    assert bench.ledger.lost == 16 * 1024
    assert bench.ledger.answered == 54 * 1024
    assert bench.bases() == [0, 36 * 1024]


async def test_connections_that_soon_die_are_said_to_be_a_pattern() -> None:
    """Three in a row that ended within five seconds; told once, and with its own cause.

    Not again for each further one, nor with an attempt that made no connection at all.
    """
    scripts = [breaking(1, code=1001)] * 4
    async with streaming(*scripts, Refusal(503), *scripts, behave) as bench:
        await bench.hear_all(40 * 1024)
        (pattern,) = bench.all(ConnectionsFailing)
        assert pattern.count == 3
        assert "going away" in pattern.reason
        assert bench.ledger.lost == 0


@pytest.mark.parametrize("code", [1001, 1012, 1013, 1014])
async def test_an_endpoint_that_has_no_time_costs_no_audio(code: int) -> None:
    """However often it says so, it is not for what it was sent."""
    scripts = [breaking(0, code=code)] * 7
    async with streaming(*scripts, behave) as bench:
        await bench.hear_all(40 * 1024)
    assert bench.ledger.lost == 0
    assert bench.ledger.answered == 40 * 1024


async def test_a_file_goes_on_where_its_answers_ended() -> None:
    """What was sent and not answered is sent again; no sample is lost or answered twice."""
    async with streaming(breaking(3), breaking(2), behave) as bench:
        await bench.hear_all(40 * 1024)
    bench.check_whole(40 * 1024)
    assert bench.ledger.sent == 40 * 1024


@pytest.mark.parametrize("live", [True, False])
async def test_a_malformed_frame_is_a_connection_that_broke(live: bool) -> None:
    """Another is made, what was not answered is sent again, and the words name who was wrong."""
    scripts = [breaking(after, frame=GARBLED) for after in (3, 0)]
    async with streaming(*scripts, behave, live=live) as bench:
        await bench.hear_all(20 * 2048)
    bench.check_whole(20 * 2048)
    assert {event.reason for event in bench.all(RetryScheduled)} == {
        "the endpoint sent a malformed frame: received frame with non-zero reserved bits"
    }


async def test_one_that_sends_nothing_but_malformed_frames_is_tried_with_growing_delays() -> None:
    """It is never given up for good; what stands before each of them is not answered either."""
    timing = hasty(lambda: 0.99)
    async with streaming(breaking(0, frame=GARBLED), live=True, timing=timing) as bench:
        await bench.feed_slowly(8 * 2048)
        await bench.until(RetryScheduled, 5)
    delays = [event.delay for event in bench.all(RetryScheduled)[:5]]
    assert delays == pytest.approx([0.2475, 0.495, 0.99, 1.98, 3.96])
    assert [event.attempt for event in bench.all(RetryScheduled)[:5]] == [1, 2, 3, 4, 5]
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
    async with streaming(*[breaking(0, code=1011)] * 6, behave) as bench:
        await bench.hear_all(8 * 2048)
    assert len(bench.endpoint.peers) == 7
    assert bench.ledger.answered == 8 * 2048


async def test_a_rejected_key_waits_for_a_change() -> None:
    """No second attempt with the same key; the source is not held up meanwhile."""
    async with streaming(Refusal(401), capacity=4096) as bench:
        await bench.until(SessionRefused)
        for _ in range(10):
            await asyncio.wait_for(bench.buffer.room(1024), 1)
            bench.feed(1024)
        assert len(bench.all(EndpointRequested)) == 1
        bench.session.change(bench.session.plan)
        await bench.until(SessionRefused, 2)


async def test_a_source_as_fast_as_it_can_waits_for_the_change() -> None:
    """It would be over at once, and all of it lost."""
    async with streaming(Refusal(401), capacity=4096) as bench:
        bench.buffer.begin(live=False, paced=False)
        await bench.until(SessionRefused)
        bench.feed(2048)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bench.buffer.room(1024), 0.05)


@pytest.mark.parametrize(("lived", "delays"), [(4.9, [0.25, 0.5, 1.0]), (5.0, [0.25, 0.5, 0.25])])
async def test_delays_begin_anew_after_a_connection_that_was_healthy_for_a_while(
    lived: float, delays: list[float]
) -> None:
    """Five seconds of it, even if no result came."""
    now = 0.0

    async def live_and_die(peer: Peer) -> None:
        nonlocal now
        await peer.greet()
        await peer.listen(2048)  # it has begun by then
        now += lived
        peer.reset()

    timing = replace(hasty(lambda: 1.0), clock=lambda: now)
    async with streaming(breaking(0), breaking(0), live_and_die, timing=timing) as bench:
        bench.feed(4096)
        await bench.until(RetryScheduled, 3)
    assert [event.delay for event in bench.all(RetryScheduled)[:3]] == delays


async def test_retry_after_is_the_shortest_delay() -> None:
    """The endpoint knows best when it is worth trying."""
    async with streaming(Refusal(429, {"Retry-After": "3"})) as bench:
        scheduled = await bench.until(RetryScheduled)
    assert scheduled.delay == 3.0
    assert scheduled.asked


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
        refused = await bench.until(SessionRefused)
    assert refused.reason == "the models are missing: run make weights"
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
        peer.transport.pause_reading()
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
        bench.switch(RemoteTarget("ws://127.0.0.1:2/stream"))
        assert (await bench.until(RetryScheduled)).attempt == 1
