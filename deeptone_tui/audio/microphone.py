"""Microphone captured through PortAudio."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np

from deeptone_tui.audio.portaudio import BLOCKS_PER_SECOND, InputStream, PortAudio, portaudio
from deeptone_tui.audio.source import Block, SourceError, SourceInfo, SourceKind
from deeptone_tui.core.blocking import call_in_thread
from deeptone_tui.dsp import FULL_SCALE, ChannelFigures, ChannelMeter, Resampler, Samples
from deeptone_tui.protocol import SAMPLE_RATE_HZ

_QUEUE_SECONDS = 10
_OPEN_TIMEOUT_S = 5.0
_CLOSE_TIMEOUT_S = 0.1
_SILENT_STREAM_TIMEOUT_S = 0.5
"""Seconds without a block after which PortAudio is asked whether the stream is still active."""
_QUERY_TIMEOUT_S = 1.0
"""Timeout in seconds of that query."""


@dataclass(frozen=True, slots=True)
class RawBlock:
    """Data of one callback."""

    data: bytes
    frames: int
    overflowed: bool
    lost: int = 0
    """Frames dropped from the queue directly before this block."""


class BlockQueue:
    """A bounded queue with one writer in any thread and one reader in the event loop.

    If it is full, the oldest block is dropped, and the next one taken reports how much was lost.
    The queue is on the writer's side of the loop, with at most one wake-up pending: a stalled loop
    cannot make it grow.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, capacity: int) -> None:
        """Make an empty queue for ``capacity`` blocks."""
        self._loop = loop
        self._capacity = capacity
        self._blocks: deque[RawBlock] = deque()
        self._lock = threading.Lock()
        self._changed = asyncio.Event()
        self._waking = False
        self._ended = False
        self._lost = 0
        self._overflowed = False

    def put(self, data: bytes, frames: int, overflowed: bool) -> None:
        """Add a block, from any thread; never wait for the reader."""
        with self._lock:
            if self._ended:
                return
            if len(self._blocks) == self._capacity:
                oldest = self._blocks.popleft()
                self._lost += oldest.frames
                self._overflowed = self._overflowed or oldest.overflowed
            self._blocks.append(RawBlock(data, frames, overflowed))
        self._wake()

    def end(self) -> None:
        """End the queue after the blocks that it holds; from any thread."""
        with self._lock:
            self._ended = True
        self._wake()

    async def take(self) -> RawBlock | None:
        """Wait for the oldest block and return it; None after the end."""
        while True:
            with self._lock:
                if self._blocks:
                    return self._pop()
                if self._ended:
                    return None
                self._changed.clear()
            await self._changed.wait()

    def _pop(self) -> RawBlock:
        block = self._blocks.popleft()
        if self._lost or self._overflowed:
            overflowed = block.overflowed or self._overflowed
            block = RawBlock(block.data, block.frames, overflowed, self._lost)
            self._lost, self._overflowed = 0, False
        return block

    def _wake(self) -> None:
        with self._lock:
            if self._waking:
                return
            self._waking = True
        try:
            self._loop.call_soon_threadsafe(self._woken)
        except RuntimeError:
            # The loop was closed while callbacks still arrived: there is no reader any more.
            if not self._loop.is_closed():
                raise

    def _woken(self) -> None:
        with self._lock:
            self._waking = False
        self._changed.set()


