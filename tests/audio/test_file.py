"""Audio files as a source: every format, any rate, at the pace of the clock."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.sources.heard import all_of, hear
from support.sources.sounds import Samples, noise, sine, write_wav
from support.time.clock import TurnedClock

from deeptone_tui.audio import Seekable, SourceKind, SourceOptions, SourceSpec, open_source
from deeptone_tui.audio.chain import Frame, frame_at
from deeptone_tui.audio.file import FileSource

FAST = SourceOptions(realtime=False)


async def heard_of(path: Path, options: SourceOptions = FAST) -> Samples:
    """Everything a file delivers."""
    return await all_of(FileSource(str(path), options))


async def paced(path: Path, clock: TurnedClock, **options: bool) -> FileSource:
    """An open source on a clock that the test has in hand."""
    source = FileSource(str(path), SourceOptions(**options), clock=clock, sleep=clock.sleep)
    await source.open()
    return source


def test_a_name_is_fit_to_be_shown() -> None:
    """It need not be UTF-8, and may hold anything but a slash."""
    source = FileSource(os.fsdecode(b"/sounds/b\xe4d\x1b[31m.wav"), SourceOptions())
    assert source.info.name == "b\ufffdd\ufffd[31m.wav"


@pytest.mark.parametrize(("ending", "subtype"), [("wav", "PCM_16"), ("flac", "PCM_16")])
async def test_16_bit_at_16_khz_is_delivered_bit_for_bit(
    tmp_path: Path, ending: str, subtype: str
) -> None:
    """No scaling, no dither, no resampling touches it."""
    played = noise(40_001, peak=32_767)
    played[:2] = (-32_768, 32_767)
    path = tmp_path / f"noise.{ending}"
    soundfile.write(path, played, 16_000, subtype=subtype)
    assert np.array_equal(await heard_of(path), played)


@pytest.mark.parametrize(
    ("ending", "subtype"),
    [
        ("wav", "FLOAT"),
        ("wav", "PCM_24"),
        ("wav", "PCM_U8"),
        ("wav", "ULAW"),
        ("aiff", "PCM_16"),
        ("ogg", "VORBIS"),
        ("mp3", "MPEG_LAYER_III"),
    ],
)
async def test_any_format_sounds_the_same(tmp_path: Path, ending: str, subtype: str) -> None:
    """Floats, bytes, companded and lossy files come at the right level and rate."""
    path = tmp_path / f"sine.{ending}"
    soundfile.write(path, sine(1.0, rate=44_100).astype(np.float32) / 32_768, 44_100, subtype)
    heard = await heard_of(path)
    middle = heard[4000:12_000].astype(np.float64)
    assert np.sqrt(np.mean(middle**2)) / 32_768 == pytest.approx(0.5 / np.sqrt(2), rel=0.03)
    assert abs(len(heard) - 16_000) <= 1


@pytest.mark.parametrize("ending", ["mp3", "ogg", "flac"])
async def test_reading_in_pieces_and_jumping_leave_no_mark(tmp_path: Path, ending: str) -> None:
    """The pieces make the file as decoded at once, also from a position in the middle."""
    path = tmp_path / f"sine.{ending}"
    soundfile.write(path, sine(4.0).astype(np.float32) / 32_768, 16_000)
    whole = np.rint(soundfile.read(path, dtype="float32")[0] * 32_768)
    assert np.abs(await heard_of(path) - whole).max() <= 1
    heard = (await hear(path, seek=1.7)).samples
    assert len(heard) == len(whole) - 27_200
    assert np.abs(heard - whole[27_200:]).max() <= 1


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000, 96_000])
async def test_any_rate_comes_out_at_16_khz_whole(tmp_path: Path, rate: int) -> None:
    """The length is right to a sample, the end is flushed, and time is not shifted."""
    path = write_wav(tmp_path / "sine.wav", sine(1.3, rate=rate, peak=0.9), rate=rate)
    heard = await heard_of(path)
    assert abs(len(heard) - 20_800) <= 1
    expected = sine(1.3, peak=0.9)
    assert np.abs(heard[800:20_000].astype(int) - expected[800:20_000]).max() <= 40


@pytest.mark.parametrize(("channel", "expected"), [(None, 200), (0, 100), (2, 300)])
async def test_a_channel_is_chosen_or_all_are_mixed(
    tmp_path: Path, channel: int | None, expected: int
) -> None:
    """Counted from 0; the mix is the mean."""
    frames = np.tile(np.array([100, 200, 300], dtype=np.int16), (1000, 1))
    path = write_wav(tmp_path / "three.wav", frames)
    heard = await heard_of(path, SourceOptions(realtime=False, channel=channel))
    assert np.array_equal(heard, np.full(1000, expected))


async def test_what_a_file_is_is_known_once_open(tmp_path: Path) -> None:
    """Name, format, rate and length."""
    path = write_wav(tmp_path / "call.wav", sine(2.0, rate=8_000), rate=8_000)
    source = FileSource(str(path), FAST)
    await source.open()
    info = source.info
    assert (info.name, info.detail) == ("call.wav", "WAV, 8000 Hz, mono")
    assert (info.rate, info.duration, info.live) == (8_000, 2.0, False)
    assert isinstance(source, Seekable)
    await source.close()


async def test_a_home_folder_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths typed inside the program are not expanded by a shell."""
    monkeypatch.setenv("HOME", str(tmp_path))
    write_wav(tmp_path / "call.wav", noise(100))
    assert len(await heard_of(Path("~/call.wav"))) == 100


