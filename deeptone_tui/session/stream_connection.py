"""One open connection from start to end: sends audio, receives results, drains and closes."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass

from deeptone_tui.core.errors import unforeseen
from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.protocol import (
    END_OF_AUDIO,
    SAMPLE_RATE_HZ,
    ErrorReported,
    Greeting,
    Message,
    ResultsReceived,
    Step,
    StreamParameters,
    UnknownReceived,
)
from deeptone_tui.session.events import (
    UNANSWERED,
    AudioAbandoned,
    AudioSent,
    DrainStarted,
    EndpointComplained,
    EndpointGreeted,
    MessageNotUnderstood,
    PeriodAnswered,
    ResultCut,
    ResultRepeated,
    SessionEvent,
)
from deeptone_tui.session.failures import Failure, close_failure, malformed_failure
from deeptone_tui.session.interfaces import AudioReader, Chunk, Cursor, Link, LinkClosed
from deeptone_tui.session.rate_limiter import RateLimiter
from deeptone_tui.session.retry import NO_RESULTS_TIMEOUT_S, Timing
from deeptone_tui.session.timeline import ConnectionTimeline, Placed, ReorderBuffer, drain_allowance

CHUNK_SAMPLES = 16 * STEP_SAMPLES
"""Samples of the largest message, 32 KiB: one second, used for a backlog."""
PACED_CHUNK_SAMPLES = 4 * STEP_SAMPLES
"""Samples of the largest message of a backlog that is sent at a limited rate."""
GREETING_TIMEOUT_S = 5.0
"""Seconds to wait for the greeting, or a first result, after the end of the audio: without a
greeting, the endpoint is not asked to judge the last incomplete period."""
CLOSE_TIMEOUT_S = 1.0
"""Seconds for the endpoint to close the connection itself once every result is in."""
LONGEST_BOUNDARY_WAIT_SAMPLES = 3 * SAMPLE_RATE_HZ
"""Longest wait of a change, in samples, for a period boundary in silence."""
SEAM_SILENCE_SAMPLES = 3 * STEP_SAMPLES
"""Samples below the threshold before a boundary that make it a good place for a change."""
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

    placement: ConnectionTimeline
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
        self._parameters = parameters
        self._report = report
        self._timing = timing
        self.placement = ConnectionTimeline(0, parameters.period_samples)
        self._ordering = ReorderBuffer(0, parameters.period_samples)
        self._cursor: Cursor | None = None
        self._pace = RateLimiter()
        self._begun = asyncio.Event()
        self._stop_by: int | None = None  # a change is pending, at this sample at the latest
        self._cut = False  # and there is no time to wait for a good place
        self.stopped = asyncio.Event()
        """Set when sending is over; after a change, the next connection continues from there."""
        self._sending = False
        self._spoke = asyncio.Event()  # a greeting or a result has come, which shows its features
        self._announced = False
        self._over = False
        self._accepted = 0  # results for new audio, including those in the reorder buffer
        self._said = ""
        self._silent_end: Failure | None = None
        self._news = asyncio.Event()
        self.heard = asyncio.Event()
        """Set when the endpoint has sent a message, or the connection has ended."""
        self._closed = LinkClosed(1006)
        self._active = self._opened = self._alive = timing.clock()
        self._writer: asyncio.Task[None] | None = None
        self._limit = asyncio.timeout(None)
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, base: int, wanted: int, pace: RateLimiter) -> None:
        """Begin to send.

        Args:
            base: First sample, a multiple of a step.
            wanted: Sample from which results count.
            pace: Rate limiter for a backlog.
        """
        self.placement = ConnectionTimeline(base, self._parameters.period_samples, wanted)
        self._ordering.answered = self.placement.answered
        self._cursor = self._reader.cursor(base, period=self._parameters.period_samples)
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
            self._silent_end = Failure(unforeseen(error, "connection"))
        finally:
            self.stopped.set()
            if self._timer is not None:
                self._timer.cancel()
            if self._cursor is not None:
                self._cursor.close()
            self.heard.set()
        failure, stopped = self._failure(), self._stop_by is not None
        # If another connection is to follow, it may give the held results again, in order.
        if failure is None and (stopped or not (self._lacking and self.placement.progressed)):
            self._answer(self._ordering.flush())
        seconds = self._timing.clock() - self._opened
        unanswered = failure is None and self._lacking
        return StreamEnd(self.placement, failure, seconds, stopped=stopped, unanswered=unanswered)

    def stop(self) -> None:
        """Send up to a good place for the next connection to continue, drain, and end.

        That is a period boundary in silence, else the last period boundary in reach; if none is
        in reach or no audio arrives, it is the current position.
        """
        if self._stop_by is not None or self._cursor is None or self.placement.complete:
            return
        self._stop_by = self.placement.sent + LONGEST_BOUNDARY_WAIT_SAMPLES
        self._cut = self.placement.boundary() > self._stop_by
        self._stop_if_still(-1)
        if self._sending:
            self._limit.reschedule(asyncio.get_running_loop().time() + CHANGE_TIMEOUT_S)
        self._cursor.wake()

    def _stop_if_still(self, sent: int) -> None:
        """Stop here if no audio was sent since the last check of a pending change."""
        if self._cursor is None or self.placement.complete:
            return
        if self.placement.sent == sent:
            self._cut = True
            self._cursor.wake()
            return
        # Real seconds: the audio arrives in real time.
        self._timer = asyncio.get_running_loop().call_later(
            NO_AUDIO_TIMEOUT_S, self._stop_if_still, self.placement.sent
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
            while not self._stop_here():
                chunk = await self._cursor.read(self._room())
                if chunk is None:
                    break
                if len(chunk.samples):
                    await self._send(chunk)
        finally:
            self._sending = False
        if self._stop_by is not None:
            self.placement.until = self._seam()
        self.placement.complete = True

    def _stop_here(self) -> bool:
        """Return True if a change is pending and this is the place for it."""
        if self._stop_by is None:
            return False
        placement = self.placement
        if self._cut:
            return True
        if placement.boundary() != placement.sent:
            return False
        last = placement.sent + placement.period > self._stop_by
        return last or self._reader.silent(placement.sent - SEAM_SILENCE_SAMPLES, placement.sent)

    def _seam(self) -> int:
        """Return the sample from which the next connection's results count.

        If the endpoint judges no incomplete period, that period is sent again from its start, as
        long as its audio is available.
        """
        placement = self.placement
        last = placement.last_boundary()
        again = not self._announced and self._reader.piece_start(placement.sent) <= last
        return max(last, placement.wanted) if again else placement.sent

    def _room(self) -> int:
        """Return the number of samples allowed in the next message."""
        largest = PACED_CHUNK_SAMPLES if self._pace.limited else CHUNK_SAMPLES
        if self._stop_by is None:
            return largest
        ahead = self.placement.boundary() - self.placement.sent
        return min(largest, ahead or self.placement.period)

    async def _send(self, chunk: Chunk) -> None:
        """Send audio within the rate limit."""
        # Recorded before the send: queued audio can already be answered.
        if not self.placement.overdue:
            self._alive = self._timing.clock()
        self.placement.sent = chunk.end
        self._report(AudioSent(chunk.start, chunk.end))
        self._active = math.inf  # a connection that accepts nothing is not idle
        await self._link.send(chunk.samples.astype("<i2", copy=False).tobytes())
        self._active = self._timing.clock()
        wait = self._pace.wait(len(chunk.samples), self._timing.clock())
        if wait > 0:
            await self._timing.sleep(wait)

    async def _drain(self) -> None:
        """Wait for the due results, as long as new ones keep arriving."""
        if self._stop_by is None:
            self._report(DrainStarted())
        said = False
        await self._timing.wait(
            self._spoke, GREETING_TIMEOUT_S if self._stop_by is None else CLOSE_TIMEOUT_S
        )
        while True:
            if self._announced and not said and self._ends_here():
                await self._link.send(END_OF_AUDIO)
                said = True
            self._news.clear()
            allowance = self._allowance(said=said)
            if allowance <= 0 or not await self._timing.wait(self._news, allowance):
                return

    def _ends_here(self) -> bool:
        """Return True if this connection is to judge the incomplete period at the end."""
        return self.placement.until in (None, self.placement.sent)

    def _allowance(self, *, said: bool) -> float:
        """Return the seconds to wait for news before closing; 0 if nothing more is to be expected.

        Once the end of the audio is announced and all is answered, this is the time for the
        endpoint to close.
        """
        if said and self.placement.steps_answered:
            return CLOSE_TIMEOUT_S
        if not said and self.placement.periods_answered:
            return 0.0
        allowance = drain_allowance(self.placement.outstanding)
        return min(allowance, CHANGE_DRAIN_TIMEOUT_S) if self._stop_by is not None else allowance

    async def _watch(self) -> None:
        """Abort the link if no results arrive for the audio that is sent."""
        while True:
            await self._timing.sleep(WATCHDOG_INTERVAL_S)
            now = self._timing.clock()
            # Audio queued here for a slow network has not reached the endpoint.
            if not self.placement.overdue or self._link.congested or self.placement.complete:
                self._alive = now
            elif now - self._alive >= self._no_results_s:
                words = f"no result for {self._no_results_s:.0f} s, though audio goes out"
                self._silent_end = Failure(words, by_endpoint=True)
                await self._link.abort()
                return

    async def _receive(self, watch: asyncio.Task[None]) -> None:
        """Process messages until the connection ends, then end the other tasks."""
        while not isinstance(message := await self._link.receive(), LinkClosed):
            before = self._accepted, self._announced
            self._take(message)
            self.heard.set()
            if (self._accepted, self._announced) != before:
                self._alive = self._timing.clock()
                self._news.set()
        self._closed = message
        self.heard.set()
        watch.cancel()
        if self._writer is not None and not self._over:
            self._writer.cancel()

    def _take(self, message: Message) -> None:
        """Process and report a message."""
        match message:
            case Greeting():
                self._spoke.set()
                self._announced = message.end_of_audio
                self._report(
                    EndpointGreeted(message.message, self._parameters, message.end_of_audio)
                )
            case ResultsReceived():
                self._spoke.set()
                if message.cut:
                    self._report(ResultCut())
                for step in message.steps:
                    self._place(step)
            case ErrorReported():
                self._said = message.message
                self._report(EndpointComplained(message.message))
            case UnknownReceived():
                kind = message.message_type or "without a kind"
                self._report(MessageNotUnderstood(f"message {kind}: {message.message or ''}"))

    def _place(self, step: Step) -> None:
        """Place a result in the audio, and report what is ready in order."""
        placed = self.placement.place(step.timestamp)
        if placed is None:
            words = f"a result at {step.timestamp:g} ms, where no audio was sent"
            self._report(MessageNotUnderstood(words))
            return
        start, end = placed
        until = self.placement.until
        if end <= self.placement.wanted or (until is not None and start >= until):
            return  # another connection's result
        ready = self._ordering.take(Placed(step, start, end))
        if ready is None:
            self._report(ResultRepeated(start, end))
        else:
            self._accepted += 1
            self._answer(ready)

    def _answer(self, results: list[Placed]) -> None:
        """Report results in order, and the audio that they skip as abandoned."""
        for placed in results:
            if placed.start > self.placement.answered:
                gap = (self.placement.answered, placed.start)
                self._report(AudioAbandoned(*gap, UNANSWERED))
            self.placement.answered = max(self.placement.answered, placed.end)
            span = (placed.start, placed.end)
            self._report(PeriodAnswered(placed.step, *span, self._parameters))

    def _failure(self) -> Failure | None:
        """Return the failure that ended the connection.

        None if nothing is missing, if this side closed it, or if it was idle.
        """
        if self._silent_end is not None:
            return self._silent_end
        code = self._closed.code
        normal = self.placement.complete and not self._said and code in NORMAL_CLOSES
        if self._over or normal or (self.placement.complete and self._drained):
            return None
        quiet = not self.placement.complete and self._timing.clock() - self._active >= IDLE_AFTER_S
        if quiet and self._begun.is_set() and self.placement.periods_answered:
            return None
        if self._closed.malformed and not self._said:
            return malformed_failure(self._closed.reason)
        return close_failure(code, self._closed.reason, error=self._said)

    @property
    def _lacking(self) -> bool:
        """True if all audio was sent and results are missing."""
        return self.placement.complete and not self._drained

    @property
    def _drained(self) -> bool:
        """True if no result is missing that this or another connection may still give."""
        if not self._spoke.is_set() or (self._announced and self._ends_here()):
            return self.placement.steps_answered
        return self.placement.periods_answered
