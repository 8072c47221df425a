"""An audio file as a source: paced like a microphone, with pause and seek."""

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TypeVar

from deeptone_tui.audio.decoder import Decoder, open_file
from deeptone_tui.audio.source import (
    Block,
    Clock,
    Opening,
    Pacer,
    Sleep,
    SourceError,
    SourceInfo,
    SourceKind,
    SourceOptions,
)
from deeptone_tui.core.blocking import call_in_thread
from deeptone_tui.dsp import NO_SAMPLES, ChannelFigures, Resampler, Samples
from deeptone_tui.protocol import SAMPLE_RATE_HZ

T = TypeVar("T")

_BLOCK_SAMPLES = SAMPLE_RATE_HZ // 50
"""Samples in a block at the pace of the clock: 20 ms, as from a microphone."""

_SKIP_SECONDS = 1.0
"""Seconds of audio decoded at a time to reach a position."""

_DISK_TIMEOUT_S = 10.0
"""Timeout in seconds of a disk, which may be on the network."""

RECORDING = "demo.flac"
"""File beside this module; ``demo.md`` documents its origin."""


class FileSource:
    """One audio file of any format and sample rate, read in pieces."""

    def __init__(
        self,
        path: str,
        options: SourceOptions,
        *,
        info: SourceInfo | None = None,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._path = path
        self._options = options
        self._info = info or SourceInfo(SourceKind.FILE, Path(path).name, live=False)
        self._pacer = Pacer(clock, sleep)
        self._opening = Opening()
        self._decoder: Decoder | None = None
        self._resampler = Resampler(SAMPLE_RATE_HZ)
        self._running = asyncio.Event()
        self._running.set()
        self._closed = False
        chunk_samples = round(options.chunk_seconds * SAMPLE_RATE_HZ)
        self._block = _BLOCK_SAMPLES if options.realtime else chunk_samples
        """Maximum samples in a block; the consumer relies on this bound."""
        self._held = NO_SAMPLES
        """Decoded samples that are not delivered yet."""
        self._ended = False
        """True if the decoder and the resampler have delivered everything."""
        self._index = 0
        """Samples at 16 kHz from the beginning of the file to the next block."""
        self._wanted: int | None = None
        """Seek position in samples at 16 kHz; None if no seek is pending."""

    @property
    def info(self) -> SourceInfo:
        """Name, format, sample rate and length of the file."""
        return self._info

    @property
    def channels(self) -> ChannelFigures | None:
        """Figures of the channels mixed down so far; None without a mix."""
        return None if self._decoder is None else self._decoder.channels

    @property
    def position(self) -> float:
        """Seconds from the beginning of the file to the next block."""
        return (self._index if self._wanted is None else self._wanted) / SAMPLE_RATE_HZ

    @property
    def paused(self) -> bool:
        """True if delivery is held."""
        return not self._running.is_set()

    def pause(self) -> None:
        """Hold delivery from the next block on."""
        self._running.clear()

    def resume(self) -> None:
        """Continue, at the pace of the clock from now."""
        self._pacer.restart()
        self._running.set()

    def seek(self, seconds: float) -> None:
        """Continue from another position, clamped to the file's length."""
        duration = self._info.duration
        longest = seconds if duration is None else min(seconds, duration)
        self._wanted = round(max(0.0, longest) * SAMPLE_RATE_HZ)

    async def open(self) -> None:
        """Open the file and read its format.

        Raises:
            SourceError: when it cannot be read.
        """
        path, channel, opening = self._path, self._options.channel, self._opening
        decoder = await self._at_the_disk(
            lambda: open_file(path, channel, opening), discard=Decoder.close
        )
        self._decoder = decoder
        self._resampler = Resampler(decoder.rate)
        self._info = dataclasses.replace(
            self._info, detail=decoder.detail, rate=decoder.rate, duration=decoder.seconds
        )

    async def blocks(self) -> AsyncIterator[Block]:
        """Yield the file, paced unless ``realtime`` is off, repeatedly if ``loop`` is on.

        Raises:
            SourceError: when the file turns out to be broken.
        """
        while not self._closed:
            samples = await self._next()
            if samples is None:
                return
            if self._options.realtime:
                await self._pacer.wait(len(samples))
            if self.paused or self._wanted is not None:
                continue  # the block is still held: it waits, or the seek drops it
            self._held = self._held[len(samples) :]
            self._index += len(samples)
            yield Block(samples)

    async def close(self) -> None:
        """Close the file and end ``blocks``, paused or not."""
        self._closed = True
        self._running.set()
        self._opening.stop()
        if self._decoder is not None:
            self._decoder.close()

    async def _next(self) -> Samples | None:
        """Return the samples due next, which stay held; None at the end."""
        await self._running.wait()
        if self._wanted is not None:
            await self._jump(self._wanted)
        while not len(self._held):
            if self._closed:
                return None
            if self._ended:
                if not self._options.loop or self._index == 0:  # a file without audio does not loop
                    return None
                await self._move(0)  # without a pause in the pacing: it plays like one long file
            await self._read()
        return self._held[: self._block]

    async def _read(self) -> None:
        """Decode one more chunk. At the end, flush the resampler."""
        decoder = self._opened()
        frames = max(1, int(decoder.rate * self._options.chunk_seconds))
        waveform = await self._at_the_disk(lambda: decoder.read(frames))
        if len(waveform):
            self._held = self._resampler.process(waveform)
        else:
            self._held = self._resampler.flush()
            self._ended = True

    async def _jump(self, index: int) -> None:
        """Continue from a sample at 16 kHz, and drop everything from the old position."""
        await self._move(index)
        self._held = NO_SAMPLES
        if self._wanted == index:  # no other seek was requested meanwhile
            self._wanted = None
        self._pacer.restart()

    async def _move(self, index: int) -> None:
        decoder = self._opened()
        frame = round(index * decoder.rate / SAMPLE_RATE_HZ)
        reached = await self._at_the_disk(lambda: decoder.seek(frame))
        self._resampler.clear()
        self._ended = False
        self._index = index if reached else await self._read_up_to(frame)

    async def _read_up_to(self, frame: int) -> int:
        """Decode a file of unknown length up to a frame, or to its end.

        Return the position reached, in samples at 16 kHz.
        """
        decoder, at = self._opened(), 0
        while at < frame and not self._closed:
            frames = min(frame - at, max(1, int(decoder.rate * _SKIP_SECONDS)))
            read = len(await self._at_the_disk(partial(decoder.read, frames)))
            at += read
            if not read:
                self._info = dataclasses.replace(self._info, duration=at / decoder.rate)
                break
        return round(at * SAMPLE_RATE_HZ / decoder.rate)

    async def _at_the_disk(
        self, function: Callable[[], T], discard: Callable[[T], object] | None = None
    ) -> T:
        try:
            return await call_in_thread(function, timeout=_DISK_TIMEOUT_S, discard=discard)
        except TimeoutError as error:
            raise SourceError(
                f"{self._info.name}: the disk has not answered for {_DISK_TIMEOUT_S:.0f} s; "
                "copy the file to this machine"
            ) from error

    def _opened(self) -> Decoder:
        if self._decoder is None:
            raise SourceError(f"{self._info.name} was not opened")
        return self._decoder


class DemoSource(FileSource):
    """The demo recording, played like any file."""

    def __init__(self, options: SourceOptions) -> None:
        self._recording = Path(str(resources.files(__package__) / RECORDING))
        super().__init__(
            str(self._recording),
            dataclasses.replace(options, channel=None),
            info=SourceInfo(SourceKind.DEMO, "demo", live=False),
        )

    async def open(self) -> None:
        """Open the recording.

        Raises:
            SourceError: when this installation lacks it.
        """
        if not self._recording.is_file():
            raise SourceError(
                "the demo recording is missing from this installation; reinstall deeptone-tui"
            )
        await super().open()