class Microphone:
    """One input device, selected by name."""

    def __init__(
        self,
        name: str = "",
        *,
        channel: int | None = None,
        library: PortAudio | None = None,
        rescan: bool = True,
    ) -> None:
        """Construct the source without opening anything.

        Args:
            name: Name of the device; empty selects the default one.
            channel: Selected channel, counted from 0; None captures one channel that the system
                provides, or mixes down all where the device allows only all.
            library: PortAudio; None loads it in ``open``.
            rescan: True to look for devices plugged in since PortAudio was loaded.
        """
        self._name = name
        self._channel = channel
        self._library = library
        self._rescan = rescan
        self._info = SourceInfo(SourceKind.MICROPHONE, name or "default microphone")
        self._stream: InputStream | None = None
        self._queue: BlockQueue | None = None
        self._closed = False
        self._mixed = ChannelMeter(FULL_SCALE)

    @property
    def info(self) -> SourceInfo:
        """The device's name, host API and capture rate."""
        return self._info

    @property
    def channels(self) -> ChannelFigures | None:
        """Figures of the channels mixed down so far; None without a mix."""
        return self._mixed.figures

    async def open(self) -> None:
        """Open the device and start capturing.

        Raises:
            SourceError: when the device cannot be opened.
        """
        capacity = _QUEUE_SECONDS * BLOCKS_PER_SECOND
        queue = BlockQueue(asyncio.get_running_loop(), capacity)
        try:
            stream = await call_in_thread(
                lambda: self._open(queue), timeout=_OPEN_TIMEOUT_S, discard=InputStream.close
            )
        except TimeoutError as error:
            raise SourceError(
                f"{self._info.name} has not answered for {_OPEN_TIMEOUT_S:.0f} s: the sound system "
                "does not answer; restart its sound server, plug the device in again, or choose "
                "another"
            ) from error
        self._queue = queue
        self._stream = stream
        if self._closed:  # closed while it was opening
            await self.close()
        device = stream.device
        self._info = SourceInfo(
            SourceKind.MICROPHONE, device.choice, device.host_api, rate=stream.rate
        )

    async def blocks(self) -> AsyncIterator[Block]:
        """Yield blocks of about 20 ms as they arrive; none while the device stalls.

        Raises:
            SourceError: when the device is lost.
        """
        if self._stream is None or self._queue is None:
            raise SourceError(f"{self._info.name} was not opened")
        stream, resampler = self._stream, Resampler(self._stream.rate)
        lost, overflowed = 0, False
        while block := await self._next(stream, self._queue):
            samples = resampler.process_samples(self._mono(block, stream.channels))
            lost += round(block.lost * SAMPLE_RATE_HZ / stream.rate)
            overflowed = overflowed or block.overflowed
            if len(samples):  # the resampler may hold back a whole block
                yield Block(samples, lost, overflowed)
                lost, overflowed = 0, False
        if not self._closed:
            stream.lost()
            raise SourceError(
                f"{self._info.name} was lost: unplugged, or its sound server has ended; "
                "plug it in again or choose another device"
            )

    async def close(self) -> None:
        """End the capture and ``blocks``; a device that hangs is abandoned."""
        self._closed = True
        if self._queue is not None:
            self._queue.end()
        stream, self._stream = self._stream, None
        if stream is not None:
            with contextlib.suppress(TimeoutError, SourceError):
                await call_in_thread(stream.close, timeout=_CLOSE_TIMEOUT_S)

    def _open(self, queue: BlockQueue) -> InputStream:
        library = self._library or portaudio()
        channels = 1 if self._channel is None else self._channel + 1
        return library.open_input(self._name, channels, queue.put, queue.end, rescan=self._rescan)

    async def _next(self, stream: InputStream, queue: BlockQueue) -> RawBlock | None:
        """Return the next block, however long it takes; None when the stream has ended."""
        while True:
            try:
                async with asyncio.timeout(_SILENT_STREAM_TIMEOUT_S):
                    return await queue.take()
            except TimeoutError:
                if not await self._lives(stream):
                    return None

    async def _lives(self, stream: InputStream) -> bool:
        try:
            return await call_in_thread(stream.is_active, timeout=_QUERY_TIMEOUT_S)
        except (TimeoutError, SourceError):
            return True  # a missing answer does not prove an end

    def _mono(self, block: RawBlock, channels: int) -> Samples:
        samples: Samples = np.frombuffer(block.data, dtype=np.int16)
        if channels == 1:
            return samples
        frames = samples.reshape(-1, channels)
        if self._channel is not None:
            return np.ascontiguousarray(frames[:, self._channel])
        self._mixed.feed(frames)
        mixed: Samples = np.rint(frames.mean(axis=1)).astype(np.int16)
        return mixed
