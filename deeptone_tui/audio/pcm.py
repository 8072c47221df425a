"""Raw 16-bit little-endian mono PCM, or a container, from a byte stream: stdin or TCP."""

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from deeptone_tui.audio.byte_source import ByteSource, PipedBytes, TcpBytes, WaveHeaderFilter
from deeptone_tui.audio.containers import WAVE, Container, container_of, may_be_container
from deeptone_tui.audio.source import (
    Block,
    Clock,
    Pacer,
    SenderLost,
    Sleep,
    SourceError,
    SourceInfo,
    SourceKind,
    SourceOptions,
    join_address,
)
from deeptone_tui.dsp import Resampler, Samples, from_bytes
from deeptone_tui.protocol import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from deeptone_tui.audio.container_stream import ContainerStream


_BLOCK_SAMPLES = SAMPLE_RATE_HZ // 50
_CATCH_UP_RATE = 1.001
"""A sender's clock may run fast by some hundred ppm; this speed keeps up with any crystal."""
_PIECE_S = 0.1
"""Seconds of audio decoded from a container at a time."""
_HEAD_START_S = 1.0
"""Seconds of audio already in the pipe at the start that are delivered at once; otherwise the
display would lag by that much permanently."""


class PcmSource:
    """Audio source over a byte stream.

    Paced like a microphone: the pacing never slows down a live sender, and a whole file piped in at
    once plays at the speed of the clock instead of flashing by. Data that is not taken waits with
    the sender; nothing is lost here.
    """

    def __init__(
        self,
        info: SourceInfo,
        stream: ByteSource,
        options: SourceOptions,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._stream = stream
        self._info = dataclasses.replace(info, rate=options.sample_rate, live=options.realtime)
        self._pacer = Pacer(clock, sleep, speed=_CATCH_UP_RATE, head_start=_HEAD_START_S)
        self._realtime = options.realtime
        self._header = WaveHeaderFilter()
        self._resampler = Resampler(options.sample_rate)
        self._odd = b""
        self._closed = False
        self._channel = options.channel
        self._chunk_seconds = options.chunk_seconds
        self._container: ContainerStream | None = None

    @property
    def info(self) -> SourceInfo:
        """Origin of the audio; the rate follows a WAV header if one comes first."""
        return self._info

    async def open(self) -> None:
        """Connect to the sender.

        Raises:
            SourceError: when there is none.
        """
        with self._failing():
            await self._stream.open()

    async def blocks(self) -> AsyncIterator[Block]:
        """Yield the received audio until the sender ends it.

        Raises:
            SourceError: when the connection broke, nothing at all was sent, or the data cannot be
                decoded. The source is not ``live`` any more if it cannot come back.
        """
        with self._failing():
            async for block in self._received():
                yield block

    async def close(self) -> None:
        """Disconnect from the sender."""
        self._closed = True
        if self._container is not None:
            await self._container.close()
        await self._stream.close()

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        """Mark the source as not live if an error shows that it cannot come back.

        Waiting for stdin, or for other content, would never end.
        """
        try:
            yield
        except Exception as error:
            if self._info.kind is SourceKind.STDIN or not isinstance(error, SenderLost):
                self._info = dataclasses.replace(self._info, live=False)
            raise

    async def _received(self) -> AsyncIterator[Block]:
        async for samples in self._samples():
            for piece in self._cut(samples):
                if self._realtime:
                    await self._pacer.wait(len(piece))
                if self._closed:
                    return
                yield Block(piece)

    async def _samples(self) -> AsyncIterator[Samples]:
        """Yield everything that is sent, at 16 kHz."""
        head = await self._head()
        container = container_of(head)
        if self._closed:
            return
        if not head:
            raise SenderLost(
                f"no audio came from {self._info.name}; it takes raw 16-bit mono PCM, such as "
                "arecord -q -t raw -f S16_LE -r 16000 -c 1"
            )
        if container in (None, WAVE):
            async for samples in self._raw(head):
                yield samples
            return
        async for samples in self._decoded(container, head):
            yield samples

    async def _head(self) -> bytes:
        """Return as much of the beginning as is needed to recognise a container."""
        head = b""
        while may_be_container(head) and (data := await self._stream.read()):
            head += data
        return head

    async def _raw(self, data: bytes) -> AsyncIterator[Samples]:
        while data:
            raw = self._decode(data)  # first: a header in it may change the resampler
            yield self._resampler.process_samples(raw)
            if self._closed:
                return
            data = await self._stream.read()
        if not self._closed:
            yield self._resampler.flush()

    async def _decoded(self, container: Container, head: bytes) -> AsyncIterator[Samples]:
        from deeptone_tui.audio.container_stream import ContainerStream  # noqa: PLC0415  on demand

        seconds = _PIECE_S if self._realtime else self._chunk_seconds
        self._container = ContainerStream(
            container, self._info.name, self._stream.read, channel=self._channel, seconds=seconds
        )
        try:
            decoder = await self._container.open(head)
            self._info = dataclasses.replace(self._info, rate=decoder.rate, detail=decoder.detail)
            async for samples in self._container.samples():
                yield samples
        except SourceError as error:
            if not self._closed:  # closing makes the decoder fail, which is no error
                raise self._container.broken or error from None

    def _decode(self, data: bytes) -> Samples:
        """Convert bytes to samples: strip a WAV header and carry over half a sample."""
        body = self._header.strip(data)
        if self._header.rate not in (None, self._info.rate):
            self._info = dataclasses.replace(self._info, rate=self._header.rate)
            self._resampler = Resampler(self._info.rate)
        body = self._odd + body
        self._odd = body[len(body) & ~1 :]
        return from_bytes(body)

    def _cut(self, samples: Samples) -> list[Samples]:
        size = _BLOCK_SAMPLES if self._realtime else max(1, len(samples))
        return [samples[i : i + size] for i in range(0, len(samples), size)]


def stdin_source(
    options: SourceOptions, *, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep
) -> PcmSource:
    """Construct the source of ``-``, which reads ``options.stdin_fd``."""
    info = SourceInfo(SourceKind.STDIN, "stdin", "raw 16-bit PCM")
    return PcmSource(info, PipedBytes(options.stdin_fd), options, clock=clock, sleep=sleep)


def tcp_source(host: str, port: int, options: SourceOptions) -> PcmSource:
    """Construct the source of ``tcp://host:port``."""
    info = SourceInfo(SourceKind.TCP, f"tcp://{join_address(host, port)}", "raw 16-bit PCM")
    return PcmSource(info, TcpBytes(host, port), options)
