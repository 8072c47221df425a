"""From the source into the core: opening, losing, stalling, switching, pausing, seeking."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from support.sources.acted_source import ActedRecording, ActedSource

from deeptone_tui.audio import Block, Source, SourceKind, SourceOptions, SourceSpec
from deeptone_tui.monitor import capture as capture_module
from deeptone_tui.monitor.buffer import AudioBuffer
from deeptone_tui.monitor.capture import Capture
from deeptone_tui.monitor.handover import Wanted
from deeptone_tui.monitor.ring import Ring
from deeptone_tui.monitor.state import SourcePhase

WANTED = Wanted(SourceSpec(SourceKind.MICROPHONE, "acted"), SourceOptions())
OTHER = Wanted(SourceSpec(SourceKind.MICROPHONE, "other"), SourceOptions())


class Stage:
    """A capture with acted sources and a clock that a test turns."""

    def __init__(self, sources: list[Source], wanted: Wanted) -> None:
        self.now = 100.0
        self.asked: list[Wanted] = []
        self.blocks: list[Block] = []
        self.phases: list[SourcePhase] = []
        self.ring = Ring(64 * 1024)
        self.buffer = AudioBuffer(self.ring)
        self.cursor = self.buffer.cursor(0, period=1024)
        self._sources = iter(sources)
        self.capture = Capture(
            wanted,
            self.buffer,
            open_source=self._open,
            take=self._take,
            changed=lambda: self.phases.append(self.capture.status.phase),
            clock=lambda: self.now,
        )

    def _open(self, spec: SourceSpec, options: SourceOptions) -> Source:
        self.asked.append(Wanted(spec, options))
        return next(self._sources)

    def _take(self, block: Block) -> None:
        self.blocks.append(block)
        self.buffer.write(block.samples)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110  conditions are of any kind
                await asyncio.sleep(0.001)

    async def until_phase(self, phase: SourcePhase) -> None:
        """Wait until the source does something."""
        await self.until(lambda: self.capture.status.phase is phase)


@contextlib.asynccontextmanager
async def staged(*sources: Source, wanted: Wanted = WANTED) -> AsyncIterator[Stage]:
    """A running capture."""
    stage = Stage(list(sources), wanted)
    running = asyncio.ensure_future(stage.capture.run())
    try:
        yield stage
    finally:
        running.cancel()
        await asyncio.wait([running], timeout=1)
        assert running.cancelled()


@pytest.fixture(autouse=True)
def _quick_reopening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture_module, "REOPEN_EVERY_S", 0.01)


async def test_blocks_pass_through() -> None:
    """The source is opened once, its blocks are taken, and it is closed in the end."""
    source = ActedSource()
    async with staged(source) as stage:
        source.deliver(320)
        source.deliver(320)
        await stage.until(lambda: len(stage.blocks) == 2)
        assert stage.phases == [SourcePhase.OPENING, SourcePhase.RUNNING]
    assert (source.opened, source.closed) == (1, 1)


async def test_what_a_source_learns_of_itself_is_told() -> None:
    """A pipe says with its first bytes what comes through it."""
    source = ActedSource()
    async with staged(source) as stage:
        source.deliver(320)
        await stage.until(lambda: len(stage.blocks) == 1)
        source.info = replace(source.info, detail="FLAC, 8000 Hz, mono", rate=8_000)
        source.deliver(320)
        await stage.until(lambda: len(stage.blocks) == 2)
        status = stage.capture.status
        assert status.info == source.info
        assert status.opened is not None
        assert status.opened.info == source.info


async def test_a_source_that_does_not_open_has_failed_for_good() -> None:
    """In its own words, and it is not tried again behind the user's back."""
    source = ActedSource(refuses="no such device: acted")
    async with staged(source) as stage:
        await stage.until_phase(SourcePhase.FAILED)
        await asyncio.sleep(0.05)
        assert stage.capture.status.message == "no such device: acted"
    assert (source.opened, source.closed) == (1, 1)


