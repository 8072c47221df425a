"""Pipeline: everything that must go on while the screen is blocked, in one event loop."""

import asyncio
import contextlib
import importlib
from collections.abc import Callable
from dataclasses import replace
from typing import Unpack

from deeptone_tui.audio import Block, SourceKind
from deeptone_tui.core.text import clock
from deeptone_tui.monitor.accounting import Latency, Ledger
from deeptone_tui.monitor.buffer import AudioBuffer
from deeptone_tui.monitor.capture import Capture
from deeptone_tui.monitor.evaluation import Evaluation, shifted
from deeptone_tui.monitor.handover import (
    LOOK_EVERY_S,
    BufferOptions,
    Outside,
    Playback,
    Publisher,
    ResultQueue,
    Wanted,
)
from deeptone_tui.monitor.metering import FaultWatch, Metering
from deeptone_tui.monitor.notices import Guard, Notices
from deeptone_tui.monitor.recording_controller import RecordingController
from deeptone_tui.monitor.ring import Dropped, Ring
from deeptone_tui.monitor.state import (
    Change,
    Counters,
    MonitorState,
    PlacedResult,
    SessionPhase,
    SourcePhase,
    SourceStatus,
)
from deeptone_tui.monitor.status_reducer import StatusReducer
from deeptone_tui.protocol import SAMPLE_RATE_HZ, Changes, StreamParameters
from deeptone_tui.recording import Facts
from deeptone_tui.session.events import AudioAbandoned, AudioSent, SessionEvent
from deeptone_tui.session.interfaces import Link
from deeptone_tui.session.stream_session import StreamSession
from deeptone_tui.session.target import StreamRequest, Target, TargetProvider
from deeptone_tui.session.timing import Timing

CLOSE_WITHIN_S = 0.3
"""Timeout in seconds for the whole shutdown."""
LAST_RESULTS_WITHIN = 0.1
"""Part of it, in seconds, for the connections to report what has arrived."""