async def test_blocks_keep_the_deadlines_of_the_clock(tmp_path: Path, clock: TurnedClock) -> None:
    """20 ms blocks at ``t0 + n * 20 ms``; the time a block takes to handle is made up."""
    source = await paced(write_wav(tmp_path / "noise.wav", noise(32_000)), clock)
    began, at = clock.now, []
    async for block in source.blocks():
        assert len(block.samples) == 320
        at.append(clock.now - began)
        clock.now += 0.005 if len(at) != 50 else 0.5  # work, and once a long stall
    assert at[:50] == pytest.approx([0.02 * n for n in range(1, 51)])
    assert at[50] == pytest.approx(1.5)  # late by the stall …
    assert at[-1] == pytest.approx(2.0)  # … and in time again at the end
    await source.close()


async def test_a_consumer_that_stood_still_is_not_flooded(
    tmp_path: Path, clock: TurnedClock
) -> None:
    """Beyond ten seconds the pace begins anew; a file loses nothing by waiting."""
    source = await paced(write_wav(tmp_path / "noise.wav", noise(16_000)), clock)
    blocks = source.blocks()
    await anext(blocks)
    clock.now += 3600
    slept = len(clock.slept)
    await anext(blocks)
    await anext(blocks)
    assert len(clock.slept) == slept + 2
    await source.close()


async def test_pause_holds_and_resume_goes_on(tmp_path: Path, clock: TurnedClock) -> None:
    """Nothing is skipped or repeated, and the pause is not made up."""
    played = noise(1600)
    source = await paced(write_wav(tmp_path / "noise.wav", played), clock)
    heard: list[Samples] = []
    async for block in source.blocks():
        heard.append(block.samples)
        if len(heard) == 2:
            source.pause()
            assert source.paused
            assert source.position == pytest.approx(0.04)
            clock.now += 100
            source.resume()
            slept = len(clock.slept)
    assert not source.paused
    assert np.array_equal(np.concatenate(heard), played)
    assert len(clock.slept) - slept == 3
    await source.close()


async def test_seek_goes_on_from_the_exact_sample(tmp_path: Path, clock: TurnedClock) -> None:
    """Forward, backward, and paused; position says where the next block begins."""
    played = noise(48_000)
    source = await paced(write_wav(tmp_path / "noise.wav", played), clock)
    blocks = source.blocks()
    await anext(blocks)
    source.seek(2.5)
    assert source.position == 2.5
    assert np.array_equal((await anext(blocks)).samples, played[40_000:40_320])
    assert source.position == pytest.approx(2.52)
    source.pause()
    source.seek(0.1)
    source.seek(0.5)
    source.resume()
    assert np.array_equal((await anext(blocks)).samples, played[8_000:8_320])
    source.seek(-5)
    assert np.array_equal((await anext(blocks)).samples, played[:320])
    source.seek(99)
    assert source.position == 3.0
    assert [block async for block in blocks] == []
    await source.close()


async def test_a_file_that_has_ended_lives_again_after_a_jump(tmp_path: Path) -> None:
    """``blocks`` asked for once more goes on from there; without a jump it is still over."""
    played = noise(3200)
    source = FileSource(str(write_wav(tmp_path / "noise.wav", played)), FAST)
    await source.open()
    assert len([block async for block in source.blocks()]) == 1
    assert [block async for block in source.blocks()] == []
    source.seek(0.1)
    heard = [block.samples async for block in source.blocks()]
    assert np.array_equal(np.concatenate(heard), played[1600:])
    await source.close()


