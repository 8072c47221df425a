"""What no virtual device can be made to do: a PortAudio that refuses, overflows, hangs."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from support.sources.fake_portaudio import FakeDevice, FakeLibrary, FakeStream, interleaved
from support.sources.sounds import Samples, noise, sine
from support.time.waiting import until

from deeptone_tui.audio import Block, SourceError, SourceInfo, SourceKind, device_level
from deeptone_tui.audio.microphone import Microphone
from deeptone_tui.audio.portaudio import PortAudio

Opened = tuple[Microphone, FakeStream]

BUSY = ("Error opening RawInputStream: Device unavailable", -9985)
HOST = "Error opening RawInputStream: Unanticipated host error"


def microphone(*devices: FakeDevice, name: str = "", channel: int | None = None) -> Microphone:
    """A microphone on a fake PortAudio with these devices."""
    return Microphone(name, channel=channel, library=PortAudio(FakeLibrary(*devices)))


async def failure(source: Microphone) -> str:
    """What opening it fails with."""
    with pytest.raises(SourceError) as failed:
        await source.open()
    await source.close()
    message = str(failed.value)
    assert "\n" not in message
    return message


@asynccontextmanager
async def opened(device: FakeDevice, channel: int | None = None) -> AsyncIterator[Opened]:
    """An open microphone on a fake PortAudio with this device, and the stream that it feeds."""
    library = FakeLibrary(device)
    source = Microphone(channel=channel, library=PortAudio(library))
    await source.open()
    try:
        yield source, library.stream
    finally:
        await source.close()


async def take(source: Microphone, count: int) -> list[Block]:
    """The next blocks."""
    blocks = []
    async for block in source.blocks():
        blocks.append(block)
        if len(blocks) == count:
            break
    return blocks


async def hear(source: Microphone, samples: int) -> Samples:
    """At least so many samples."""
    heard: list[Samples] = []
    async for block in source.blocks():
        heard.append(block.samples)
        if sum(map(len, heard)) >= samples:
            break
    return np.concatenate(heard)


async def test_samples_arrive_as_they_are() -> None:
    """Blocks of 20 ms at 16 kHz come out of the callback unchanged and in order."""
    played = noise(960)
    async with opened(FakeDevice()) as (source, stream):
        assert source.info == SourceInfo(SourceKind.MICROPHONE, "Desk Mic", "ALSA", rate=16_000)
        assert stream.blocksize == 320
        for block in played.reshape(3, 320):
            stream.deliver(block)
        blocks = await take(source, 3)
        assert np.array_equal(np.concatenate([block.samples for block in blocks]), played)
    assert stream.calls == ["start", "abort", "close"]


async def test_a_device_that_refuses_16_khz_is_resampled() -> None:
    """It is opened at its own rate in blocks of 20 ms, and delivers 16 kHz."""
    async with opened(FakeDevice(rate=44_100, rates=(44_100,))) as (source, stream):
        assert source.info.rate == 44_100
        assert stream.blocksize == 882
        for block in np.array_split(sine(1.0, rate=44_100), 50):
            stream.deliver(block)
        heard = await hear(source, 15_000)
    expected = sine(1.0)[1600:12_800]
    assert np.abs(heard[1600:12_800].astype(int) - expected).max() <= 3


async def test_digital_zero_stays_zero_when_resampled() -> None:
    """A muted microphone is told from a silent one by this: no dither."""
    async with opened(FakeDevice(rates=(48_000,))) as (source, stream):
        for _ in range(20):
            stream.deliver(np.zeros(960, dtype=np.int16))
        assert not (await hear(source, 4_000)).any()


@pytest.mark.parametrize(("channel", "expected"), [(None, 150), (0, 100), (1, 200)])
async def test_a_device_without_mono_is_mixed_or_picked_from(
    channel: int | None, expected: int
) -> None:
    """Where only all channels can be opened, one is chosen or all are mixed."""
    left, right = np.full(320, 100, dtype=np.int16), np.full(320, 200, dtype=np.int16)
    async with opened(FakeDevice(channels=2, mono=False), channel) as (source, stream):
        assert stream.channels == 2
        stream.deliver(interleaved([left, right]))
        (block,) = await take(source, 1)
    assert np.array_equal(block.samples, np.full(320, expected, dtype=np.int16))


async def test_an_overflow_is_passed_on_with_its_block() -> None:
    """PortAudio's flag belongs to one block; it is a hint, not a loss."""
    async with opened(FakeDevice()) as (source, stream):
        stream.deliver(noise(320))
        stream.deliver(noise(320), overflow=True)
        told = [(block.overflowed, block.lost) for block in await take(source, 2)]
    assert told == [(False, 0), (True, 0)]


async def test_what_nobody_takes_for_ten_seconds_is_dropped_and_counted() -> None:
    """The oldest audio goes; the next block tells how much."""
    played = noise(320 * 507)
    async with opened(FakeDevice()) as (source, stream):
        for block in played.reshape(507, 320):
            stream.deliver(block)
        blocks = await take(source, 500)
    assert blocks[0].lost == 7 * 320
    assert sum(block.lost for block in blocks) == 7 * 320
    kept = np.concatenate([block.samples for block in blocks])
    assert np.array_equal(kept, played[7 * 320 :])


async def test_a_vanished_device_ends_with_an_error_after_its_last_audio() -> None:
    """What came before the loss is delivered first."""
    async with opened(FakeDevice()) as (source, stream):
        stream.deliver(noise(320))
        stream.vanish()
        blocks = source.blocks()
        assert len((await anext(blocks)).samples) == 320
        with pytest.raises(SourceError, match="Desk Mic was lost"):
            await anext(blocks)


