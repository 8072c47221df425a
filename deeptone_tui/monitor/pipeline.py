"""Pipeline: everything that must go on while the screen is blocked, in one event loop."""

import asyncio
import contextlib
import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack

from deeptone_tui.audio import Block, SourceKind, SourceOptions, SourceSpec
from deeptone_tui.core.text import clock
from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.monitor.accounting import Latency, Ledger
from deeptone_tui.monitor.agreement import Comparison, judged, shifted
from deeptone_tui.monitor.buffer import AudioBuffer, BufferOptions
from deeptone_tui.monitor.capture import Capture, OpenSource, Wanted
from deeptone_tui.monitor.changes import ChangeLog, Judge
from deeptone_tui.monitor.guard import Guard
from deeptone_tui.monitor.handover import Playback, ResultQueue
from deeptone_tui.monitor.metering import FaultWatch, Metering
from deeptone_tui.monitor.recording_controller import RecordingController, facts_of
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
from deeptone_tui.session.active_connection import Connect
from deeptone_tui.session.events import AudioAbandoned, AudioSent, SessionEvent
from deeptone_tui.session.interfaces import Link
from deeptone_tui.session.timing import Timing
from deeptone_tui.session.stream_session import StreamSession
from deeptone_tui.session.target import StreamRequest, Target, TargetProvider