class Pipeline:
    """Source, ring buffer, levels and session, and the only writer of the state.

    Everything but the constructor is called in the loop that runs ``run``.

    Args:
        wanted: the first source.
        plan: endpoint and parameters; None measures without an endpoint.
        publish: receives every state.
        entries: receives every result.
        outside: clock, connections and sources.
        link: options for unreliable networks.
        playback: a recording to replay; None for live audio.
    """

    def __init__(
        self,
        wanted: Wanted,
        plan: StreamRequest | None,
        *,
        publish: Callable[[MonitorState], None],
        entries: ResultQueue,
        outside: Outside,
        link: BufferOptions,
        playback: Playback | None,
    ) -> None:
        timing = outside.timing or Timing()
        self._give_out = publish
        self._entries = entries
        self._playback = playback
        self._clock = timing.clock
        self._ledger = Ledger()
        self._faults = FaultWatch(self._clock)
        self._latency = Latency()
        self._counters = Counters()
        self._ring = Ring(round(link.buffer * SAMPLE_RATE_HZ))
        self._buffer = AudioBuffer(self._ring, self._take_drop)
        self._notices = Notices(self._clock)
        self._board = StatusReducer(
            self._ledger, plan, self._notices, on_entry=self._take_entry, clock=self._clock
        )
        self._guard = Guard(self._notices.tell, timing.sleep)
        self._publisher = Publisher(self._publish, self._clock, outside.publish_every_s)
        self.metering = Metering()
        self.tape = RecordingController(self._facts, self._notices.tell, self._clock)
        self._notices.on_notice = self.tape.event
        provider = None if plan is None else plan.provider
        self.evaluation = Evaluation(provider, self.metering.levels, self.tape.change)
        self.capture = Capture(
            wanted,
            self._buffer,
            open_source=playback.open_source if playback is not None else outside.open_source,
            take=self._take_block,
            changed=self._source_changed,
            clock=self._clock,
        )
        self._source = self.capture.status
        self._session: StreamSession | None = None
        if plan is not None:
            self._session = StreamSession(
                plan,
                self._buffer,
                outside.connect or _connect,
                self._take_event,
                timing,
                catch_up=link.catch_up,
                no_results_s=link.no_results,
            )
        else:
            self._buffer.discard(discarding=True)
        self._newest = MonitorState()

    async def run(self) -> None:
        """Run until cancelled; then release everything within 0.3 s."""
        tasks = [asyncio.ensure_future(self._guard.keep("source", self.capture.run))]
        if self._session is not None:
            tasks.append(asyncio.ensure_future(self._guard.keep("session", self._session.run)))
            # aiohttp takes a while to import: the source and the endpoint start meanwhile.
            asyncio.get_running_loop().call_later(0.05, _warm_up)
        tasks.append(asyncio.ensure_future(self._guard.keep("core", self._look)))
        try:
            await asyncio.wait(tasks)
        finally:
            await self._close(tasks)

    def carry_out(self, command: Callable[["Pipeline"], None]) -> None:
        """Run a command, and publish its outcome; an error in it ends nothing else."""
        self._guard.run("command", command, self)
        self._publisher.touch()

    def request(self, provider: TargetProvider | None = None, **changes: Unpack[Changes]) -> None:
        """Request another endpoint or changed parameters; all else stays as it is."""
        wanted = self._board.wanted  # not the session's plan: that may have been refused for good
        if self._session is not None and wanted is not None:
            parameters = replace(wanted.parameters, **changes)
            plan = StreamRequest(provider or wanted.provider, parameters)
            self._session.change(plan)
            self._board.change_requested(plan)

    def seek(self, seconds: float) -> None:
        """Seek in a source that supports it."""
        if self.capture.position is not None:
            self.tape.event(f"wound to {clock(max(seconds, 0.0))}")
        self.capture.seek(seconds)

    def _facts(self) -> Facts:
        """Return the current settings for a recording."""
        info, session = self.capture.status.info, self._board.session
        planned = None if self._session is None else self._session.plan.parameters
        parameters = session.applied or planned
        return Facts(info.kind.value, info.name, info.rate, session.label, session.url, parameters)

    def _take_block(self, block: Block) -> None:
        """Feed captured audio to the ring, the accounting and the meters."""
        now = self._clock()
        if block.lost:
            dropped = self._counters.dropped_by_source + block.lost
            self._counters = replace(self._counters, dropped_by_source=dropped)
            self._board.missed(block.lost)
        if not len(block.samples):
            return  # it only reports the loss
        if block.overflowed:
            self._counters = replace(self._counters, overflows=self._counters.overflows + 1)
        run = self._guard.run
        run("recording", self.tape.audio, self._ledger.captured, block.samples)
        self._ledger.capture(len(block.samples))
        if self._session is not None:
            self._ring.silence_below = self._session.plan.parameters.volume_threshold
        run("buffer", self._buffer.write, block.samples)
        run("level meter", self.metering.feed, block.samples)
        run("look at the input", self._faults.feed, block.samples)
        self._latency.capture(self._ring.end, now)
        if self._playback is not None:
            run("replay", self._replay, self._playback)
        self._publisher.take_block()

    def _replay(self, playback: Playback) -> None:
        """Replay the results, changes and notices recorded with the newest block."""
        for each in playback.due(self._ledger.captured):
            if isinstance(each, str):
                self._notices.tell(each)
            elif isinstance(each, Change):
                self.evaluation.log.add(each)
            else:
                # What no result covers was skipped by a seek, or is reported by the recording.
                self._ledger.answer(0, each.sample + each.samples)
                self._board.latest = each.step
                self._take_entry(each)

    def _take_drop(self, dropped: Dropped) -> None:
        """Report audio that the full ring has dropped."""
        if self._session is not None:
            what = "silence left out, the buffer" if dropped.silent else "the buffer"
            reason = f"{what} of {self._ring.capacity / SAMPLE_RATE_HZ:.0f} s was full"
            self._take_event(AudioAbandoned(dropped.start, dropped.end, reason))

    def _source_changed(self) -> None:
        self._guard.run("source", self._note_source)
        self._publisher.touch()

    def _note_source(self) -> None:
        """Update notices, faults and changes from the source's status."""
        before, self._source = self._source, self.capture.status
        if self._source.phase is SourcePhase.OPENING:  # a lost one comes back without it
            self._faults.restart()
        if self._source.phase is not before.phase and (words := words_of(before, self._source)):
            self._notices.tell(words)
        if self._source.phase is SourcePhase.RUNNING:
            self.evaluation.log.begin_source(self._source.info, self._ledger.captured)

    def _take_event(self, event: SessionEvent) -> None:
        self._guard.run("account of the session", self._board.handle, event)
        if not isinstance(event, AudioSent):  # it follows a block, which publishes anyway
            self._publisher.touch()

    def _take_entry(self, entry: PlacedResult) -> None:
        """Count a result and pass it on."""
        self._counters = replace(self._counters, results=self._counters.results + 1)
        self._latency.answer(entry.sample + entry.samples, self._clock())
        if self._session is not None:
            url = self._board.session.url
            entry = self.evaluation.attribute(entry, self._session.provider, url)
        self._entries.put(entry)
        self._guard.run("recording", self.tape.entry, entry)
        self._guard.run("comparison", self.evaluation.compare, entry)

    def _publish(self) -> None:
        """Publish the state, or the last one with the newest notices if building it fails."""
        state = self._guard.run("state", self._state)
        state = state or replace(self._newest, notices=self._notices.newest)
        self._newest = replace(state, revision=self._newest.revision + 1)
        self._give_out(self._newest)

    def _state(self) -> MonitorState:
        """Build the current state."""
        ledger, session = self._ledger, self._board.session
        state = MonitorState(
            source=replace(self.capture.status, position=self.capture.position),
            session=replace(session, latency=self._latency.seconds),
            meter=self.metering.reading(),
            counters=replace(
                self._counters,
                **ledger.counts,
                **self._board.counts,
                behind=ledger.behind if self._session is not None else 0,
                results_dropped=self._entries.dropped,
                notices_left_out=self._notices.left_out,
            ),
            agreement=self.evaluation.agreement,
            history=self.metering.history(),
            faults=self._faults.faults(
                self.capture.channels, ended=self._source.phase is SourcePhase.ENDED
            ),
            latest=self._board.latest,
            notices=self._notices.newest,
            changes=self.evaluation.log.changes,
            recording=self.tape.status,
        )
        if self._playback is not None:
            state = replace(state, session=self._playback.session, speed=self._playback.speed)
        return shifted(state, self.evaluation.comparison.shift)

    async def _look(self) -> None:
        """Poll what does not report itself."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self._guard.run("source", self.capture.look)
            self._guard.run("recording", self.tape.look)
            if self._guard.run("account of the session", self._board.look):
                self._publisher.touch()
            counting_down = self._board.session.phase is SessionPhase.RETRYING
            self._publisher.look(counting_down=counting_down)

    async def _close(self, tasks: list[asyncio.Task[None]]) -> None:
        """Shut everything down, whatever state it is in."""
        self._publisher.close()
        for task in tasks:
            task.cancel()
        endings = list(tasks)
        if self._session is not None:
            endings.append(asyncio.ensure_future(self._session.close()))
        deadline = asyncio.get_running_loop().time() + CLOSE_WITHIN_S
        self._guard.run("source", self.capture.settle)
        self._guard.run("account of the session", self._board.close)
        # A closing connection still reports the results that have arrived.
        await asyncio.wait(tasks, timeout=LAST_RESULTS_WITHIN)
        self._guard.run("recording", self.tape.finish)
        await asyncio.wait(endings, timeout=_until(deadline))
        self._guard.run("recording", self.tape.close, _until(deadline))
        self._publish()  # with the outcome of the recording


def _until(deadline: float) -> float:
    """Return the seconds until a time of the running loop; 0 if it has passed."""
    return max(0.0, deadline - asyncio.get_running_loop().time())


def words_of(before: SourceStatus, now: SourceStatus) -> str:
    """Return a change of the source in words for the user; empty if it is worth no notice.

    A pipe or a network that pauses for a moment is worth none: some write a second at a time.

    Args:
        before: the status before.
        now: the status in another phase.
    """
    name = now.info.name
    match before.phase, now.phase:
        case _, SourcePhase.LOST | SourcePhase.FAILED:
            return now.message
        case _, SourcePhase.STALLED if now.info.kind is SourceKind.MICROPHONE:
            return f"{name} gives no data"
        case SourcePhase.STALLED, SourcePhase.RUNNING if now.info.kind is SourceKind.MICROPHONE:
            return f"{name} gives data again"
        case SourcePhase.LOST, SourcePhase.RUNNING if before.info.rate != now.info.rate:
            return f"{name} is back, at {now.info.rate} Hz instead of {before.info.rate}"
        case SourcePhase.LOST, SourcePhase.RUNNING:
            return f"{name} is back"
    return ""


def _warm_up() -> None:
    """Import what the first connection will need."""
    with contextlib.suppress(Exception):  # reported when it is needed
        importlib.import_module("deeptone_tui.session.connection")


async def _connect(target: Target, parameters: StreamParameters) -> Link:
    """Open a connection, importing aiohttp only now."""
    from deeptone_tui.session.connection import connect  # noqa: PLC0415  not before it is needed

    return await connect(target, parameters)
