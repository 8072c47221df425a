"""A source that does what a test tells it."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np

from deeptone_tui.audio import Block, SourceError, SourceInfo, SourceKind
from deeptone_tui.monitor.handover import Outside


class ActedSource:
    """Delivers what is put into it; live, so it can neither pause nor seek."""

    def __init__(
        self,
        *,
        refuses: str = "",
        live: bool = True,
        rate: int = 16_000,
        kind: SourceKind = SourceKind.MICROPHONE,
    ) -> None:
        """Refuse to open with these words, if any."""
        self.info = SourceInfo(kind, "acted", rate=rate, live=live)
        self.opened = 0
        self.closed = 0
        self._refuses = refuses
        self._acts: asyncio.Queue[Block | Exception | None] = asyncio.Queue()

    @property
    def outside(self) -> Outside:
        """For a monitor whose sources all open as this one."""
        return Outside(open_source=lambda _spec, _options: self)

    def deliver(self, samples: int, *, lost: int = 0, overflowed: bool = False) -> None:
        """Let a block of noise arrive."""
        audio = np.random.default_rng(samples).integers(-3000, 3000, samples).astype(np.int16)
        self._acts.put_nowait(Block(audio, lost, overflowed))

    def lose(self, error: str | Exception) -> None:
        """Let the device be unplugged, or break in a way of its own."""
        self._acts.put_nowait(SourceError(error) if isinstance(error, str) else error)

    def end(self) -> None:
        """Let the audio end."""
        self._acts.put_nowait(None)

    async def open(self) -> None:
        """Open, or refuse."""
        self.opened += 1
        if self._refuses:
            raise SourceError(self._refuses)

    async def blocks(self) -> AsyncIterator[Block]:
        """What was put in."""
        while (act := await self._acts.get()) is not None:
            if isinstance(act, Exception):
                raise act
            yield act

    async def close(self) -> None:
        """Count."""
        self.closed += 1


class ActedRecording(ActedSource):
    """One that has a length: it pauses and seeks, and notes it."""

    def __init__(self) -> None:
        super().__init__(live=False)
        self.position = 0.0
        self.paused = False

    def pause(self) -> None:
        """Hold."""
        self.paused = True

    def resume(self) -> None:
        """Go on."""
        self.paused = False

    def seek(self, seconds: float) -> None:
        """Go elsewhere."""
        self.position = seconds
