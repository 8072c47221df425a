"""What sources that mix several channels tell of them."""

from pathlib import Path

import numpy as np
import pytest
from support.sources.acted_source import ActedSource
from support.sources.fake_portaudio import FakeDevice, FakeLibrary, interleaved
from support.sources.sounds import Samples, noise, write_wav

from deeptone_tui.audio import (
    Source,
    SourceKind,
    SourceOptions,
    SourceSpec,
    mixed_channels,
    open_source,
)
from deeptone_tui.audio.microphone import Microphone
from deeptone_tui.audio.portaudio import PortAudio
from deeptone_tui.dsp import FULL_SCALE

LOUD = noise(32_000)
QUIET = noise(32_000, seed=2, peak=200)


def power(samples: Samples) -> float:
    """Mean square without the constant offset; full scale is 1."""
    return float(np.var(samples / FULL_SCALE))


async def heard(path: Path, channel: int | None = None) -> Source:
    """A file that was heard to its end."""
    source = open_source(
        SourceSpec(SourceKind.FILE, str(path)), SourceOptions(realtime=False, channel=channel)
    )
    assert mixed_channels(source) is None
    await source.open()
    async for _ in source.blocks():
        pass
    return source


@pytest.mark.parametrize("rate", [16_000, 48_000])
async def test_a_file_tells_of_each_channel_and_of_the_mix(tmp_path: Path, rate: int) -> None:
    """At any rate; also after it is closed."""
    frames = np.stack([LOUD, QUIET], axis=1)
    source = await heard(write_wav(tmp_path / "two.wav", frames, rate=rate))
    await source.close()
    figures = mixed_channels(source)
    assert figures is not None
    assert figures.frames == 32_000
    mix = np.mean(frames, axis=1)
    assert figures.powers() == pytest.approx([power(LOUD), power(QUIET), power(mix)])


@pytest.mark.parametrize(("channels", "channel"), [(1, None), (2, 0), (2, 1)])
async def test_a_file_of_which_one_channel_is_heard_tells_nothing(
    tmp_path: Path, channels: int, channel: int | None
) -> None:
    """Because there is one, or one was chosen."""
    path = write_wav(tmp_path / "file.wav", np.stack([LOUD, QUIET][:channels], axis=1))
    source = await heard(path, channel)
    assert mixed_channels(source) is None
    await source.close()


async def microphone(device: FakeDevice, channel: int | None) -> Microphone:
    """One that has heard a block of two channels."""
    library = FakeLibrary(device)
    source = Microphone(channel=channel, library=PortAudio(library))
    await source.open()
    stream = library.stream
    stream.deliver(interleaved([LOUD[:320], QUIET[:320]][: stream.channels]))
    async for _ in source.blocks():
        break
    await source.close()
    return source


async def test_a_device_that_has_to_be_mixed_tells_of_its_channels() -> None:
    """It gives all of its channels or none."""
    source = await microphone(FakeDevice(channels=2, mono=False), None)
    figures = mixed_channels(source)
    assert figures is not None
    assert figures.frames == 320
    assert figures.powers()[:2] == pytest.approx([power(LOUD[:320]), power(QUIET[:320])])


@pytest.mark.parametrize("channel", [None, 0, 1])
async def test_a_device_of_which_one_channel_is_heard_tells_nothing(channel: int | None) -> None:
    """The system gives one, or one was chosen."""
    assert mixed_channels(await microphone(FakeDevice(channels=2), channel)) is None


def test_other_sources_tell_nothing() -> None:
    """They mix nothing; and there may be no source."""
    assert mixed_channels(ActedSource()) is None
    assert mixed_channels(None) is None
