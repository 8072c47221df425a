"""Who goes first: streams in real time, before those that want more."""

import asyncio
import json
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints.served_endpoint import served
from support.time.clock import TurnedClock

from deeptone_tui.endpoint.server import aiohttp_private, stream_socket
from deeptone_tui.endpoint.server import scheduler as scheduler_module
from deeptone_tui.endpoint.server.acceptor import STREAM_BYTES, refuse
from deeptone_tui.endpoint.server.scheduler import (
    AHEAD_SHARE,
    GRAIN_S,
    TINY_BYTES,
    FairScheduler,
    TimedFrameParser,
)
from deeptone_tui.endpoint.virtual_clock import (
    ALLOWANCE_S,
    CREDIT_S,
    PROBATION_S,
    RESTS,
    OverloadDetector,
    VirtualClock,
)


def test_a_stream_in_real_time_stays_so() -> None:
    """However long, and whatever the size of its pieces."""
    clock = TurnedClock()
    lead = VirtualClock(clock)
    for piece in (0.064, 0.02, 0.4) * 1000:
        clock.now += piece
        assert lead.in_time
        lead.book(piece)


def test_a_stream_that_wants_more_is_ahead_until_time_has_caught_up() -> None:
    """Half a second more counts as jitter."""
    clock = TurnedClock()
    lead = VirtualClock(clock)
    lead.book(10.0)
    assert not lead.in_time
    clock.now += 10.0 - ALLOWANCE_S - 0.01
    assert not lead.in_time
    clock.now += 0.02
    assert lead.in_time


def test_a_stream_that_was_held_up_may_catch_up() -> None:
    """By a little: an hour of silence is no credit for an hour of audio at once."""
    clock = TurnedClock()
    lead = VirtualClock(clock)
    clock.now += 3600.0
    lead.book(CREDIT_S)
    assert lead.seconds == 0.0
    lead.book(ALLOWANCE_S + 0.1)
    assert not lead.in_time


def test_others_make_way_for_a_stream_that_has_kept_time_for_a_while() -> None:
    """Every stream is in time at its beginning, a file's too."""
    clock = TurnedClock()
    microphone, file = VirtualClock(clock), VirtualClock(clock)
    clock.now += 3600.0  # of silence, which tells nothing
    first = clock.now + 0.0625
    for _ in range(round(PROBATION_S / 0.0625) * 2):
        assert microphone.steady == (clock.now - first >= PROBATION_S)
        assert not file.steady
        clock.now += 0.0625
        microphone.book(0.0625)
        file.book(10.0)


def test_a_rest_has_to_be_followed_by_more_than_a_burst() -> None:
    """Two clips on one connection, the second when real time has caught up with the first."""
    clock = TurnedClock()
    clips = VirtualClock(clock)
    clips.book(3.0)
    clock.now += 5.0
    assert clips.in_time
    assert not clips.steady
    clips.book(0.1)
    assert not clips.steady


def test_who_was_ahead_with_more_waiting_presses_until_it_rests() -> None:
    """Also when no more than real time is left to it."""
    pressure = OverloadDetector()
    pressure.note(ahead=True, waiting=True)
    for waiting in (True, *[False] * (RESTS - 1), True, *[False] * (RESTS - 1)):
        pressure.note(ahead=False, waiting=waiting)
        assert pressure.backlogged
    pressure.note(ahead=False, waiting=False)
    assert not pressure.backlogged


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_only_who_is_ahead_while_more_waits_presses(seen: list[tuple[bool, bool]]) -> None:
    """Not a microphone that was held up, nor one that sends much at once and then rests."""
    pressure = OverloadDetector()
    for ahead, waiting in seen:
        pressure.note(ahead=ahead, waiting=waiting)
        assert not pressure.backlogged or (True, True) in seen


async def test_a_flood_presses_and_a_microphone_does_not() -> None:
    """Seen by the models, which let the microphone go first."""
    async with served() as server, server.connect() as microphone, server.connect() as flood:
        for _ in range(10):
            await microphone.send_bytes(bytes(2048))
            for _ in range(30):
                await flood.send_bytes(bytes(32_768))
        first, second = server.engine.analyses
        assert not first.backlogged()
        assert second.backlogged()
        await flood.close()


async def test_those_ahead_share_a_part_of_the_time() -> None:
    """While somebody is in real time: a tenth of a second of work takes several."""
    scheduler, clock = FairScheduler(), asyncio.get_running_loop().time
    scheduler.note_real_time()
    began, work = clock(), 0.03
    for _ in range(30):
        await scheduler.wait()
        scheduler.charge(work / 30)
    await scheduler.wait()
    assert clock() - began >= work / AHEAD_SHARE - 2 * GRAIN_S


