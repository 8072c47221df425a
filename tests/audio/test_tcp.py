"""Raw PCM from a TCP peer."""

import asyncio
import contextlib
import io
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.sources.heard import all_of, failure_of
from support.sources.sounds import noise

from deeptone_tui.audio import SourceError, SourceOptions, open_source, parse_source
from deeptone_tui.audio.source import SenderLost, Source

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def tcp(address: str, *, realtime: bool = False) -> Source:
    """The source of an address."""
    return open_source(parse_source(f"tcp://{address}"), SourceOptions(realtime=realtime))


@contextlib.asynccontextmanager
async def peer(serve: Serve, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """A sender that listens; gives its address."""

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    async with await asyncio.start_server(once, host, 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"[{host}]:{port}" if ":" in host else f"localhost:{port}"


async def failure(address: str) -> str:
    """What it fails with, at once or at the first block."""
    return await failure_of(tcp(address))


def broken_off_after(data: bytes) -> Serve:
    """A sender that resets the connection after some data."""

    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(0.05)
        raw: socket.socket = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()
        await reader.read()

    return reset


def unused_port() -> int:
    """A port where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def has_ipv6() -> bool:
    """Whether this machine has the IPv6 loopback; containers often lack it."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as tried:
        tried.bind(("::1", 0))
        return True
    return False


def wav_of_two_rates() -> bytes:
    """Two files, one behind the other."""
    files = [io.BytesIO(), io.BytesIO()]
    for file, rate in zip(files, (16_000, 8_000), strict=True):
        soundfile.write(file, noise(800), rate, format="WAV")
    return b"".join(file.getvalue() for file in files)


IPV6 = pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on this machine")


@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("::1", marks=IPV6)])
async def test_what_the_peer_sends_is_delivered(host: str) -> None:
    """To the last sample; its end is the source's end."""
    played = noise(150_000)

    async def send(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for begin in range(0, 300_000, 7777):
            writer.write(played.tobytes()[begin : begin + 7777])
            await writer.drain()

    async with peer(send, host) as address:
        source = tcp(address)
        assert source.info.name == f"tcp://{address}"
        assert np.array_equal(await all_of(source), played)


async def test_nobody_there_is_said_in_words() -> None:
    """Refused, also where the name has two addresses; unknown; silent until the end."""
    port = unused_port()
    for host in ("127.0.0.1", "localhost"):
        message = await failure(f"{host}:{port}")
        assert f"nothing listens at tcp://{host}:{port}; start the sender there first" in message
    assert "unknown host nowhere.invalid; check the name" in await failure("nowhere.invalid:7000")
    assert "unknown host" in await failure(f"{'x' * 70}.invalid:7000")

    async def hang_up(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        pass

    async with peer(hang_up) as address:
        assert f"no audio came from tcp://{address}" in await failure(address)


async def test_a_connection_that_breaks_is_an_error() -> None:
    """A reset is no end of the audio."""
    async with peer(broken_off_after(bytes(64))) as address:
        assert "broke off the connection (connection reset by peer)" in await failure(address)


@pytest.mark.parametrize(
    "content",
    [b"\x1f\x8b\x08" + bytes(500), b"fLaC" + bytes(500), wav_of_two_rates()],
    ids=["gzip", "broken", "two rates"],
)
async def test_what_cannot_be_heard_is_not_asked_for_again(content: bytes) -> None:
    """The same would come: only a sender that was lost is waited for."""

    async def send(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()

    async with peer(send) as address:
        source = tcp(address, realtime=True)
        with pytest.raises(SourceError) as failed:
            await all_of(source)
    assert not isinstance(failed.value, SenderLost)
    assert not source.info.live


async def test_a_container_that_breaks_off_is_a_lost_sender(tmp_path: Path) -> None:
    """Though a decoder takes it for damage."""
    soundfile.write(tmp_path / "call.flac", noise(48_000), 16_000)
    data = (tmp_path / "call.flac").read_bytes()
    async with peer(broken_off_after(data[: len(data) // 2])) as address:
        source = tcp(address, realtime=True)
        with pytest.raises(SenderLost, match="broke off the connection"):
            await all_of(source)
    assert source.info.live


async def test_a_host_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time-out, in words."""

    async def never(*_args: object, **_options: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("deeptone_tui.audio.byte_source._CONNECT_TIMEOUT_S", 0.01)
    monkeypatch.setattr(asyncio, "open_connection", never)
    assert "tcp://127.0.0.1:9 does not answer" in await failure("127.0.0.1:9")


async def test_closing_ends_a_wait_for_a_quiet_peer() -> None:
    """Nothing is sent, and nobody is kept."""

    async def stay(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with peer(stay) as address:
        source = tcp(address, realtime=True)
        await source.open()

        async def wait() -> int:
            return len([block async for block in source.blocks()])

        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0.01)
        await source.close()
        assert await asyncio.wait_for(waiting, 5) == 0