async def test_seek_works_at_other_rates(tmp_path: Path) -> None:
    """The position asked for is a time, whatever the file's rate."""
    path = write_wav(tmp_path / "sine.wav", sine(3.0, rate=44_100), rate=44_100)
    heard = (await hear(path, seek=1.0)).samples
    assert abs(len(heard) - 32_000) <= 1
    expected = sine(3.0)[16_000:]
    assert np.abs(heard[400:-400].astype(int) - expected[400 : len(heard) - 400]).max() <= 20


async def test_a_loop_begins_again_at_the_first_sample(tmp_path: Path, clock: TurnedClock) -> None:
    """The recording repeats without a gap, at the same pace."""
    played = noise(700)
    source = await paced(write_wav(tmp_path / "noise.wav", played), clock, loop=True)
    heard: list[Samples] = []
    positions = []
    async for block in source.blocks():
        heard.append(block.samples)
        positions.append(source.position)
        if len(heard) == 9:
            break
    await source.close()
    assert np.array_equal(np.concatenate(heard), np.tile(played, 3))
    assert positions[2] == pytest.approx(700 / 16_000)
    assert positions[3] == pytest.approx(0.02)


async def test_only_a_little_of_a_file_is_in_memory(tmp_path: Path) -> None:
    """Unpaced blocks are half a second: a day of audio is read like a minute."""
    path = write_wav(tmp_path / "noise.wav", noise(16_000 * 30))
    source = FileSource(str(path), FAST)
    await source.open()
    assert {len(block.samples) async for block in source.blocks()} == {8_000}
    await source.close()


async def test_a_block_is_never_longer_than_was_asked_for(tmp_path: Path) -> None:
    """At a low rate a resampler gives much at once: who takes it may have no room for more."""
    path = write_wav(tmp_path / "slow.wav", noise(5_000), rate=1_000)
    source = FileSource(str(path), SourceOptions(realtime=False, chunk_seconds=0.1))
    await source.open()
    blocks = [len(block.samples) async for block in source.blocks()]
    await source.close()
    assert max(blocks) <= 1_600
    assert sum(blocks) == 80_000


@pytest.mark.parametrize("ending", ["flac", "mp3"])
async def test_behind_the_end_of_a_file_of_unknown_length_is_its_end(
    tmp_path: Path, ending: str
) -> None:
    """It is found by reading, known from then on, and the file lives again after a jump."""
    path = tmp_path / f"stream.{ending}"
    soundfile.write(path, sine(2.0).astype(np.float32) / 32_768, 16_000)
    data = bytearray(path.read_bytes())
    if ending == "flac":  # as ffmpeg writes into a pipe
        data[21] &= 0xF0
        data[22:26] = bytes(4)
    else:  # without the frame that counts the others
        del data[: (frame_at(bytes(data)) or Frame(0, 0, 0, 0)).size_bytes]
    path.write_bytes(data)
    whole = await heard_of(path)
    source = FileSource(str(path), FAST)
    await source.open()
    assert source.info.duration is None
    source.seek(1.5)
    heard = np.concatenate([block.samples async for block in source.blocks()])
    assert np.abs(heard.astype(int) - whole[24_000:]).max() <= 1
    source.seek(60.0)
    assert [block async for block in source.blocks()] == []
    assert source.position == source.info.duration == len(whole) / 16_000
    source.seek(1.0)
    heard = np.concatenate([block.samples async for block in source.blocks()])
    assert len(heard) == len(whole) - 16_000
    await source.close()


async def test_closing_ends_a_paused_file(tmp_path: Path, clock: TurnedClock) -> None:
    """Who waits for a block is let go."""
    source = await paced(write_wav(tmp_path / "noise.wav", noise(1600)), clock)
    source.pause()
    blocks = source.blocks()
    await source.close()
    assert [block async for block in blocks] == []


async def test_the_demo_is_played_like_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under its own name, and without regard to a channel meant for something else."""
    path = write_wav(tmp_path / "recording.wav", noise(1600))
    monkeypatch.setattr("deeptone_tui.audio.file.RECORDING", str(path))
    source = open_source(SourceSpec(SourceKind.DEMO), SourceOptions(realtime=False, channel=3))
    await source.open()
    assert (source.info.kind, source.info.name) == (SourceKind.DEMO, "demo")
    assert isinstance(source, Seekable)
    assert sum([len(block.samples) async for block in source.blocks()]) == 1600
    await source.close()