@pytest.mark.parametrize("lost_before", [False, True])
async def test_a_source_that_cannot_be_heard_any_more_has_failed(lost_before: bool) -> None:
    """Also when it was lost before: it is there, and asking again would change nothing."""
    first, last = ActedSource(), ActedSource(kind=SourceKind.TCP)
    last.lose("it is gzip, not audio")
    last.info = replace(last.info, live=False)
    async with staged(*([first] if lost_before else []), last) as stage:
        if lost_before:
            first.lose("broken off")
        await stage.until_phase(SourcePhase.FAILED)
        await asyncio.sleep(0.05)
        assert stage.capture.status.message == "it is gzip, not audio"
    assert last.opened == 1


async def test_a_lost_device_is_reopened_by_name_until_it_is_back() -> None:
    """The same device is asked for, with the loss in words meanwhile; its audio goes on."""
    gone = [ActedSource(refuses="still gone") for _ in range(3)]
    first, back = ActedSource(), ActedSource()
    async with staged(first, *gone, back) as stage:
        first.deliver(320)
        first.lose("unplugged")
        await stage.until_phase(SourcePhase.LOST)
        back.deliver(320)
        await stage.until(lambda: len(stage.blocks) == 2)
        assert stage.capture.status.phase is SourcePhase.RUNNING
        assert stage.capture.status.message == ""
        assert stage.asked == [WANTED] * 5
        assert not stage.buffer.ended(stage.ring.end)
    assert SourcePhase.FAILED not in stage.phases


async def test_what_a_lost_device_did_not_hear_is_counted() -> None:
    """From its last block to the first after it is back; said with that block."""
    first, gone, back = ActedSource(), ActedSource(refuses="still gone"), ActedSource()
    async with staged(first, gone, back) as stage:
        first.deliver(320)
        await stage.until(lambda: len(stage.blocks) == 1)
        first.lose("unplugged")
        await stage.until(lambda: bool(gone.opened))
        stage.now += 10
        back.deliver(320)
        back.deliver(320)
        await stage.until(lambda: len(stage.blocks) == 3)
        assert [block.lost for block in stage.blocks] == [0, 10 * 16_000 - 320, 0]


async def test_the_default_device_is_reopened_by_its_name() -> None:
    """Another one may be the default by then."""
    first, gone, back = ActedSource(), ActedSource(refuses="still gone"), ActedSource()
    default = Wanted(SourceSpec(SourceKind.MICROPHONE), SourceOptions())
    async with staged(first, gone, back, wanted=default) as stage:
        first.deliver(320)
        await stage.until(lambda: len(stage.blocks) == 1)
        first.lose("unplugged")
        back.deliver(320)
        await stage.until(lambda: len(stage.blocks) == 2)
        assert stage.asked == [default, WANTED, WANTED]


@pytest.mark.parametrize(
    ("kind", "missing"), [(SourceKind.MICROPHONE, 10 * 16_000), (SourceKind.STDIN, 0)]
)
async def test_what_a_device_did_not_hear_while_it_stood_still_is_counted(
    kind: SourceKind, missing: int
) -> None:
    """When what it kept of that time has come; a pipe keeps all of it."""
    source = ActedSource(kind=kind)
    async with staged(source) as stage:
        source.deliver(320)
        await stage.until(lambda: len(stage.blocks) == 1)
        stage.now += 11
        source.deliver(8_000)
        await stage.until(lambda: len(stage.blocks) == 2)
        stage.now += 1
        source.deliver(16_000)
        source.deliver(320)
        await stage.until(lambda: len(stage.blocks) == 4)
        kept = 11 * 16_000 - 10 * 16_000 - 8_000
        assert [block.lost for block in stage.blocks] == [0, 0, missing + kept if missing else 0, 0]


async def test_a_stalled_device_that_is_lost_then_is_one_gap() -> None:
    """From its last block on."""
    first, back = ActedSource(), ActedSource()
    async with staged(first, back) as stage:
        first.deliver(320)
        await stage.until(lambda: len(stage.blocks) == 1)
        stage.now += 2
        first.deliver(320)  # a sign of life, and gone
        first.lose("unplugged")
        await stage.until_phase(SourcePhase.LOST)
        stage.now += 8
        back.deliver(320)
        await stage.until(lambda: len(stage.blocks) == 3)
        assert [block.lost for block in stage.blocks] == [0, 0, 10 * 16_000 - 2 * 320]