async def test_those_ahead_take_all_when_nobody_is_in_real_time() -> None:
    """Nothing is saved for nobody: not a single wait but for a round of the loop."""
    scheduler = FairScheduler()
    for _ in range(1000):
        scheduler.charge(60.0)
        waiting = asyncio.ensure_future(scheduler.wait())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert waiting.done()


async def test_those_ahead_let_others_in_between() -> None:
    """Messages that are there are read without a pause; whoever comes waits for a grain of them."""
    scheduler, rounds = FairScheduler(), 0

    async def others() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            await asyncio.sleep(0)

    running = asyncio.ensure_future(others())
    for _ in range(400):
        await scheduler.wait()
        scheduler.charge(GRAIN_S / 4)
    running.cancel()
    assert rounds >= 400 / 5 - 1


async def test_work_that_nobody_had_to_wait_for_is_no_debt() -> None:
    """A file that was alone for an hour does not stand still when a microphone comes."""
    scheduler = FairScheduler()
    scheduler.charge(3600.0)
    scheduler.note_real_time()
    assert scheduler.delay <= 0.0
    scheduler.charge(1.5)
    assert scheduler.delay == pytest.approx(1.5 / AHEAD_SHARE, abs=1.0)


@pytest.mark.parametrize(("size", "then"), [(1, TINY_BYTES), (2048, STREAM_BYTES)])
async def test_little_is_read_at_first(
    monkeypatch: pytest.MonkeyPatch, size: int, then: int
) -> None:
    """What is read is parsed in one go, and the first frames of a stream may be tiny."""
    sizes: list[int] = []
    monkeypatch.setattr(scheduler_module, "_SLOW_FROM_S", 60.0)  # the collector may come by
    for module in (stream_socket, scheduler_module):
        monkeypatch.setattr(module, "limit_read_size", lambda _, size: sizes.append(size))
    async with served() as server:
        await server.answers(bytes(size), query="output_period=64")
    assert sizes[0] == TINY_BYTES
    assert sizes[1] == then


async def test_connections_over_the_limit_are_told_to_come_later() -> None:
    """Also those that have not said what they want."""
    async with served(max_connections=1) as server:
        kept = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(6)]
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        answer = await reader.read()
        for one in (writer, *(other for _, other in kept)):
            one.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nRetry-After: 1\r\n" in head
    assert json.loads(body)["message"] == "too many connections: try again later"


def test_a_client_that_has_gone_is_sent_away_without_a_word() -> None:
    """It does not end the server."""
    ours, theirs = socket.socketpair()
    theirs.close()
    refuse(ours)
    assert ours.fileno() == -1


async def test_an_answered_connection_is_closed() -> None:
    """Each request comes through the doorway, where requests are counted."""
    async with served() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        answer = await reader.read()
        writer.close()
    assert answer.count(b"HTTP/1.1 200") == 1


class Toiling:
    """A parser that takes its time for every byte."""

    def __init__(self, seconds_a_byte: float) -> None:
        self.now = 0.0
        self.fed = b""
        self._seconds_a_byte = seconds_a_byte

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Take it."""
        self.now += len(data) * self._seconds_a_byte
        self.fed += data
        if data == bytes(300):
            raise ValueError("no frame")
        return False, b""

    def feed_eof(self) -> str:
        """Something else that parsers do."""
        return "the end"


@pytest.mark.parametrize(
    ("nanoseconds", "size", "slow"),
    [(0.5, 16_384, False), (16.0, 16_384, True), (16.0, 512, False), (500.0, 20, False)],
)
def test_what_takes_long_for_its_size_is_told(nanoseconds: float, size: int, slow: bool) -> None:
    """Frames of audio do not, fragments of a byte do, and what is small is no matter."""
    inner: Any = Toiling(nanoseconds * 1e-9)
    told: list[tuple[float, bool]] = []
    parser = TimedFrameParser(inner, lambda *parsed: told.append(parsed), lambda: inner.now)
    assert parser.feed_data(bytes(size)) == (False, b"")
    assert inner.fed == bytes(size)
    ((seconds, was_slow),) = told
    assert seconds == pytest.approx(size * nanoseconds * 1e-9)
    assert was_slow is slow


def test_it_is_the_parser_in_everything_else() -> None:
    """What that raises included."""
    inner: Any = Toiling(1.0)
    told: list[bool] = []
    parser = TimedFrameParser(inner, lambda _, slow: told.append(slow), lambda: inner.now)
    assert parser.feed_eof() == "the end"  # type: ignore[operator]  # as aiohttp calls it
    with pytest.raises(ValueError, match="no frame"):
        parser.feed_data(bytes(300))
    assert told == [True]


async def test_a_stream_is_answered_without_a_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    """With an aiohttp whose private names were not checked: to its last period, closed as ever."""
    monkeypatch.setattr(aiohttp_private, "is_usable", lambda: False)
    async with served() as server:
        heard = await server.answers(bytes(32_000), query="output_period=64")
    assert heard.code == 1000
    assert len(heard.steps) == 15
