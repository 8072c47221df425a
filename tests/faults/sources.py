"""The sources of the matrix: real ones at high speed, each keeping what it has delivered."""

import contextlib
import itertools
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import numpy as np
from support.sources.sounds import write_wav

from deeptone_tui.audio import Block, Source, SourceInfo, SourceKind
from deeptone_tui.audio.file import FileSource
from deeptone_tui.audio.pcm import stdin_source
from deeptone_tui.audio.source import SourceOptions
from deeptone_tui.dsp import Samples

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]
BLOCK = 320
"""Samples of a block of the live source: 20 ms."""
LOOP_CHUNK = 4.0
"""Seconds of a block of the loop."""


class Tap:
    """A source that keeps what it delivers.

    Args:
        make: makes the source itself; again each time that it is opened.
    """

    def __init__(self, make: Callable[[], Source]) -> None:
        self._make = make
        self._inner = make()
        self._kept = np.empty(1 << 20, dtype=np.int16)
        self._count = 0
        self.ending = False
        """Whether the next block is the last, though the inner source would go on."""

    @property
    def info(self) -> SourceInfo:
        """The inner source's."""
        return self._inner.info

    def heard(self) -> Samples:
        """Everything delivered so far."""
        return self._kept[: self._count]

    def audio(self, start: int, end: int) -> Samples:
        """What was delivered from a sample to before another, as far as it was."""
        return self.heard()[start:end]

    async def open(self) -> None:
        """Open a new inner source."""
        self._inner = self._make()
        await self._inner.open()

    async def blocks(self) -> AsyncIterator[Block]:
        """Deliver and keep."""
        async for block in self._inner.blocks():
            self.keep(block.samples)
            yield block
            if self.ending:
                return

    async def close(self) -> None:
        """Close the inner source."""
        await self._inner.close()

    def keep(self, samples: Samples) -> None:
        """Note what is delivered next."""
        end = self._count + len(samples)
        if end > len(self._kept):
            self._kept = np.resize(self._kept, 2 * end)
        self._kept[self._count : end] = samples
        self._count = end


class Loop(Tap):
    """A file that plays over and over as fast as it is taken, and is known without being kept.

    Args:
        samples: of the file.
        folder: for the file.
        length: samples after which it ends.
    """

    def __init__(self, samples: Samples, folder: Path, length: int) -> None:
        path = write_wav(folder / "loop.wav", samples)
        options = SourceOptions(loop=True, realtime=False, chunk_seconds=LOOP_CHUNK)
        super().__init__(lambda: FileSource(str(path), options))
        self._samples = samples
        self._left = length

    def audio(self, start: int, end: int) -> Samples:
        """What the file holds there."""
        # Not mode="wrap", which subtracts the length until the index fits.
        return self._samples[np.arange(start, end) % len(self._samples)]

    def keep(self, samples: Samples) -> None:
        """Nothing is kept but how much is left."""
        self._left -= len(samples)
        self.ending = self._left <= 0


class LiveAudio:
    """Audio that comes at its own pace and waits for nobody, as from a microphone."""

    def __init__(self, samples: Samples, clock: Clock, sleep: Sleep) -> None:
        self.info = SourceInfo(SourceKind.MICROPHONE, "acted microphone")
        self._samples = samples
        self._clock = clock
        self._sleep = sleep

    async def open(self) -> None:
        """Nothing to open."""

    async def blocks(self) -> AsyncIterator[Block]:
        """Every block when its last sample would have been captured, over and over."""
        begun = self._clock()
        for number in itertools.count():
            first = number * BLOCK % len(self._samples)
            early = begun + (number + 1) * BLOCK / 16_000 - self._clock()
            # Where it cannot keep up, too: whoever sends and watches in the same loop has a turn.
            await self._sleep(max(0.0, early))
            yield Block(self._samples[first : first + BLOCK])

    async def close(self) -> None:
        """Nothing to close."""


class Piped(Tap):
    """Standard input, into which somebody writes as fast as it is taken, over and over."""

    def __init__(self, samples: Samples, clock: Clock, sleep: Sleep) -> None:
        self._reading, self._writing = os.pipe()
        options = SourceOptions(stdin_fd=self._reading)
        super().__init__(lambda: stdin_source(options, clock=clock, sleep=sleep))
        self._audio = samples.astype("<i2").tobytes()

    async def open(self) -> None:
        """Open standard input, and let somebody write."""
        await super().open()
        threading.Thread(target=self._write, name="pipe writer", daemon=True).start()

    async def close(self) -> None:
        """Close both; who writes finds that out."""
        await super().close()
        os.close(self._reading)

    def _write(self) -> None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(self._writing, "wb") as pipe:
            while not self.ending:
                pipe.write(self._audio)


def file_source(samples: Samples, folder: Path, clock: Clock, sleep: Sleep) -> Tap:
    """A file at the pace of a clock."""
    path = write_wav(folder / "audio.wav", samples)
    options = SourceOptions(loop=True)
    return Tap(lambda: FileSource(str(path), options, clock=clock, sleep=sleep))


def stdin_audio(samples: Samples, _folder: Path, clock: Clock, sleep: Sleep) -> Tap:
    """A pipe, taken at the pace of a clock."""
    return Piped(samples, clock, sleep)


def live_audio(samples: Samples, _folder: Path, clock: Clock, sleep: Sleep) -> Tap:
    """What comes by itself, as from a microphone."""
    return Tap(lambda: LiveAudio(samples, clock, sleep))


SOURCES: dict[str, Callable[[Samples, Path, Clock, Sleep], Tap]] = {
    "file": file_source,
    "stdin": stdin_audio,
    "live": live_audio,
}
"""The columns of the matrix that need no sound system."""


def spoken(seconds: float, *, seed: int = 7) -> Samples:
    """Noise whose loudness comes and goes as speech does: silence in every third second."""
    count = round(seconds * 16_000)
    noise = np.random.default_rng(seed).standard_normal(count)
    time_now = np.arange(count) / 16_000
    loudness = np.where(time_now % 3.0 < 2.0, 4000 + 2000 * np.sin(time_now), 12.0)
    return np.asarray(np.clip(noise * loudness, -32_000, 32_000), dtype=np.int16)
