"""Containers that come through a pipe: heard as from a file, or refused by name."""

import asyncio
import io
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.sources.heard import all_of, failure_of, hear
from support.sources.sounds import Samples, by_ffmpeg, encoded, noise, sine
from support.time.waiting import until

from deeptone_tui.audio import SourceInfo, SourceKind, SourceOptions
from deeptone_tui.audio import container_stream as module
from deeptone_tui.audio.pcm import PcmSource
from deeptone_tui.audio.piped_sound_file import FEEDER, Inflow, pipe_from

INFO = SourceInfo(SourceKind.STDIN, "stdin")
FAST = SourceOptions(realtime=False)
FORMS = ["flac", "ogg", "opus", "mp3", "aiff", "rf64", "snd", "w64", "caf"]


class Sender:
    """A stream in pieces; at the end it ends, or is quiet."""

    def __init__(self, data: bytes, *, size: int = 5_000, quiet: bool = False) -> None:
        self._pieces = [data[at : at + size] for at in range(0, len(data), size)]
        self._quiet = quiet
        self.taken = 0
        self._closed = asyncio.Event()

    async def open(self) -> None:
        """Connect."""

    async def read(self) -> bytes:
        """The next piece."""
        await asyncio.sleep(0)
        if self.taken < len(self._pieces):
            self.taken += 1
            return self._pieces[self.taken - 1]
        if self._quiet:
            await self._closed.wait()
        return b""

    async def close(self) -> None:
        """Disconnect."""
        self._closed.set()


async def heard_of(data: bytes, options: SourceOptions = FAST) -> Samples:
    """What comes of a stream, to its end."""
    return await all_of(PcmSource(INFO, Sender(data), options))


async def refused(data: bytes) -> str:
    """Why a stream is not heard."""
    return await failure_of(PcmSource(INFO, Sender(data), FAST))


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """No stream is waited for."""
    monkeypatch.setattr(module, "_WHOLE_SECONDS", 0.0)


@pytest.fixture
def without_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has none."""
    monkeypatch.setattr(module, "has_ffmpeg", lambda: False)


@pytest.mark.parametrize("form", FORMS)
async def test_what_ends_soon_is_heard_as_a_file_is(tmp_path: Path, form: str) -> None:
    """To the sample, joined files too."""
    path = tmp_path / f"call.{form}"
    data = encoded(path, noise(24_000))
    assert np.array_equal(await heard_of(data), (await hear(path)).samples)
    if form in ("flac", "ogg", "mp3", "aiff"):
        path.write_bytes(data + data)
        assert len(await heard_of(data + data)) == 48_000


@pytest.mark.usefixtures("endless", "without_ffmpeg")
@pytest.mark.parametrize("form", FORMS)
async def test_what_goes_on_is_decoded_while_it_comes(tmp_path: Path, form: str) -> None:
    """Nothing of a sender that is still there is waited for."""
    path = tmp_path / f"call.{form}"
    sender = Sender(encoded(path, noise(160_000)), quiet=True)
    source = PcmSource(INFO, sender, FAST)
    await source.open()
    count = 0
    async for block in source.blocks():
        count += len(block.samples)
        if count >= 120_000:
            break
    await source.close()
    assert count >= 120_000
    assert np.array_equal(await heard_of(path.read_bytes()), (await hear(path)).samples)


@pytest.mark.usefixtures("endless")
@pytest.mark.system("ffmpeg")
@pytest.mark.parametrize("form", ["ogg", "mp3", "flac"])
async def test_a_radio_that_joins_files_is_heard_on(tmp_path: Path, form: str) -> None:
    """By ffmpeg; what encoders put between them is its affair."""
    data = encoded(tmp_path / f"call.{form}", noise(48_000))
    assert len(await heard_of(data * 3)) >= 3 * 48_000 - 500


@pytest.mark.usefixtures("endless", "without_ffmpeg")
@pytest.mark.parametrize("form", ["ogg", "mp3", "flac"])
async def test_what_libsndfile_leaves_of_it_is_told(tmp_path: Path, form: str) -> None:
    """Where there is no ffmpeg."""
    data = encoded(tmp_path / f"call.{form}", noise(48_000))
    words = await refused(data + data)
    assert "follows" in words
    assert "with ffmpeg installed it is heard too" in words


@pytest.mark.system("ffmpeg")
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("index at the end.m4a", ["-c:a", "aac"]),
        ("fragments.mp4", ["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"]),
        ("call.webm", ["-c:a", "libopus"]),
        ("call.wma", []),
        ("call.aac", []),
    ],
)
@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_what_libsndfile_lacks_is_heard_through_a_pipe(
    tmp_path: Path, name: str, options: list[str], seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it comes, or when it is there, where its index is at its end."""
    monkeypatch.setattr(module, "_WHOLE_SECONDS", seconds)
    path = by_ffmpeg(tmp_path / name, sine(3.0), *options)
    heard = asyncio.run(heard_of(path.read_bytes()))
    assert abs(len(heard) - 48_000) < 2_100
    level = np.sqrt(np.mean((heard[8_000:40_000] / 32_768) ** 2))
    assert level == pytest.approx(0.5 / np.sqrt(2), rel=0.03)


