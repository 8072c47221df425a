"""How a stream ends: every result that is due, and no waiting for what will not come."""

import asyncio

import pytest
from support.endpoints.scripted_endpoint import Peer, behave
from support.sessions.session_bench import streaming

from deeptone_tui.protocol import Answer, Step, encode_results
from deeptone_tui.session.events import (
    AudioAbandoned,
    AudioAwaited,
    MessageNotUnderstood,
    PeriodAnswered,
    ResultRepeated,
)

STALE = encode_results(Step(0.0, {"speech-rt": Answer("speech", 1.0)}))


async def test_a_whole_file_is_sent_and_answered() -> None:
    """The bytes arrive as they are, every period has its place, the last incomplete one too."""
    async with streaming() as bench:
        await bench.hear_all(51_000)
    peer = bench.endpoint.peers[0]
    assert bytes(peer.audio) == bench.written.astype("<i2").tobytes()
    assert peer.ended
    assert bench.covered()[-1] == (24 * 2048, 51_000)
    assert bench.ledger.answered == bench.ledger.sent == 51_000


async def test_a_tail_without_a_whole_step_cannot_be_answered_and_is_counted() -> None:
    """The protocol has no result for less than 64 ms."""
    async with streaming() as bench:
        await bench.hear_all(2048 * 3 + 500)
    assert bench.ledger.answered == 2048 * 3
    assert bench.ledger.lost == 500


async def test_an_empty_file_ends() -> None:
    """Nothing to send, nothing to wait for."""
    async with streaming() as bench:
        await bench.finish()
    assert not bench.all(PeriodAnswered)


async def test_a_source_that_ends_without_a_connection_ends_the_stream() -> None:
    """An endpoint closed the connection that was idle; then the sender hangs up."""

    async def impatient(peer: Peer) -> None:
        await peer.greet()
        await peer.listen(2 * 2048)
        await peer.answer(0.0)
        await asyncio.sleep(0.4)  # eight seconds of the session

    async with streaming(impatient, live=True) as bench:
        bench.feed(2048)
        await bench.until(AudioAwaited)
        await bench.finish()
    assert len(bench.endpoint.peers) == 1


async def test_without_an_announced_end_the_whole_periods_are_awaited() -> None:
    """No empty message is sent; the client closes with 1000 after the last whole period."""

    async def unannounced(peer: Peer) -> None:
        await peer.greet(end_of_audio=False)
        await peer.answer_all(last=False)

    async with streaming(unannounced) as bench:
        await bench.hear_all(10 * 2048 + 1500)
    peer = bench.endpoint.peers[0]
    assert not peer.ended
    assert peer.socket.close_code == 1000
    assert len(bench.covered()) == 10
    assert bench.ledger.lost == 1500


async def test_a_late_greeting_still_ends_the_audio_properly() -> None:
    """A short file is over before the greeting has come."""

    async def slow(peer: Peer) -> None:
        await peer.listen(2 * 3000)
        await asyncio.sleep(0.02)
        await behave(peer)

    async with streaming(slow) as bench:
        await bench.hear_all(3000)
    assert bench.endpoint.peers[0].ended


async def test_late_results_are_waited_for_as_long_as_there_is_news() -> None:
    """Each result is news, however long they take together."""

    async def slow(peer: Peer) -> None:
        await peer.greet()
        await peer.listen()
        for number in range(10):
            await asyncio.sleep(0.1)  # two seconds of the session; it would wait for five
            await peer.answer(number * 128.0)

    async with streaming(slow) as bench:
        await bench.hear_all(10 * 2048)
    assert bench.ledger.answered == 10 * 2048


@pytest.mark.parametrize("said", ['{"message_type":"alive"}', STALE])
async def test_only_progress_is_news(said: str) -> None:
    """An endpoint that goes on saying that it lives, or the same again, is left all the same."""

    async def chatty(peer: Peer) -> None:
        await peer.greet()
        await peer.listen(2 * 2048)
        await peer.answer(0.0)
        while not peer.socket.closed:
            await peer.socket.send_str(said)
            await asyncio.sleep(0.02)

    async with streaming(chatty) as bench:
        await bench.hear_all(2 * 2048)
    assert bench.ledger.lost == 2048


async def test_unknown_and_impossible_messages_are_passed_over() -> None:
    """Each is told, none stops the stream."""

    async def strange(peer: Peer) -> None:
        await peer.greet()
        await peer.socket.send_str('{"message_type":"weather","message":"rain"}')
        await peer.socket.send_str("not json")
        await peer.socket.send_bytes(b"\xff\xfe")
        await peer.answer(-5.0)
        await peer.answer(1e12)
        await peer.answer_all()
        await peer.socket.close()

    async with streaming(strange) as bench:
        await bench.hear_all(3 * 2048)
    assert len(bench.all(MessageNotUnderstood)) == 5
    assert bench.ledger.answered == 3 * 2048


async def test_doubled_and_shuffled_results_are_told_once_and_in_order() -> None:
    """Whatever the endpoint does, time never goes back and no audio has two results."""

    async def shuffled(peer: Peer) -> None:
        await peer.greet()
        await peer.listen()
        for number in (2, 0, 0, 2, 1):
            await peer.answer(number * 128.0)
        await peer.socket.close()

    async with streaming(shuffled) as bench:
        await bench.hear_all(3 * 2048)
    bench.check_whole(3 * 2048)
    assert len(bench.all(ResultRepeated)) == 2


async def test_a_result_that_never_comes_is_given_up_and_said() -> None:
    """What comes after it is not held back for long."""

    async def forgetful(peer: Peer) -> None:
        await peer.greet()
        await peer.listen(12 * 4096)
        for number in (0, *range(2, 12)):
            await peer.answer(number * 128.0)
        await peer.listen()

    async with streaming(forgetful, live=True) as bench:
        bench.feed(12 * 2048)
        await bench.until(PeriodAnswered, 11)
        (given_up,) = bench.all(AudioAbandoned)
        assert (given_up.start, given_up.end) == (2048, 4096)
        assert given_up.reason == "the endpoint gave no result"
        assert bench.ledger.lost == 2048