async def test_a_stream_that_ends_without_a_word_is_noticed() -> None:
    """Some host APIs never call back at the end; PortAudio is asked when it is quiet."""
    library = FakeLibrary(FakeDevice(host_api="JACK Audio Connection Kit"))
    portaudio = PortAudio(library)
    source = Microphone(library=portaudio)
    await source.open()
    library.stream.active = False
    with pytest.raises(SourceError, match="was lost"):
        await take(source, 1)
    await source.close()
    assert portaudio.frozen  # ending PortAudio would abort the process now
    portaudio.end()
    assert library.ended == 0


async def test_closing_ends_the_blocks() -> None:
    """Who waits for a block is let go without an error."""
    async with opened(FakeDevice()) as (source, _):
        reading = asyncio.create_task(take(source, 1))
        await asyncio.sleep(0)
        await source.close()
        assert await asyncio.wait_for(reading, 5) == []
        # closed once more by who opened it, which does no harm


async def test_a_device_that_hangs_is_left_behind() -> None:
    """Closing comes back although PortAudio does not, and nothing else ends PortAudio then."""
    device = FakeDevice(hangs=threading.Event())
    library = FakeLibrary(device)
    portaudio = PortAudio(library)
    source = Microphone(library=portaudio)
    await source.open()
    await asyncio.wait_for(source.close(), 5)
    assert portaudio.frozen
    portaudio.end()
    assert library.ended == 0
    assert device.hangs is not None
    device.hangs.set()


async def test_opening_that_is_given_up_is_closed_when_it_comes() -> None:
    """A cancelled open leaves no stream behind."""
    device = FakeDevice(opening=threading.Event())
    library = FakeLibrary(device)
    source = Microphone(library=PortAudio(library))
    opening = asyncio.create_task(source.open())
    await asyncio.sleep(0.05)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert device.opening is not None
    device.opening.set()
    await until(lambda: bool(library.streams) and "close" in library.stream.calls)
    await source.close()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (BUSY, "Desk Mic is in use by another program"),
        ((HOST, -9999, (0, -16, "Device or resource busy")), "in use by another program"),
        ((HOST, -9999, (0, -13, "Permission denied")), "may not be used by this user"),
        ((HOST, -9999, (0, -5, "Input/output error")), "does not answer"),
        (("Error opening RawInputStream: Invalid device", -9996), "does not answer"),
        (("Error opening RawInputStream: Internal error", -9986), "cannot be used (Internal error"),
        (("Something new",), "Desk Mic cannot be used (Something new)"),
    ],
)
async def test_a_refusal_is_said_in_words(error: tuple[object, ...], words: str) -> None:
    """Each error of PortAudio becomes one line with what to do."""
    assert words in await failure(microphone(FakeDevice(error=error)))


async def test_missing_devices_and_channels_are_said_in_words() -> None:
    """No device at all, no such device, no such channel."""
    assert "no input device was found" in await failure(microphone())
    assert "did you mean “Desk Mic”?" in await failure(microphone(FakeDevice(), name="desk mik"))
    words = await failure(microphone(FakeDevice(channels=2), channel=5))
    assert "Desk Mic has no channel 6; it has 2" in words


async def test_the_devices_are_looked_for_only_while_nothing_is_open() -> None:
    """Looking again ends every stream, so it waits until there is none."""
    library = FakeLibrary(FakeDevice(), FakeDevice("Room Mic"))
    times = iter(range(0, 1000, 10))
    portaudio = PortAudio(library, clock=lambda: float(next(times)))
    first = Microphone("Desk Mic", library=portaudio)
    await first.open()
    assert library.scans == 1
    second = Microphone("Room Mic", library=portaudio)
    await second.open()
    assert library.scans == 1
    await first.close()
    assert portaudio.frozen
    await second.close()
    assert [device.name for device in portaudio.devices()] == ["Desk Mic", "Room Mic"]
    assert library.scans == 2


def test_what_could_not_be_started_is_started_again() -> None:
    """As after a sound server that was down; ending it meanwhile is an error of its own."""
    library = FakeLibrary(FakeDevice())
    times = iter(range(0, 1000, 10))
    portaudio = PortAudio(library, clock=lambda: float(next(times)))
    library.starts = False
    for _ in range(2):
        with pytest.raises(SourceError):
            portaudio.devices()
    library.starts = True
    assert [device.name for device in portaudio.devices()] == ["Desk Mic"]


async def test_a_probe_tells_the_loudest_step() -> None:
    """The picker's level is the highest step level, and the device is let go."""
    library = FakeLibrary(FakeDevice())
    probing = asyncio.create_task(device_level("Desk Mic", 0.2, library=PortAudio(library)))
    await until(lambda: bool(library.streams))
    quiet = np.full(320, 328, dtype=np.int16)
    for begin in range(0, 3200, 320):
        library.stream.deliver(quiet if begin else np.full(320, 16_384, dtype=np.int16))
    level = await asyncio.wait_for(probing, 5)
    assert level == pytest.approx(np.sqrt((320 * 0.5**2 + 704 * 0.01**2) / 1024), rel=0.01)
    assert library.stream.calls == ["start", "abort", "close"]


async def test_a_probe_of_a_lost_device_fails() -> None:
    """Also before the first step was heard."""
    library = FakeLibrary(FakeDevice())
    probing = asyncio.create_task(device_level("Desk Mic", library=PortAudio(library)))
    await until(lambda: bool(library.streams))
    library.stream.vanish()
    with pytest.raises(SourceError, match="was lost"):
        await asyncio.wait_for(probing, 5)
