"""The proxy itself: each fault does what its name says, and only that."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from random import Random

import pytest
from faults.line import Line
from faults.proxy import Proxy, proxied
from support.sources.sounds import noise
from support.time.clock import TurnedClock
from support.time.waiting import until

AUDIO = noise(100_000).tobytes()


class Far:
    """The other end: keeps what it gets and says everything back, until it is told to stop."""

    def __init__(self) -> None:
        self.got: list[bytearray] = []
        self.pieces: list[int] = []
        self.ended = 0
        self.broken = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        got = bytearray()
        self.got.append(got)
        try:
            while data := await reader.read(65_536):
                got += data
                self.pieces.append(len(data))
                writer.write(data)
                await writer.drain()
            self.ended += 1
        except ConnectionError:
            self.broken += 1
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def between(
    *, seed: int = 0, clock: TurnedClock | None = None
) -> AsyncIterator[tuple[Proxy, Far]]:
    """A proxy before an echo."""
    far = Far()
    server = await asyncio.start_server(far.serve, "127.0.0.1", 0)
    url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/stream"
    timing = {"clock": clock, "sleep": clock.sleep} if clock else {}
    try:
        async with proxied(url, seed=seed, **timing) as proxy:  # type: ignore[arg-type]
            yield proxy, far
    finally:
        server.close()
        await asyncio.wait_for(server.wait_closed(), 5)


@contextlib.asynccontextmanager
async def calling(
    proxy: Proxy,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A client's connection by way of the proxy."""
    port = int(proxy.url.rsplit(":", 1)[1].split("/")[0])
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()
            await asyncio.sleep(0)


