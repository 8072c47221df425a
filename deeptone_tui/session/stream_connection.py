"""One open connection from start to end: sends audio, receives results, drains and closes."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from deeptone_tui.core.text import unforeseen
from deeptone_tui.protocol import END_OF_AUDIO, SAMPLE_RATE_HZ, STEP_SAMPLES, StreamParameters
from deeptone_tui.session.events import AudioSent, DrainStarted, SessionEvent
from deeptone_tui.session.failures import Failure, close_failure, malformed_failure
from deeptone_tui.session.interfaces import AudioReader, Chunk, Cursor, Link, LinkClosed
from deeptone_tui.session.results import MessageHandler
from deeptone_tui.session.timeline import ConnectionTimeline, CutOver
from deeptone_tui.session.timing import NO_RESULTS_TIMEOUT_S, RateLimiter, Timing

CHUNK_SAMPLES = 16 * STEP_SAMPLES
"""Samples of the largest message, 32 KiB: one second, used for a backlog."""
PACED_CHUNK_SAMPLES = 4 * STEP_SAMPLES
"""Samples of the largest message of a backlog that is sent at a limited rate."""
GREETING_TIMEOUT_S = 5.0
"""Seconds to wait for the greeting, or a first result, after the end of the audio: without a
greeting, the endpoint is not asked to judge the last incomplete period."""
LONGEST_DRAIN_S = 60.0
"""Longest wait, in seconds, for further results."""
CLOSE_TIMEOUT_S = 1.0
"""Seconds for the endpoint to close the connection itself once every result is in."""
NO_AUDIO_TIMEOUT_S = 1.0
"""Longest wait of a change, in seconds, for audio that does not arrive."""
CHANGE_TIMEOUT_S = 9.0
"""Longest wait of a change, in seconds, for an endpoint that accepts no audio."""
CHANGE_DRAIN_TIMEOUT_S = 5.0
"""Longest wait of a change, in seconds, for further results of the old connection."""
IDLE_AFTER_S = 5.0
"""Seconds without audio after which a close by the endpoint is not a failure."""
WATCHDOG_INTERVAL_S = 1.0
"""Seconds between checks for missing results."""
NORMAL_CLOSES = (1000, 1005)


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """Outcome of a connection."""

    timeline: ConnectionTimeline
    failure: Failure | None
    """None if it ended because its audio did, or while it was idle."""
    seconds: float
    """Time since it was opened."""
    stopped: bool
    """True if it was stopped for another connection, which continues where its results end."""
    unanswered: bool
    """True if all its audio was sent and it did not fail, but due results are missing."""


class StreamConnection:
    """Exchange over one link: sends audio from a cursor, and places the results in the audio.

    Args:
        link: An open connection; it is closed at the end, but not released.
        reader: The audio.
        parameters: The parameters requested from the endpoint.
        report: Receives every event.
        timing: Clock and sleep function.
        no_results_s: Seconds without a due result after which the connection is given up.
    """

    def __init__(
        self,
        link: Link,
        reader: AudioReader,
        parameters: StreamParameters,
        report: Callable[[SessionEvent], None],
        timing: Timing,
        *,
        no_results_s: float = NO_RESULTS_TIMEOUT_S,
    ) -> None:
        self._link = link
        self._no_results_s = no_results_s
        self._reader = reader
        self._report = report
        self._timing = timing
        self._results = MessageHandler(parameters, report)
        self._cursor: Cursor | None = None
        self._pace = RateLimiter()
        self._begun = asyncio.Event()
        self._cut_over: CutOver | None = None  # a change is pending
        self.stopped = asyncio.Event()
        """Set when sending is over; after a change, the next connection continues from there."""
        self._sending = False
        self._over = False
        self._dead: Failure | None = None  # why this side gave it up
        self._news = asyncio.Event()
        self.heard = asyncio.Event()
        """Set when the endpoint has sent a message, or the connection has ended."""
        self._closed = LinkClosed(1006)
        self._active = self._opened = self._alive = timing.clock()
        self._writer: asyncio.Task[None] | None = None
        self._limit = asyncio.timeout(None)
        self._timer: asyncio.TimerHandle | None = None

    @property
    def timeline(self) -> ConnectionTimeline:
        """Its position in the audio."""
        return self._results.timeline

    def begin(self, base: int, wanted: int, pace: RateLimiter) -> None:
        """Begin to send.

        Args:
            base: First sample, a multiple of a step.
            wanted: Sample from which results count.
            pace: Rate limiter for a backlog.
        """
        self._results.begin(base, wanted)
        self._cursor = self._reader.cursor(base, period=self.timeline.period)
        self._pace = pace
        self._alive = self._timing.clock()
        self._begun.set()

    async def run(self) -> StreamEnd:
        """Stream until this connection's audio or the connection ends; return the outcome."""
        try:
            async with asyncio.TaskGroup() as group:
                self._writer = group.create_task(self._write())
                watch = group.create_task(self._watch())
                group.create_task(self._receive(watch))
        except Exception as error:  # noqa: BLE001  it ends only this connection
            self._dead = Failure(unforeseen(error, "connection"))
        finally:
            self.stopped.set()
            if self._timer is not None:
                self._timer.cancel()
            if self._cursor is not None:
                self._cursor.close()
            self.heard.set()
        failure, stopped = self._failure(), self._cut_over is not None
        # If another connection is to follow, it may give the held results again, in order.
        if failure is None and (
            stopped or not (self._results.lacking and self.timeline.progressed)
        ):
            self._results.flush()
        seconds = self._timing.clock() - self._opened
        unanswered = failure is None and self._results.lacking
        return StreamEnd(self.timeline, failure, seconds, stopped=stopped, unanswered=unanswered)

    def stop(self) -> None:
        """Send up to the place for a cut-over, drain, and end."""
        if self._cut_over is not None or self._cursor is None or self.timeline.complete:
            return
        self._cut_over = CutOver.of(self.timeline)
        self._stop_if_still(self._cut_over, -1)
        if self._sending:
            self._limit.reschedule(asyncio.get_running_loop().time() + CHANGE_TIMEOUT_S)
        self._cursor.wake()

    def _stop_if_still(self, cut_over: CutOver, sent: int) -> None:
        """Stop here if no audio was sent since the last check of a pending change."""
        if self._cursor is None or self.timeline.complete:
            return
        if self.timeline.sent == sent:
            self._cut_over = replace(cut_over, at_once=True)
            self._cursor.wake()
            return
        # Real seconds: the audio arrives in real time.
        self._timer = asyncio.get_running_loop().call_later(
            NO_AUDIO_TIMEOUT_S, self._stop_if_still, cut_over, self.timeline.sent
        )

    async def _write(self) -> None:
        """Send until the audio ends, then drain and close."""
        await self._begun.wait()
        try:
            async with self._limit:
                await self._send_all()
            self.stopped.set()
            await self._drain()
            self._over = True
            await self._link.close()
        except TimeoutError:
            # A change is pending, and the endpoint does not even accept the remaining audio.
            self._over = True
            await self._link.abort()
        except ConnectionError:
            # The receiver may learn more: a close frame with a reason may be in transit.
            await self._timing.sleep(CLOSE_TIMEOUT_S)
            await self._link.abort()

    async def _send_all(self) -> None:
        """Send until this connection's audio ends or a pending change stops it."""
        assert self._cursor is not None  # noqa: S101  set by ``begin``
        self._sending = True
        try:
            while True:
                cut_over = self._cut_over
                if cut_over is not None and cut_over.is_here(self.timeline, self._reader.silent):
                    break
                chunk = await self._cursor.read(self._room())
                if chunk is None:
                    break
                if len(chunk.samples):
                    await self._send(chunk)
        finally:
            self._sending = False
        if self._cut_over is not None:
            again_from = self._reader.piece_start(self.timeline.sent)
            judged = self._results.announced
            self.timeline.until = self.timeline.seam(None if judged else again_from)
        self.timeline.complete = True

    def _room(self) -> int:
        """Return the number of samples allowed in the next message."""
        largest = PACED_CHUNK_SAMPLES if self._pace.limited else CHUNK_SAMPLES
        return largest if self._cut_over is None else min(largest, self.timeline.to_boundary)

    async def _send(self, chunk: Chunk) -> None:
        """Send audio within the rate limit."""
        # Recorded before the send: queued audio can already be answered.
        if not self.timeline.overdue:
            self._alive = self._timing.clock()
        self.timeline.sent = chunk.end
        self._report(AudioSent(chunk.start, chunk.end))
        self._active = math.inf  # a connection that accepts nothing is not idle
        await self._link.send(chunk.samples.astype("<i2", copy=False).tobytes())
        self._active = self._timing.clock()
        wait = self._pace.wait(len(chunk.samples), self._timing.clock())
        if wait > 0:
            await self._timing.sleep(wait)

    async def _drain(self) -> None:
        """Wait for the due results, as long as new ones keep arriving."""
        if self._cut_over is None:
            self._report(DrainStarted())
        results, said = self._results, False
        timeout_s = GREETING_TIMEOUT_S if self._cut_over is None else CLOSE_TIMEOUT_S
        await self._timing.wait(results.spoke, timeout_s)
        while True:
            if results.announced and not said and results.ends_here:
                await self._link.send(END_OF_AUDIO)
                said = True
            self._news.clear()
            allowance = self._allowance(said=said)
            if allowance <= 0 or not await self._timing.wait(self._news, allowance):
                return

    def _allowance(self, *, said: bool) -> float:
        """Return the seconds to wait for news before closing; 0 if nothing more is to be expected.

        Once the end of the audio is announced and all is answered, this is the time for the
        endpoint to close.
        """
        if said and self.timeline.steps_answered:
            return CLOSE_TIMEOUT_S
        if not said and self.timeline.periods_answered:
            return 0.0
        allowance = drain_allowance(self.timeline.outstanding)
        return min(allowance, CHANGE_DRAIN_TIMEOUT_S) if self._cut_over is not None else allowance

    async def _watch(self) -> None:
        """Abort the link if no results arrive for the audio that is sent."""
        while True:
            await self._timing.sleep(WATCHDOG_INTERVAL_S)
            now = self._timing.clock()
            # Audio queued here for a slow network has not reached the endpoint.
            if not self.timeline.overdue or self._link.congested or self.timeline.complete:
                self._alive = now
            elif now - self._alive >= self._no_results_s:
                words = f"no result for {self._no_results_s:.0f} s, though audio goes out"
                self._dead = Failure(words, by_endpoint=True)
                await self._link.abort()
                return

    async def _receive(self, watch: asyncio.Task[None]) -> None:
        """Process messages until the connection ends, then end the other tasks."""
        while not isinstance(message := await self._link.receive(), LinkClosed):
            before = self._results.accepted, self._results.announced
            self._results.handle(message)
            self.heard.set()
            if (self._results.accepted, self._results.announced) != before:
                self._alive = self._timing.clock()
                self._news.set()
        self._closed = message
        self.heard.set()
        watch.cancel()
        if self._writer is not None and not self._over:
            self._writer.cancel()

    def _failure(self) -> Failure | None:
        """Return the failure that ended the connection.

        None if nothing is missing, if this side closed it, or if it was idle.
        """
        if self._dead is not None:
            return self._dead
        code, complaint = self._closed.code, self._results.complaint
        complete = self.timeline.complete
        normal = complete and not complaint and code in NORMAL_CLOSES
        if self._over or normal or (complete and self._results.drained):
            return None
        quiet = not complete and self._timing.clock() - self._active >= IDLE_AFTER_S
        if quiet and self._begun.is_set() and self.timeline.periods_answered:
            return None
        if self._closed.malformed and not complaint:
            return malformed_failure(self._closed.reason)
        return close_failure(code, self._closed.reason, error=complaint)


def drain_allowance(outstanding: int) -> float:
    """Return the seconds without news after which a drain gives up the rest.

    It grows with the outstanding audio: a slow endpoint that received a file faster than real
    time has work left.

    Args:
        outstanding: Number of samples without a result.
    """
    return min(LONGEST_DRAIN_S, max(5.0, 3.0 + 2.0 * outstanding / SAMPLE_RATE_HZ))
