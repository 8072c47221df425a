"""Files that cannot be played: one line each, what and what to do."""

import contextlib
import os
import re
import socket
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.sources.heard import hear
from support.sources.sounds import noise, write_wav

from deeptone_tui.audio import SourceError, SourceOptions
from deeptone_tui.audio.file import DemoSource, FileSource


async def failure(path: Path | str, channel: int | None = None) -> str:
    """What opening it fails with, in one line."""
    source = FileSource(str(path), SourceOptions(realtime=False, channel=channel))
    with pytest.raises(SourceError) as failed:
        await source.open()
    await source.close()
    message = str(failed.value)
    assert "\n" not in message
    return message


async def count(source: FileSource, heard: list[int]) -> None:
    """Play to the end, counting the samples in the only entry."""
    async for block in source.blocks():
        heard[0] += len(block.samples)


def descriptors() -> int:
    """How many this process has open."""
    return len(list(Path("/dev/fd").iterdir()))


async def test_a_path_that_is_no_file(tmp_path: Path) -> None:
    """Missing, a folder, a name that cannot be one."""
    assert "there is no file" in await failure(tmp_path / "none.wav")
    assert "is a folder" in await failure(tmp_path)
    assert "cannot be opened" in await failure(tmp_path / ("x" * 300))
    assert "cannot be opened" in await failure("nul\0byte")
    assert "cannot be opened (not a directory)" in await failure(Path(__file__) / "x.wav")


async def test_what_is_there_but_no_regular_file(tmp_path: Path) -> None:
    """A FIFO without a writer, a device and a socket are seen for what they are."""
    os.mkfifo(tmp_path / "fifo")
    assert "is no regular file" in await failure(tmp_path / "fifo")
    assert "is no regular file" in await failure("/dev/null")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        assert "cannot be opened" in await failure(tmp_path / "socket")


async def test_a_file_without_audio(tmp_path: Path) -> None:
    """No bytes, no samples, no audio format, and raw samples without a header."""
    (tmp_path / "empty.wav").touch()
    assert "is empty (0 bytes)" in await failure(tmp_path / "empty.wav")
    silent = write_wav(tmp_path / "silent.wav", np.empty(0, dtype=np.int16))
    assert "holds no audio" in await failure(silent)
    message = await failure(__file__)
    assert "is no audio file that can be read (Format not recognised)" in message
    assert "ffmpeg" in message
    (tmp_path / "x.raw").write_bytes(noise(1000).tobytes())
    assert "deeptone-tui - --sample-rate 16000 <" in await failure(tmp_path / "x.raw")


async def test_permission_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused here by hand, because root may read everything."""
    path = write_wav(tmp_path / "mine.wav", noise(100))

    def refuse(*_args: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("deeptone_tui.audio.decoder._open_without_waiting", refuse)
    assert "may not be read by this user; chmod +r it" in await failure(path)


async def test_a_channel_that_is_not_there(tmp_path: Path) -> None:
    """The line says which there are."""
    path = write_wav(tmp_path / "mono.wav", noise(100))
    assert "mono.wav has no channel 2; it is mono" in await failure(path, channel=1)
    path = write_wav(tmp_path / "stereo.wav", noise(100).reshape(-1, 2))
    assert "no channel 3; it has channels 1 to 2" in await failure(path, channel=2)
    assert "no channel 0" in await failure(path, channel=-1)


async def test_a_file_that_breaks_off(tmp_path: Path) -> None:
    """A damaged end is told with its place; what came before was played."""
    whole = tmp_path / "whole.flac"
    soundfile.write(whole, noise(160_000), 16_000)
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle:] = bytes(len(data) - middle)
    broken = tmp_path / "broken.flac"
    broken.write_bytes(data)
    source = FileSource(str(broken), SourceOptions(realtime=False))
    await source.open()
    heard = [0]
    with pytest.raises(SourceError, match=r"broken.flac is broken after \d+\.\d s"):
        await count(source, heard)
    assert heard[0] > 16_000
    await source.close()


async def test_a_place_that_was_cut_off_is_told_as_the_damage_that_it_is(tmp_path: Path) -> None:
    """The header still counts it; nothing is wrong with going there."""
    path = tmp_path / "cut.flac"
    soundfile.write(path, noise(160_000), 16_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    heard = await hear(path, seek=9.0)
    assert not len(heard.samples)
    assert re.fullmatch(r"cut.flac is broken after [345]\.\d s \(.*\)", str(heard.failure))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("channels", [1, 2])
async def test_samples_that_are_no_numbers_are_told(
    tmp_path: Path, value: float, channels: int
) -> None:
    """With their place; what came before was played, and nothing behind them is."""
    path = tmp_path / "broken.wav"
    samples = np.tile(noise(32_000)[:, None] / 32_768, (1, channels))
    samples[20_000, -1] = value
    soundfile.write(path, samples, 16_000, subtype="FLOAT")
    heard = await hear(path)
    assert heard.failure == "broken.wav is broken after 1.2 s (samples that are no numbers)"
    assert np.array_equal(heard.samples, noise(32_000)[:20_000])
    behind = await hear(path, seek=1.5)
    assert (behind.failure, len(behind.samples)) == (None, 8_000)


async def test_samples_that_are_far_too_loud_are_clipped(tmp_path: Path) -> None:
    """Nothing overflows on the way."""
    path = tmp_path / "loud.wav"
    loud = np.tile(np.array([[1e308, -1e308], [3e38, 3e38], [1e30, 1e30]]), (8_000, 1))
    soundfile.write(path, np.clip(loud, -3e38, 3e38), 48_000, subtype="FLOAT")
    heard = await hear(path)
    assert heard.failure is None
    assert len(heard.samples) == 8_000
    assert heard.samples.max() == 32_767


@pytest.mark.parametrize("rate", [1, 4, 999, 1_000_000])
async def test_a_rate_that_cannot_be_is_told(tmp_path: Path, rate: int) -> None:
    """A quarter of an hour of one sample a second would be no sound."""
    path = write_wav(tmp_path / "slow.wav", noise(900), rate=rate)
    assert f"slow.wav says its rate is {rate} Hz, which cannot be" in await failure(path)


async def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    """Neither after failures nor after closing."""
    good = write_wav(tmp_path / "good.wav", noise(100))
    before = descriptors()
    for path in (good, tmp_path, Path(__file__), tmp_path / "none"):
        source = FileSource(str(path), SourceOptions(channel=None))
        with contextlib.suppress(SourceError):
            await source.open()
        await source.close()
    assert descriptors() == before


async def test_an_installation_without_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what is wrong with it, not which path."""
    monkeypatch.setattr("deeptone_tui.audio.file.RECORDING", "none.flac")
    with pytest.raises(SourceError, match="demo recording is missing"):
        await DemoSource(SourceOptions()).open()
