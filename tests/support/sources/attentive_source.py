"""A live source that speaks as fast as it is answered."""

import asyncio
from collections.abc import AsyncIterator, Callable

from support.sources.sounds import Samples

from deeptone_tui.audio import Block, SourceInfo, SourceKind

AHEAD = 4 * 16_000
"""Samples that it is ahead of the results at most."""
BLOCK = 1024


class AttentiveSource:
    """Delivers audio like a microphone, but never far ahead of the results.

    Args:
        audio: what it delivers; it ends after that.
        in_flight: how many samples wait for their result.
        speed: times real time at most; 0 is without limit.
    """

    def __init__(self, audio: Samples, in_flight: Callable[[], int], *, speed: float = 0.0) -> None:
        self.info = SourceInfo(SourceKind.MICROPHONE, "attentive", live=True)
        self._audio = audio
        self._in_flight = in_flight
        self._pause = BLOCK / 16_000 / speed if speed else 0.0

    async def open(self) -> None:
        """Nothing to open."""

    async def blocks(self) -> AsyncIterator[Block]:
        """Everything, in blocks of 64 ms."""
        for start in range(0, len(self._audio), BLOCK):
            while self._in_flight() > AHEAD:  # noqa: ASYNC110  no event crosses the threads
                await asyncio.sleep(0.002)  # the state is published every 1/30 s
            yield Block(self._audio[start : start + BLOCK])
            await asyncio.sleep(self._pause)

    async def close(self) -> None:
        """Nothing to close."""