@pytest.mark.parametrize(("ending", "lost"), [("stalled", 20.0), ("back", 20.5), ("gone", 20.0)])
async def test_a_gap_of_a_device_that_is_left_is_counted(ending: str, lost: float) -> None:
    """Who sees that one gives nothing picks another."""
    first, other = ActedSource(), ActedSource()
    async with staged(first, other) as stage:
        first.deliver(320)
        await stage.until(lambda: len(stage.blocks) == 1)
        stage.now += 20.0
        if ending == "back":  # not long enough to see whether it has kept anything
            first.deliver(320)
            await stage.until(lambda: len(stage.blocks) == 2)
            stage.now += 0.5
            assert not stage.blocks[-1].lost
        elif ending == "gone":
            first.lose("unplugged")
            await stage.until_phase(SourcePhase.LOST)
        stage.capture.switch(OTHER)
        assert stage.blocks[-1].lost == pytest.approx(lost * 16_000, abs=640)
        await stage.until(lambda: len(stage.asked) == 2)
        blocks = len(stage.blocks)
        other.deliver(320)
        await stage.until(lambda: len(stage.blocks) == blocks + 1)
        assert stage.blocks[-1].lost == 0


async def test_the_first_block_may_take_longer() -> None:
    """A wireless microphone needs a second to begin."""
    source = ActedSource()
    async with staged(source) as stage:
        await stage.until_phase(SourcePhase.RUNNING)
        stage.capture.look()
        stage.now += 1.5
        stage.capture.look()
        assert SourcePhase.STALLED not in stage.phases
        stage.now += 1.0
        stage.capture.look()
        assert stage.phases[-1] is SourcePhase.STALLED
        source.deliver(320)
        await stage.until(lambda: len(stage.blocks) == 1)
        assert stage.blocks[0].lost == 0


async def test_a_program_that_stood_still_itself_has_no_stalled_source() -> None:
    """At the first look after it, the block may be there that was not yet dealt with."""
    source = ActedSource()
    async with staged(source) as stage:
        await stage.until_phase(SourcePhase.RUNNING)
        stage.now += 10
        stage.capture.look()
        assert SourcePhase.STALLED not in stage.phases
        stage.capture.look()
        assert stage.phases[-1] is SourcePhase.STALLED


async def test_a_broken_file_fails_and_ends() -> None:
    """It would break at the same place again."""
    source = ActedRecording()
    async with staged(source) as stage:
        source.deliver(1024)
        source.lose("broken at 3 s")
        await stage.until_phase(SourcePhase.FAILED)
        assert await stage.cursor.read(1024) is not None
        assert await stage.cursor.read(1024) is None
        assert stage.buffer.ended(stage.ring.end)


async def test_half_a_second_without_a_block_is_no_data() -> None:
    """Until the next block comes."""
    source = ActedSource()
    async with staged(source) as stage:
        source.deliver(320)
        await stage.until(lambda: len(stage.blocks) == 1)
        stage.capture.look()
        stage.now += 0.4
        stage.capture.look()
        assert stage.phases == [SourcePhase.OPENING, SourcePhase.RUNNING]
        stage.now += 0.2
        stage.capture.look()
        assert stage.phases == [SourcePhase.OPENING, SourcePhase.RUNNING, SourcePhase.STALLED]
        source.deliver(320)
        await stage.until_phase(SourcePhase.RUNNING)


async def test_waiting_for_the_reader_is_not_a_stall() -> None:
    """A file that is ahead of its endpoint is not without data."""
    source = ActedRecording()
    async with staged(source) as stage:
        for _ in range(40):
            source.deliver(1024)
        await stage.until(lambda: len(stage.blocks) == 32)
        for _ in range(2):
            stage.now += 10
            stage.capture.look()
            stage.capture.look()
            assert stage.capture.status.phase is SourcePhase.RUNNING
            stage.capture.pause()
            stage.capture.resume()


