"""Capture from the source: opening, loss, stall, switch, pause and seek."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace

from deeptone_tui.audio import (
    Block,
    Seekable,
    Source,
    SourceError,
    SourceInfo,
    SourceKind,
    SourceOptions,
    SourceSpec,
    mixed_channels,
)
from deeptone_tui.core.text import unforeseen
from deeptone_tui.dsp import NO_SAMPLES, ChannelFigures
from deeptone_tui.monitor.accounting import DropoutEstimator
from deeptone_tui.monitor.buffer import AudioBuffer
from deeptone_tui.monitor.handover import Wanted, info_of
from deeptone_tui.monitor.state import OpenedSource, SourcePhase, SourceStatus

STALLED_AFTER_S = 0.5
"""Timeout in seconds without a block that means no data."""
FIRST_AFTER = 2.0
"""Timeout in seconds for the first block: some devices start slowly."""
REOPEN_EVERY_S = 1.0
"""Seconds between attempts to reopen a lost device."""
KEPT_FOR_S = 1.0
"""Seconds within which a stalled device delivers some of the audio it has buffered."""

OpenSource = Callable[[SourceSpec, SourceOptions], Source]


class Capture:
    """Capture from one source after the other.

    Args:
        wanted: the first source.
        buffer: notified of starts, cuts and the end; whoever takes the blocks writes to it.
        open_source: constructs a source.
        take: called with every block.
        changed: called when ``status`` has changed.
        clock: monotonic time in seconds.
    """

    def __init__(
        self,
        wanted: Wanted,
        buffer: AudioBuffer,
        *,
        open_source: OpenSource,
        take: Callable[[Block], None],
        changed: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self._wanted = wanted
        self._buffer = buffer
        self._open_source = open_source
        self._take = take
        self._changed = changed
        self._clock = clock
        self._source: Source | None = None
        self._seekable: Seekable | None = None  # the same source, if it can be paused and moved
        self._listening: asyncio.Task[None] | None = None
        self._revived = asyncio.Event()
        self._seeks = 0
        self._waiting_since: float | None = None  # for a block; None while one is processed
        self._looked_at: float | None = None  # its value at the last look
        self._heard = False  # True if the open source has delivered anything
        self._gap: DropoutEstimator | None = None  # the one in progress
        self.status = SourceStatus(info_of(wanted.spec))

    @property
    def position(self) -> float | None:
        """Seconds into the source; None if it cannot be paused and moved."""
        return None if self._seekable is None else self._seekable.position

    @property
    def channels(self) -> ChannelFigures | None:
        """Figures of what the source has mixed since it was opened; None if it mixes nothing."""
        return mixed_channels(self._source)

    async def run(self) -> None:
        """Capture until cancelled."""
        while True:
            self._listening = asyncio.ensure_future(self._listen(self._wanted))
            try:
                await self._listening
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    self._listening.cancel()
                    await asyncio.wait([self._listening])
                    raise

    def switch(self, wanted: Wanted) -> None:
        """Switch to another source. Its audio does not continue what was there."""
        self.settle()
        self._wanted = wanted
        self._buffer.cut()
        if self._listening is not None:
            self._listening.cancel()

    def settle(self) -> None:
        """Count the audio that is missing up to now as lost: it will not arrive any more."""
        self._note_stall(self._waiting_since)
        gap, self._gap = self._gap, None
        if gap is not None and (missed := gap.close(self._clock())):
            self._take(Block(NO_SAMPLES, lost=missed))

    def pause(self) -> None:
        """Pause a source that supports it."""
        source = self._seekable
        if source is not None and self.status.phase in (SourcePhase.RUNNING, SourcePhase.STALLED):
            source.pause()
            self._enter(SourcePhase.PAUSED)

    def resume(self) -> None:
        """Resume a paused source."""
        source = self._seekable
        if source is not None and self.status.phase is SourcePhase.PAUSED:
            source.resume()
            if self._waiting_since is not None:  # and no block waits for room in the buffer
                self._waiting_since = self._clock()
            self._enter(SourcePhase.RUNNING)

    def seek(self, seconds: float) -> None:
        """Seek in a source that supports it; one that has ended starts again."""
        source = self._seekable
        if source is None:
            return
        source.seek(seconds)
        self._seeks += 1
        self._buffer.cut()
        if self.status.phase is SourcePhase.ENDED:
            self._revived.set()
        self._changed()

    def look(self) -> None:
        """Detect a stalled source; to be called a few times a second.

        Two looks have to find it waiting for the same block: at the first look after the whole
        program stood still, blocks may be there that were not processed.
        """
        since, before = self._waiting_since, self._looked_at
        self._looked_at = since
        if since is None or since != before or self.status.phase is not SourcePhase.RUNNING:
            return
        if self._clock() - since >= (STALLED_AFTER_S if self._heard else FIRST_AFTER):
            self._enter(SourcePhase.STALLED)

    async def _listen(self, wanted: Wanted) -> None:
        """Deliver from a source, and reopen it when it is lost; ends only by cancellation."""
        lost = False
        self._gap = None
        self.status = SourceStatus(info_of(wanted.spec), opened=self.status.opened)
        self._enter(SourcePhase.OPENING)
        while True:
            try:
                await self._deliver(wanted)
            except Exception as error:  # noqa: BLE001  a source may break in ways nobody foresaw
                known = isinstance(error, SourceError)
                words = str(error) if known else unforeseen(error, "source")
                live = self._source is not None and self._source.info.live
                if live and self.status.phase not in (SourcePhase.OPENING, SourcePhase.LOST):
                    lost = True
                    wanted = _by_name(wanted, self.status.info)
                    self._gap = self._gap or DropoutEstimator(self._waiting_since or self._clock())
                elif self._source is not None and not live:  # it is back, and cannot be decoded
                    lost = False
                self._enter(SourcePhase.LOST if lost else SourcePhase.FAILED, words)
            finally:
                self._waiting_since = None
                await self._release()
            if not lost:
                self._buffer.finish()
                self._changed()
                await asyncio.Event().wait()
            await asyncio.sleep(REOPEN_EVERY_S)

    async def _deliver(self, wanted: Wanted) -> None:
        """Open the source and take its blocks; raise ``SourceError``, or never end."""
        self._source = self._open_source(wanted.spec, wanted.options)
        await self._source.open()
        info = self._source.info
        # Checked once: a protocol check takes longer than everything else in a publication.
        if not info.live and isinstance(self._source, Seekable):
            self._seekable = self._source
        self._buffer.begin(live=info.live, paced=info.live or wanted.options.realtime)
        self._heard = False
        self._learn(info, wanted.spec)
        self._enter(SourcePhase.RUNNING)
        while True:
            self._revived.clear()
            self._waiting_since = self._clock()
            async for block in self._source.blocks():
                if self._source.info is not info:  # a header came first
                    info = self._source.info
                    self._learn(info, wanted.spec)
                    self._changed()
                await self._pass_on(block, live=info.live)
            self._waiting_since = None
            self._buffer.finish()
            self._enter(SourcePhase.ENDED)
            await self._revived.wait()
            self._enter(SourcePhase.RUNNING)

    def _learn(self, info: SourceInfo, spec: SourceSpec) -> None:
        """Note what the source is; a container in a pipe reveals it with its first bytes."""
        self.status = replace(self.status, info=info, opened=OpenedSource(info, spec))

    async def _pass_on(self, block: Block, *, live: bool) -> None:
        """Hand over a block once there is room for it."""
        since, self._waiting_since = self._waiting_since, None
        if not live:
            seeks = self._seeks
            await self._buffer.room(len(block.samples))
            if seeks != self._seeks:
                return  # it belongs to the position before a seek
        if self.status.phase is SourcePhase.STALLED:
            self._enter(SourcePhase.RUNNING)
        self._take(self._with_missed(block, since))
        self._heard = True
        self._waiting_since = self._clock()

    def _with_missed(self, block: Block, since: float | None) -> Block:
        """Return the block, with the audio that the device missed before it added to its loss.

        Args:
            block: the newest block.
            since: start of the wait for it.
        """
        self._note_stall(since)
        if self._gap is None:
            return block
        missed = self._gap.take(len(block.samples) + block.lost, self._clock())
        if self._gap.over:
            self._gap = None
        return replace(block, lost=block.lost + missed) if missed else block

    def _note_stall(self, since: float | None) -> None:
        """Start a gap if the wait for a block since then was a long one."""
        if self._gap is not None or since is None or not (self._heard and self._passes):
            return
        if self._clock() - since >= STALLED_AFTER_S:
            self._gap = DropoutEstimator(since, KEPT_FOR_S)

    @property
    def _passes(self) -> bool:
        """True if sound is lost while not delivered; a pipe that stands still keeps it."""
        info = self.status.info
        return info.live and info.kind is SourceKind.MICROPHONE

    async def _release(self) -> None:
        source, self._source, self._seekable = self._source, None, None
        if source is not None:
            with contextlib.suppress(Exception):  # the error is of no use to anybody
                await source.close()

    def _enter(self, phase: SourcePhase, message: str = "") -> None:
        self.status = replace(self.status, phase=phase, message=message)
        self._changed()


def _by_name(wanted: Wanted, info: SourceInfo) -> Wanted:
    """Return the request with the default device named: another may be the default later."""
    if wanted.spec.kind is not SourceKind.MICROPHONE or wanted.spec.value:
        return wanted
    return replace(wanted, spec=replace(wanted.spec, value=info.name))