@pytest.mark.system("ffmpeg")
@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_what_was_cut_is_told_through_a_pipe(
    tmp_path: Path, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it comes, or when it is there."""
    monkeypatch.setattr(module, "_WHOLE_SECONDS", seconds)
    data = by_ffmpeg(tmp_path / "call.webm", sine(3.0), "-c:a", "libopus").read_bytes()
    words = asyncio.run(refused(data[: len(data) // 2]))
    assert words.startswith("only a part of stdin could be read, 1.")
    assert "File ended prematurely" in words


@pytest.mark.usefixtures("endless")
@pytest.mark.system("ffmpeg")
def test_a_tag_behind_the_sound_is_no_damage(tmp_path: Path) -> None:
    """Though ffmpeg fails at it, as it cannot go back in a pipe."""
    data = by_ffmpeg(tmp_path / "call.wv", sine(3.0)).read_bytes()
    assert len(asyncio.run(heard_of(data))) == 48_000


@pytest.mark.usefixtures("without_ffmpeg")
async def test_what_cannot_be_read_is_refused_by_name() -> None:
    """With what to do; what is packed is no audio."""
    words = await refused(b"\0\0\0\x18ftypM4A " + bytes(5_000))
    assert "what comes from stdin is MP4, which cannot be read here" in words
    assert "install ffmpeg, or convert it first: ffmpeg -i IN" in words
    assert "is gzip, not audio; unpack it first" in await refused(b"\x1f\x8b\x08" + bytes(500))
    assert "is HTTP, not audio" in await refused(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(500))
    assert "is FLAC, which cannot be read here" in await refused(b"fLaC" + bytes(500))


@pytest.mark.usefixtures("endless")
async def test_an_index_that_does_not_come_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told what to do instead."""
    monkeypatch.setattr(module, "_WHOLE_BYTES", 100_000)
    words = await refused(b"\0\0\0\x18ftypM4A " + bytes(12) + b"\0\x0f\0\0mdat" + bytes(200_000))
    assert "with its index at the end" in words
    assert "save it to a file" in words


async def test_a_channel_of_it_can_be_chosen(tmp_path: Path) -> None:
    """As of a file; the rate is its own."""
    two = np.stack([sine(1.0, rate=48_000), sine(1.0, rate=48_000, peak=0.1)], axis=1)
    soundfile.write(tmp_path / "two.flac", two, 48_000)
    data = (tmp_path / "two.flac").read_bytes()
    heard = await heard_of(data, SourceOptions(realtime=False, channel=1))
    assert np.abs(heard[500:15_500].astype(int) - sine(1.0, peak=0.1)[500:15_500]).max() <= 2


@pytest.mark.usefixtures("endless")
@pytest.mark.parametrize("ffmpeg", [pytest.param(True, marks=pytest.mark.system("ffmpeg")), False])
@pytest.mark.parametrize("form", ["flac", "ogg", "mp3"])
async def test_closing_ends_a_decoder_that_waits(
    tmp_path: Path, form: str, ffmpeg: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While its sender is quiet, after a little or before it can begin."""
    monkeypatch.setattr(module, "has_ffmpeg", lambda: ffmpeg)
    data = encoded(tmp_path / f"call.{form}", noise(24_000))
    for count in (20, len(data) // 2):
        source = PcmSource(INFO, Sender(data[:count], size=100, quiet=True), FAST)
        await source.open()
        waiting = asyncio.create_task(_count(source.blocks()))
        await asyncio.sleep(0.1)
        await source.close()
        assert await asyncio.wait_for(waiting, 5) >= 0


async def _count(blocks: AsyncIterator[object]) -> int:
    return len([block async for block in blocks])


async def test_a_sender_that_is_faster_has_to_wait() -> None:
    """What is ahead of the decoder, and behind it, has a bound."""
    inflow = Inflow(asyncio.get_running_loop())
    inflow.release()
    putting = asyncio.create_task(_put(inflow, 400))
    await asyncio.sleep(0.05)
    assert inflow.size <= 2**20 + 100_000
    for at in range(400):
        assert await asyncio.to_thread(inflow.read, 100_000) == bytes([at % 256]) * 100_000
    assert len(inflow.whole()) < 4 * 2**20
    await putting
    inflow.seek(0)
    assert inflow.read(10) == b""  # dropped


async def _put(inflow: Inflow, count: int) -> None:
    for at in range(count):
        await inflow.room(2**20)
        inflow.put(bytes([at % 256]) * 100_000)
    inflow.end()


async def test_a_feeder_ends_with_who_reads() -> None:
    """Though the stream goes on."""
    inflow = Inflow(asyncio.get_running_loop())
    pipe = pipe_from(inflow)
    inflow.put(bytes(200_000))
    with io.FileIO(pipe) as output:
        assert output.read(10) == bytes(10)
    await until(lambda: all(thread.name != FEEDER for thread in threading.enumerate()))
    inflow.close()