async def test_another_source_takes_the_place_of_the_first() -> None:
    """That is closed before, and the audio is cut between the two."""
    first, second = ActedSource(), ActedSource()
    async with staged(first, second) as stage:
        first.deliver(1500)
        await stage.until(lambda: len(stage.blocks) == 1)
        stage.capture.switch(OTHER)
        second.deliver(1500)
        await stage.until(lambda: len(stage.blocks) == 2)
        assert first.closed == 1
        assert stage.asked == [WANTED, OTHER]
        after = stage.buffer.cursor(1500, period=1024)
        cursors = (stage.cursor, stage.cursor, after)
        chunks = [await cursor.read(4096) for cursor in cursors]
        assert [chunk and len(chunk.samples) for chunk in chunks] == [1500, None, 1024]


@pytest.mark.parametrize("phase", [SourcePhase.FAILED, SourcePhase.LOST, SourcePhase.ENDED])
async def test_a_source_that_is_over_can_be_switched_away_from(phase: SourcePhase) -> None:
    """Whatever ended it."""
    refuses = "no" if phase is SourcePhase.FAILED else ""
    first, second = ActedSource(refuses=refuses), ActedSource()
    gone = [ActedSource(refuses="gone")] if phase is SourcePhase.LOST else []
    async with staged(first, *gone, second) as stage:
        if phase is SourcePhase.LOST:
            first.lose("unplugged")
            await stage.until(lambda: bool(gone[0].closed))
        elif phase is SourcePhase.ENDED:
            first.end()
        await stage.until_phase(phase)
        stage.capture.switch(OTHER)
        second.deliver(320)
        await stage.until(lambda: len(stage.blocks) == 1)
        assert stage.capture.status.phase is SourcePhase.RUNNING


async def test_pause_and_seek_reach_a_recording() -> None:
    """A paused one is paused, not stalled; a seek cuts the audio."""
    source = ActedRecording()
    async with staged(source) as stage:
        source.deliver(2048)
        await stage.until(lambda: len(stage.blocks) == 1)
        stage.capture.pause()
        assert source.paused
        stage.now += 10
        stage.capture.look()
        assert stage.capture.status.phase is SourcePhase.PAUSED
        stage.capture.seek(7.5)
        assert stage.capture.position == 7.5
        stage.capture.resume()
        assert not source.paused
        stage.capture.look()
        assert stage.capture.status.phase is SourcePhase.RUNNING
        assert await stage.cursor.read(4096) is not None
        assert await stage.cursor.read(4096) is None


async def test_a_block_from_before_a_seek_is_not_taken_after_it() -> None:
    """It was waiting for room; its place was left."""
    source = ActedRecording()
    async with staged(source) as stage:
        for _ in range(34):
            source.deliver(1024)
        await stage.until(lambda: len(stage.blocks) == 32)
        stage.capture.seek(1.0)
        for _ in range(8):
            await stage.cursor.read(1024)
        await stage.until(lambda: len(stage.blocks) == 33)
        await asyncio.sleep(0.01)
        assert len(stage.blocks) == 33


async def test_a_recording_that_has_ended_lives_again_after_a_seek() -> None:
    """It goes on in the same source."""
    source = ActedRecording()
    async with staged(source) as stage:
        source.end()
        await stage.until_phase(SourcePhase.ENDED)
        stage.capture.seek(0.0)
        source.deliver(1024)
        await stage.until(lambda: len(stage.blocks) == 1)
        assert stage.capture.status.phase is SourcePhase.RUNNING
    assert source.opened == 1


async def test_live_sources_neither_pause_nor_seek() -> None:
    """The commands do nothing."""
    source = ActedSource()
    async with staged(source) as stage:
        await stage.until_phase(SourcePhase.RUNNING)
        stage.capture.pause()
        stage.capture.seek(3.0)
        assert stage.capture.status.phase is SourcePhase.RUNNING
        assert stage.capture.position is None