async def say(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Send, as far as it goes."""
    writer.write(data)
    await writer.drain()


def test_the_address_is_the_endpoints_own_but_for_the_port() -> None:
    """Path and scheme go through."""
    proxy = Proxy("ws://127.0.0.1:1234/stream")
    assert proxy.url == "ws://127.0.0.1:0/stream"


async def test_a_perfect_line_changes_nothing() -> None:
    """Every byte, both ways, and the end."""
    async with between() as (proxy, far), calling(proxy) as (reader, writer):
        sending = asyncio.ensure_future(say(writer, AUDIO))
        assert await reader.readexactly(len(AUDIO)) == AUDIO
        await sending
        writer.write_eof()
        assert await reader.read() == b""
        await until(lambda: far.ended == 1 and not proxy.open)
    assert bytes(far.got[0]) == AUDIO


@pytest.mark.parametrize(
    "conditions",
    [{"latency": 0.5}, {"latency": 0.1, "jitter": 2.0}, {"rate": 8_000}, {"slices": 700}],
    ids="+".join,
)
async def test_a_bad_line_changes_no_byte(conditions: dict[str, float]) -> None:
    """Late, slow and in pieces, but in order."""
    async with between(clock=TurnedClock()) as (proxy, far), calling(proxy) as (reader, writer):
        proxy.line.change(**conditions)
        sending = asyncio.ensure_future(say(writer, AUDIO[:50_000]))
        assert await reader.readexactly(50_000) == AUDIO[:50_000]
        await sending
    assert bytes(far.got[0]) == AUDIO[:50_000]


async def test_latency_is_waited_for() -> None:
    """A second each way, by the clock that was given."""
    clock = TurnedClock()
    async with between(clock=clock) as (proxy, _), calling(proxy) as (reader, writer):
        proxy.line.change(latency=1.0)
        begun = clock.now
        await say(writer, b"one")
        assert await reader.readexactly(3) == b"one"
        assert clock.now - begun == pytest.approx(2.0)


async def test_a_limited_rate_takes_its_time() -> None:
    """Eight thousand bytes each way at 8000 in a second, by the clock that was given."""
    clock = TurnedClock()
    async with between(clock=clock) as (proxy, _), calling(proxy) as (reader, writer):
        proxy.line.change(rate=8_000)
        begun = clock.now
        await say(writer, AUDIO[:8_000])
        await reader.readexactly(8_000)
        assert clock.now - begun >= 1.0


async def test_slices_are_small_and_the_same_by_the_same_seed() -> None:
    """The n-th connection is cut as the n-th was."""
    line = Line(lambda: 0.0, asyncio.sleep)
    line.change(slices=100, jitter=1.0)
    cuts = [[(line.piece(c), line.delay(c)) for _ in range(50)] for c in map(Random, (1, 1, 2))]
    assert cuts[0] == cuts[1] != cuts[2]
    assert all(1 <= size <= 100 and 0 <= delay < 1 for size, delay in cuts[0])


async def test_a_stall_holds_everything_and_loses_nothing() -> None:
    """Both ways, until it is over."""
    async with between() as (proxy, far), calling(proxy) as (reader, writer):
        await say(writer, b"before")
        await reader.readexactly(6)
        proxy.line.change(stalled=True)
        await say(writer, b"during")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.05)
        assert bytes(far.got[0]) == b"before"
        proxy.heal()
        assert await reader.readexactly(6) == b"during"


async def test_a_stall_makes_the_sender_wait() -> None:
    """Only what the sockets hold can be sent: less than a megabyte."""
    async with between() as (proxy, _), calling(proxy) as (_, writer):
        proxy.line.change(stalled=True)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(say(writer, bytes(20_000_000)), 0.2)


async def test_a_reset_is_a_reset_at_both_ends() -> None:
    """No end of file, an error."""
    async with between() as (proxy, far), calling(proxy) as (reader, writer):
        await say(writer, b"hello")
        await reader.readexactly(5)
        proxy.reset()
        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        await until(lambda: far.broken == 1 and not proxy.open)


async def test_a_cut_is_an_end_at_both_ends() -> None:
    """No error, an end of file."""
    async with between() as (proxy, far), calling(proxy) as (reader, writer):
        await say(writer, b"hello")
        await reader.readexactly(5)
        proxy.cut()
        assert await reader.read(1) == b""
        await until(lambda: far.ended == 1)


async def test_a_cut_after_some_bytes_is_exact() -> None:
    """The far end gets so many and not one more, on each connection."""
    async with between() as (proxy, far):
        proxy.line.change(cut_after=12_345)
        for _ in range(2):
            async with calling(proxy) as (reader, writer):
                with contextlib.suppress(ConnectionError):
                    await say(writer, AUDIO)
                    await reader.read()
                await until(lambda: not proxy.open)
        await until(lambda: far.ended + far.broken == 2)
    assert [bytes(got) for got in far.got] == [AUDIO[:12_345]] * 2


async def test_a_half_close_is_an_end_for_the_client_alone() -> None:
    """What the client says still arrives."""
    async with between() as (proxy, far), calling(proxy) as (reader, writer):
        await say(writer, b"before")
        await reader.readexactly(6)
        proxy.half_close()
        assert await reader.read() == b""
        await say(writer, b"after")
        await until(lambda: bytes(far.got[0]) == b"beforeafter")
        assert not far.ended


async def test_a_slow_close_is_told_late() -> None:
    """By the clock that was given."""
    clock = TurnedClock()
    async with between(clock=clock) as (proxy, far), calling(proxy) as (reader, writer):
        proxy.line.change(slow_close=30.0)
        await say(writer, b"hello")
        writer.write_eof()
        assert await reader.read() == b"hello"
        assert 30.0 in clock.slept
        assert far.ended == 1


async def test_a_refusal_refuses_only_the_new() -> None:
    """Who is connected stays; later the same port answers again."""
    async with between() as (proxy, _), calling(proxy) as (reader, writer):
        await say(writer, b"one")
        await reader.readexactly(3)
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            async with calling(proxy):
                pass
        await say(writer, b"two")
        assert await reader.readexactly(3) == b"two"
        proxy.heal()
        async with calling(proxy) as (again, writing):
            await say(writing, b"three")
            assert await again.readexactly(5) == b"three"


async def test_a_hanging_endpoint_accepts_and_says_nothing() -> None:
    """The far end is not even asked; healing lets go of who waited."""
    async with between() as (proxy, far):
        proxy.hanging = True
        async with calling(proxy) as (reader, writer):
            await say(writer, b"hello?")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.05)
            proxy.heal()
            with pytest.raises(ConnectionResetError):
                await reader.read(1)
        async with calling(proxy) as (reader, writer):
            await say(writer, b"hello!")
            assert await reader.readexactly(6) == b"hello!"
    assert len(far.got) == 1


async def test_an_endpoint_that_is_not_there_is_a_reset() -> None:
    """The proxy itself is no endpoint."""
    async with proxied("ws://127.0.0.1:9/stream") as proxy, calling(proxy) as (reader, _):
        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        await until(lambda: not proxy.open)
