"""Formats that libsndfile lacks, by ffmpeg: what it hears, what it may touch, how it ends."""

import asyncio
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.sources.heard import hear
from support.sources.sounds import by_ffmpeg, noise, sine, write_wav
from support.terminals.terminal import children_of
from support.time.waiting import until

from deeptone_tui.audio import SourceError, SourceOptions
from deeptone_tui.audio.ffmpeg import FfmpegReader, has_ffmpeg
from deeptone_tui.audio.file import FileSource
from deeptone_tui.audio.source import Undecodable

pytestmark = pytest.mark.system("ffmpeg")


def converted(folder: Path, name: str, *options: str, channels: int = 1) -> Path:
    """Three seconds of a sine in another format; the second channel at half the level."""
    one = sine(3.0)
    return by_ffmpeg(folder / name, np.stack([one, one // 2][:channels], axis=1), *options)


_EARLIER: set[int] = set()
"""Children from before the test, such as a helper of multiprocessing."""


def children() -> set[int]:
    """Processes that this one has started in the test and that are still there."""
    return {*children_of(os.getpid())} - _EARLIER


@pytest.fixture(autouse=True)
def _count_from_now_on() -> None:
    """Leave out what other tests have left."""
    _EARLIER.clear()
    _EARLIER.update(children())


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("call.m4a", ["-c:a", "aac"]),
        ("call.webm", ["-c:a", "libopus"]),
        ("call.wma", []),
        ("call.aac", []),
        ("alac.caf", ["-c:a", "alac"]),
        ("-i", ["-c:a", "aac", "-f", "mp4"]),
        ("http:%d call'\n.m4a", ["-c:a", "aac"]),
    ],
)
async def test_what_libsndfile_lacks_is_heard(
    tmp_path: Path, name: str, options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole, at its level, whatever its name looks like."""
    converted(tmp_path, name, *options)
    monkeypatch.chdir(tmp_path)
    heard = await hear(name)
    assert heard.failure is None
    assert abs(len(heard.samples) - 48_000) < 2_100  # what encoders put before and behind
    level = np.sqrt(np.mean((heard.samples[8_000:40_000] / 32_768) ** 2))
    assert level == pytest.approx(0.5 / np.sqrt(2), rel=0.03)
    assert heard.info.duration == pytest.approx(3.0, abs=0.15)
    assert "by ffmpeg" in heard.info.detail
    assert not children()


async def test_a_channel_and_a_place_in_it_can_be_chosen(tmp_path: Path) -> None:
    """As of any file; behind its end is its end."""
    path = converted(tmp_path, "call.m4a", "-c:a", "aac", channels=2)
    right = await hear(path, channel=1, seek=2.0)
    assert abs(len(right.samples) - 16_000) < 2_100
    level = np.sqrt(np.mean((right.samples[2_000:12_000] / 32_768) ** 2))
    assert level == pytest.approx(0.25 / np.sqrt(2), rel=0.03)
    behind = await hear(path, seek=9.0)
    assert behind.failure is None
    assert len(behind.samples) < 2_100


async def test_a_playlist_cannot_make_it_read_anything_else(tmp_path: Path) -> None:
    """It is told what the file is, and never guesses."""
    write_wav(tmp_path / "private.wav", noise(16_000))
    for number, text in enumerate(
        (
            f"#EXTM3U\n#EXTINF:1,\nfile://{tmp_path}/private.wav\n",
            f"ffconcat version 1.0\nfile {tmp_path}/private.wav\n",
        )
    ):
        path = tmp_path / f"list{number}.m4a"
        path.write_text(text)
        heard = await hear(path)
        assert not len(heard.samples)
        assert "is no audio file that can be read" in str(heard.failure)


async def test_a_broken_one_is_told(tmp_path: Path) -> None:
    """In one line, by name."""
    path = tmp_path / "broken.m4a"
    path.write_bytes(b"\0\0\0\x18ftypM4A " + bytes(5_000))
    failure = str((await hear(path)).failure)
    assert "broken.m4a is MP4, of which nothing can be heard (ffmpeg: " in failure
    assert "\n" not in failure
    assert not children()


def cut(data: bytes) -> bytes:
    """As a copy that broke off."""
    return data[: len(data) // 2 + 7]


def damaged(data: bytes) -> bytes:
    """As a bad disk gives it."""
    half, bad = len(data) // 2, len(data) // 20
    return data[:half] + np.random.default_rng(1).bytes(bad) + data[half + bad :]


@pytest.mark.parametrize("harm", [cut, damaged])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("call.m4a", ["-c:a", "aac", "-movflags", "faststart"]),
        ("call.webm", ["-c:a", "libopus"]),
        ("call.aac", []),
    ],
)
async def test_what_it_hears_in_part_is_told(
    tmp_path: Path, harm: Callable[[bytes], bytes], name: str, options: list[str]
) -> None:
    """Though it ends as after a whole one; what it could read is heard."""
    path = converted(tmp_path, name, *options)
    path.write_bytes(harm(path.read_bytes()))
    heard = await hear(path)
    assert 20_000 < len(heard.samples) < 47_500
    assert heard.failure is not None
    assert heard.failure.startswith(f"only a part of {name} could be read, ")
    assert "(ffmpeg: " in heard.failure
    assert "\n" not in heard.failure


async def test_a_jump_in_a_whole_one_is_no_damage(tmp_path: Path) -> None:
    """To a place between two packets."""
    for name, options in (("a.m4a", ["-c:a", "aac"]), ("a.wma", []), ("a.aac", []), ("a.wv", [])):
        heard = await hear(converted(tmp_path, name, *options), seek=1.2345)
        assert heard.failure is None
        assert len(heard.samples) > 20_000


def test_who_was_waited_for_is_not_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number may be another's by then."""
    path = converted(tmp_path, "call.m4a", "-c:a", "aac")
    reader = FfmpegReader("mov", "MP4", path.open("rb"), seekable=True)
    while len(reader.read(16_000)):
        pass
    killed: list[int] = []
    monkeypatch.setattr(os, "killpg", lambda group, _: killed.append(group))
    reader.interrupt()
    reader.close()
    assert not killed


async def test_closing_ends_it_at_once(tmp_path: Path) -> None:
    """Also while it waits for us, and while nobody reads."""
    path = converted(tmp_path, "call.m4a", "-c:a", "aac")
    source = FileSource(str(path), SourceOptions())
    await source.open()
    assert children()
    source.pause()
    await source.close()
    assert not children()


def test_it_sees_no_secret_and_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in its environment nor in its arguments, which anybody on the machine may read."""
    (tmp_path / "ffmpeg").write_text(
        f'#!/bin/sh\n(echo "$@"; /usr/bin/env) > {tmp_path}/seen\nexit 1\n'
    )
    (tmp_path / "ffmpeg").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DEEPTONE_API_KEY", "hush")
    with (tmp_path / "seen").open("w+b") as file, pytest.raises(Undecodable):
        FfmpegReader("mov", "MP4", file, seekable=True)
    seen = (tmp_path / "seen").read_text()
    assert "hush" not in seen
    assert "-protocol_whitelist file,pipe" in seen
    assert f"-f mov -i file:/dev/fd/{file.fileno() if not file.closed else ''}" in seen


@pytest.mark.parametrize("by", ["closing", "timeout"])
async def test_one_that_hangs_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    """With all that it has started; what it writes without end to its stderr is not kept."""
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\nwhile echo '[error] no'; do sleep 0.01; done >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("deeptone_tui.audio.file._DISK_TIMEOUT_S", 0.3)
    source = FileSource(str(header_of_mp4(tmp_path)), SourceOptions())
    opening = asyncio.create_task(source.open())
    await until(lambda: bool(children()))
    if by == "timeout":
        await asyncio.gather(opening, return_exceptions=True)
    await source.close()
    await asyncio.gather(opening, return_exceptions=True)
    await until(lambda: not children())


def header_of_mp4(folder: Path) -> Path:
    """What looks like an MP4."""
    path = folder / "call.m4a"
    path.write_bytes(b"\0\0\0\x18ftypM4A " + bytes(64))
    return path


def test_without_it_the_line_that_converts_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it works as it stands."""
    path = converted(tmp_path, "it's a call.m4a", "-c:a", "aac")
    before = os.environ["PATH"]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not has_ffmpeg()
    with pytest.raises(SourceError, match="is MP4, which cannot be read here") as failed:
        asyncio.run(FileSource(str(path), SourceOptions()).open())
    line = str(failed.value).split("convert it first: ")[1]
    monkeypatch.setenv("PATH", before)
    subprocess.run(line, shell=True, check=True, cwd=tmp_path, capture_output=True)  # noqa: S602
    assert (tmp_path / "OUT.wav").stat().st_size > 90_000
