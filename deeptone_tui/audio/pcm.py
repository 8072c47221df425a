"""Raw 16-bit little-endian mono PCM out of a stream of bytes: what stdin and TCP share."""

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import AsyncIterator, Iterator
from typing import Protocol

import numpy as np

from deeptone_tui.audio.pacing import Clock, Pacer, Sleep
from deeptone_tui.audio.resample import RATE, Resampler, to_waveform
from deeptone_tui.audio.source import Block, Samples, SourceError, SourceInfo, SourceKind
from deeptone_tui.audio.spec import SourceOptions
from deeptone_tui.audio.wave_header import WaveHeader

_BLOCK = RATE // 50
_SPEED = 1.001
"""A sender's clock may run fast by some hundred ppm; this much keeps up with any crystal."""
_HEAD_START = 1.0
"""Seconds that were waiting in the pipe when we began are delivered at once, or what is shown
would stay that much behind for good."""


class Bytes(Protocol):
    """Where the bytes come from."""

    async def open(self) -> None:
        """Connect. Raises `SourceError` when that cannot be."""
        ...

    async def read(self) -> bytes:
        """The next bytes, any number, none at the end. Raises `SourceError` when it broke."""
        ...

    async def close(self) -> None:
        """Disconnect; a waiting ``read`` returns or fails."""
        ...


class PcmSource:
    """A source over a stream of bytes.

    Paced as a microphone would be: a live sender is never slowed down by it, and a whole file
    piped in at once plays at the speed of the clock instead of flashing by. What is not taken
    waits with the sender; nothing is lost here.
    """

    def __init__(
        self,
        info: SourceInfo,
        stream: Bytes,
        options: SourceOptions,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._stream = stream
        self._info = dataclasses.replace(info, rate=options.sample_rate, live=options.realtime)
        self._pacer = Pacer(clock, sleep, speed=_SPEED, head_start=_HEAD_START)
        self._realtime = options.realtime
        self._header = WaveHeader()
        self._resampler = Resampler(options.sample_rate)
        self._odd = b""
        self._closed = False

    @property
    def info(self) -> SourceInfo:
        """Where it comes from; the rate follows a WAV header, should one come first."""
        return self._info

    async def open(self) -> None:
        """Connect to the sender.

        Raises:
            SourceError: when there is none; in words.
        """
        with self._failing():
            await self._stream.open()

    async def blocks(self) -> AsyncIterator[Block]:
        """Yield what is sent until the sender ends it.

        Raises:
            SourceError: when the connection broke, or nothing at all was sent. A failed stdin is
                not ``live`` any more: it cannot be had back.
        """
        with self._failing():
            async for block in self._received():
                yield block

    async def close(self) -> None:
        """Disconnect from the sender."""
        self._closed = True
        await self._stream.close()

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        """Waiting for stdin to come back, as for a device, would be waiting for ever."""
        try:
            yield
        except SourceError:
            if self._info.kind is SourceKind.STDIN:
                self._info = dataclasses.replace(self._info, live=False)
            raise

    async def _received(self) -> AsyncIterator[Block]:
        heard = False
        while data := await self._stream.read():
            heard = True
            raw = self._decode(data)  # first: a header in it may change the resampler
            for samples in self._cut(self._resampler.process(to_waveform(raw))):
                if self._realtime:
                    await self._pacer.wait(len(samples))
                if self._closed:
                    return
                yield Block(samples)
        if self._closed:
            return
        if not heard:
            raise SourceError(
                f"no audio came from {self._info.name}; it takes raw 16-bit mono PCM, such as "
                "arecord -q -t raw -f S16_LE -r 16000 -c 1"
            )
        for samples in self._cut(self._resampler.flush()):
            yield Block(samples)

    def _decode(self, data: bytes) -> Samples:
        """Turn bytes into samples, carrying a split one, past a WAV header at the very start."""
        body = self._header.strip(data)
        if self._header.rate not in (None, self._info.rate):
            self._info = dataclasses.replace(self._info, rate=self._header.rate)
            self._resampler = Resampler(self._info.rate)
        body = self._odd + body
        self._odd = body[len(body) & ~1 :]
        return np.frombuffer(body[: len(body) & ~1], dtype="<i2").astype(np.int16)

    def _cut(self, samples: Samples) -> list[Samples]:
        size = _BLOCK if self._realtime else max(1, len(samples))
        return [samples[i : i + size] for i in range(0, len(samples), size)]