LOOK_EVERY_S = 0.25
"""Seconds between polls of what does not report itself: a stalled source, a retry's countdown."""
CLOSE_WITHIN_S = 0.3
"""Timeout in seconds for the whole shutdown."""
LAST_RESULTS_WITHIN = 0.1
"""Part of it, in seconds, for the connections to report what has arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlets:
    """Outputs of the pipeline; all are called in its thread."""

    publish: Callable[[MonitorState], None]
    entries: ResultQueue
    done: Callable[[bool], None]
    """Called with True if there is nothing more to wait for, otherwise with False."""


class Pipeline:
    """Source, ring buffer, levels and session, and the only writer of the state.

    Everything but the constructor is called in the loop that runs ``run``.

    Args:
        wanted: the first source.
        plan: endpoint and parameters; None measures without an endpoint.
        outlets: outputs for states and results.
        open_source: constructs a source.
        connect: opens a connection; None for aiohttp's, which is loaded when needed.
        timing: clock, sleep and random numbers.
        publish_every_s: minimum seconds between publications.
        link: options for unreliable networks.
        playback: a recording to replay; None for live audio.
    """

    def __init__(
        self,
        wanted: Wanted,
        plan: StreamRequest | None,
        outlets: Outlets,
        *,
        open_source: OpenSource,
        connect: Connect | None = None,
        timing: Timing | None = None,
        publish_every_s: float,
        link: BufferOptions | None = None,
        playback: Playback | None = None,
    ) -> None:
        timing, link = timing or Timing(), link or BufferOptions()
        self._outlets = outlets
        self._playback = playback
        self._clock = timing.clock
        self._ledger = Ledger()
        self._metering = Metering()
        self._faults = FaultWatch(self._clock)
        self._latency = Latency(STEP_SAMPLES)
        self._comparison = Comparison()
        self._compared_with = plan.provider if plan else None
        self._counters = Counters()
        self._ring = Ring(round(link.buffer * SAMPLE_RATE_HZ))
        self._buffer = AudioBuffer(self._ring, self._take_drop)
        self._board = StatusReducer(
            self._ledger,
            plan,
            on_entry=self._take_entry,
            clock=self._clock,
            on_notice=self._take_notice,
        )
        self._guard = Guard(self._board.notice, timing.sleep)
        self._tape = RecordingController(self._facts, self._board.notice, self._clock)
        self._changes = ChangeLog(self._tape.change)
        self._capture = Capture(
            wanted,
            self._buffer,
            open_source=playback.open_source if playback is not None else open_source,
            take=self._take_block,
            changed=self._source_changed,
            clock=self._clock,
        )
        self._source = self._capture.status
        self._session: StreamSession | None = None
        if plan is not None:
            self._session = StreamSession(
                plan,
                self._buffer,
                connect or _connect,
                self._take_event,
                timing,
                catch_up=link.catch_up,
                no_results_s=link.no_results,
            )
        else:
            self._buffer.discard(discarding=True)
        self._newest = MonitorState()
        self._revision = 0
        self._publish_every_s = publish_every_s
        self._published = -publish_every_s
        self._unpublished = False
        self._timer: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Run until cancelled; then release everything within 0.3 s."""
        tasks = [asyncio.ensure_future(self._guard.keep("source", self._capture.run))]
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
        """Run a command; an error in it ends nothing else."""
        self._guard.run("command", command, self)

    def apply(self, **changes: Unpack[Changes]) -> None:
        """Request changed parameters; the others stay as they are."""
        # Not the session's plan: that may have been refused for good.
        if (wanted := self._board.wanted) is not None:
            self._change(StreamRequest(wanted.provider, replace(wanted.parameters, **changes)))

    def switch_provider(self, provider: TargetProvider) -> None:
        """Request the same parameters from another endpoint."""
        if (wanted := self._board.wanted) is not None:
            self._change(StreamRequest(provider, wanted.parameters))

    def switch_source(self, spec: SourceSpec, options: SourceOptions) -> None:
        """Switch to another source."""
        self._capture.switch(Wanted(spec, options))

    def shift(self, decibels: float) -> None:
        """Shift the preview until another endpoint has answered."""
        self._comparison.shift = decibels
        self._touch()

    def pause(self) -> None:
        """Pause a source that supports it."""
        self._capture.pause()

    def resume(self) -> None:
        """Resume a paused source."""
        self._capture.resume()

    def seek(self, seconds: float) -> None:
        """Seek in a source that supports it."""
        if self._capture.position is not None:
            self._tape.event(f"wound to {clock(max(seconds, 0.0))}")
        self._capture.seek(seconds)

    def set_speed(self, speed: float) -> None:
        """Set the replay speed of a recording."""
        if self._playback is not None:
            self._playback.set_speed(speed)
            self._touch()

    def reset_peaks(self) -> None:
        """Reset clips and peak."""
        self._metering.reset_peaks()
        self._touch()

    def record(self, parent: Path) -> None:
        """Record from now on, into a new folder inside ``parent``."""
        self._tape.begin(parent)
        self._touch()

    def stop_recording(self) -> None:
        """Finish the recording."""
        self._tape.end()
        self._touch()

    def _facts(self) -> Facts:
        """Return the current settings for a recording."""
        planned = None if self._session is None else self._session.plan.parameters
        return facts_of(self._capture.status.info, self._board.session, planned)

    def _take_notice(self, words: str) -> None:
        """Record a notice that was shown."""
        self._tape.event(words)

    def _change(self, plan: StreamRequest) -> None:
        """Pass a new plan to the session and the status."""
        if self._session is not None:
            self._session.change(plan)
            self._board.change_requested(plan)
            self._touch()

    def _take_block(self, block: Block) -> None:
        """Feed captured audio to the ring, the accounting and the meters."""
        now = self._clock()
        if block.lost:
            self._note_loss(block.lost)
        if not len(block.samples):
            return  # it only reports the loss
        if block.overflowed:
            self._counters = replace(self._counters, overflows=self._counters.overflows + 1)
        run = self._guard.run
        run("recording", self._tape.audio, self._ledger.captured, block.samples)
        self._ledger.capture(len(block.samples))
        if self._session is not None:
            self._ring.silence_below = self._session.plan.parameters.volume_threshold
        run("buffer", self._buffer.write, block.samples)
        run("level meter", self._metering.feed, block.samples)
        run("look at the input", self._faults.feed, block.samples)
        self._latency.capture(self._ring.end, now)
        if self._playback is not None:
            run("replay", self._replay, self._playback)
        # No timer here: the next block is near, and publishes what this one may not yet.
        self._unpublished = True
        if now - self._published >= self._publish_every_s:
            self._publish()

    def _replay(self, playback: Playback) -> None:
        """Replay the results, changes and notices recorded with the newest block."""
        for each in playback.due(self._ledger.captured):
            if isinstance(each, str):
                self._board.notice(each)
            elif isinstance(each, Change):
                self._changes.add(each)
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

    def _note_loss(self, lost: int) -> None:
        """Count samples that the source could not deliver."""
        dropped = self._counters.dropped_by_source + lost
        self._counters = replace(self._counters, dropped_by_source=dropped)
        self._board.missed(lost)

    def _source_changed(self) -> None:
        self._guard.run("source", self._note_source)
        self._touch()

    def _note_source(self) -> None:
        """Update notices, faults and changes from the source's status."""
        before, self._source = self._source, self._capture.status
        if self._source.phase is SourcePhase.OPENING:  # a lost one comes back without it
            self._faults.restart()
        if self._source.phase is not before.phase and (words := words_of(before, self._source)):
            self._board.notice(words)
        if self._source.phase is SourcePhase.RUNNING:
            self._changes.begin_source(self._source.info, self._ledger.captured)

    def _take_event(self, event: SessionEvent) -> None:
        self._guard.run("account of the session", self._board.handle, event)
        if not isinstance(event, AudioSent):  # it follows a block, which publishes anyway
            self._touch()

    def _take_entry(self, entry: PlacedResult) -> None:
        """Count a result and pass it on."""
        self._counters = replace(self._counters, results=self._counters.results + 1)
        self._latency.answer(entry.sample + entry.samples, self._clock())
        if self._session is not None:
            entry = self._in_force(entry, self._session.provider)
        self._outlets.entries.put(entry)
        self._guard.run("recording", self._tape.entry, entry)
        self._guard.run("comparison", self._compare, entry)

    def _compare(self, entry: PlacedResult) -> None:
        """Compare a result with the levels of its audio."""
        self._comparison.take(judged(entry, self._metering.levels))

    def _in_force(self, entry: PlacedResult, provider: TargetProvider) -> PlacedResult:
        """Return a result with its endpoint and source; log the changes it shows."""
        if provider != self._compared_with:
            self._compared_with, self._comparison = provider, Comparison()
        judge = Judge(provider.label, "" if provider.ours else self._board.session.url)
        self._changes.take_result(judge, entry.parameters, entry.sample)
        source = self._changes.source_at(entry.sample)
        return replace(entry, source=source, endpoint=provider.label)

    def _touch(self) -> None:
        """Schedule a publication: something has happened."""
        wait = self._published + self._publish_every_s - self._clock()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(max(0.0, wait), self._publish)

    def _publish(self) -> None:
        """Publish the state now, and report if there is nothing more to wait for."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._published = self._clock()
        self._unpublished = False
        self._give_out()
        self._outlets.done(is_done(self._newest, streaming=self._session is not None))

    def _give_out(self) -> None:
        """Publish the state, or the last one with the newest notices if building it fails."""
        self._revision += 1
        state = self._guard.run("state", self._state)
        self._newest = state or replace(
            self._newest, notices=self._board.notices, revision=self._revision
        )
        self._outlets.publish(self._newest)

    def _state(self) -> MonitorState:
        """Build the current state."""
        ledger, session = self._ledger, self._board.session
        foreign = self._compared_with is not None and not self._compared_with.ours
        state = MonitorState(
            source=replace(self._capture.status, position=self._capture.position),
            session=replace(session, latency=self._latency.seconds),
            meter=self._metering.reading(),
            counters=replace(
                self._counters,
                captured=ledger.captured,
                sent=ledger.sent,
                answered=ledger.answered,
                lost=ledger.lost,
                lost_at_end=ledger.lost_at_end,
                in_flight=ledger.in_flight,
                behind=ledger.behind if self._session is not None else 0,
                results_dropped=self._outlets.entries.dropped,
                unknown_messages=self._board.unknown_messages,
                repeated=self._board.repeated,
                results_cut=self._board.results_cut,
                notices_left_out=self._board.notices_left_out,
            ),
            agreement=self._comparison.agreement(foreign=foreign),
            history=self._metering.history(),
            faults=self._faults.faults(
                self._capture.channels, ended=self._source.phase is SourcePhase.ENDED
            ),
            latest=self._board.latest,
            notices=self._board.notices,
            changes=self._changes.changes,
            recording=self._tape.status,
            revision=self._revision,
        )
        if self._playback is not None:
            state = replace(state, session=self._playback.session, speed=self._playback.speed)
        return shifted(state, self._comparison.shift)

    async def _look(self) -> None:
        """Poll what does not report itself."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self._guard.run("source", self._capture.look)
            self._guard.run("recording", self._tape.look)
            if self._guard.run("account of the session", self._board.look):
                self._touch()
            counting_down = self._board.session.phase is SessionPhase.RETRYING
            late = self._clock() - self._published >= LOOK_EVERY_S
            if late and (self._unpublished or counting_down):
                self._publish()

    async def _close(self, tasks: list[asyncio.Task[None]]) -> None:
        """Shut everything down, whatever state it is in."""
        if self._timer is not None:
            self._timer.cancel()
        for task in tasks:
            task.cancel()
        endings = list(tasks)
        if self._session is not None:
            endings.append(asyncio.ensure_future(self._session.close()))
        deadline = asyncio.get_running_loop().time() + CLOSE_WITHIN_S
        self._guard.run("source", self._capture.settle)
        self._guard.run("account of the session", self._board.close)
        # A closing connection still reports the results that have arrived.
        await asyncio.wait(tasks, timeout=LAST_RESULTS_WITHIN)
        self._guard.run("recording", self._tape.finish)
        await asyncio.wait(endings, timeout=_until(deadline))
        self._guard.run("recording", self._tape.close, _until(deadline))
        self._give_out()  # with the outcome of the recording


def _until(deadline: float) -> float:
    """Return the seconds until a time of the running loop; 0 if it has passed."""
    return max(0.0, deadline - asyncio.get_running_loop().time())


def is_done(state: MonitorState, *, streaming: bool) -> bool:
    """Return True if nothing more will come without a command.

    Args:
        state: the newest state.
        streaming: True if an endpoint is used at all.
    """
    if state.session.phase is SessionPhase.REFUSED:
        return True
    if state.source.phase not in (SourcePhase.ENDED, SourcePhase.FAILED):
        return False
    unheard = state.source.phase is SourcePhase.FAILED and not state.counters.captured
    return not streaming or unheard or state.session.phase is SessionPhase.CLOSED


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
