"""The life of one open connection: audio out, results in, and a proper end."""

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
"""Samples of the largest message, 32 KiB: one second, used when there is a backlog."""
PACED_CHUNK_SAMPLES = 4 * STEP_SAMPLES
"""Samples of the largest message where a backlog goes out at a limited rate."""
GREETING_TIMEOUT_S = 5.0
"""Seconds to wait for the greeting when the audio is over before it has come: without it, nothing
is asked for the last incomplete period."""
CLOSE_TIMEOUT_S = 1.0
"""Seconds for the endpoint to close by itself when every result is in."""
LONGEST_BOUNDARY_WAIT_SAMPLES = 3 * SAMPLE_RATE_HZ
"""Samples: a change waits no longer than this for the end of a period that lies in silence."""
SEAM_SILENCE_SAMPLES = 3 * STEP_SAMPLES
"""Samples under the threshold that make a good place for a change."""
NO_AUDIO_TIMEOUT_S = 1.0
"""Seconds: a change waits no longer than this for audio that does not come."""
CHANGE_TIMEOUT_S = 9.0
"""Seconds: a change waits no longer than this for an endpoint that takes no audio."""
CHANGE_DRAIN_TIMEOUT_S = 5.0
"""Seconds: a change waits no longer than this for the old connection's last results."""
IDLE_AFTER_S = 5.0
"""Seconds without audio after which a close by the endpoint is no failure."""
WATCHDOG_INTERVAL_S = 1.0
"""Seconds between looks for that."""
NORMAL_CLOSES = (1000, 1005)


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """How a connection has ended."""

    placement: ConnectionTimeline
    failure: Failure | None
    """None when it ended because its audio did, or because nothing was being asked of it."""
    seconds: float
    """How long it was open."""
    stopped: bool
    """Whether it made way for another, which goes on where this one's results end."""
    unanswered: bool
    """Whether all its audio was sent, and results that are due did not come before it was over."""


class StreamConnection:
    """Sends from a cursor over a link, and places what comes back.

    Args:
        link: an open connection, closed at the end but not released.
        reader: the audio.
        parameters: what the endpoint was asked for.
        report: told of everything that happens.
        timing: clock and waiting.
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
        self._stop_by: int | None = None  # a change is wanted, by this sample
        self._cut = False  # and there is no time left to wait for a good place
        self.stopped = asyncio.Event()
        """Sending is over; with a change, the next connection's audio begins where this ends."""
        self._sending = False
        self._spoke = asyncio.Event()  # a greeting or a result, which say what it can do
        self._announced = False
        self._over = False
        self._accepted = 0  # results that said something new, those held back included
        self._said = ""
        self._silent_end: Failure | None = None
        self._news = asyncio.Event()
        self.heard = asyncio.Event()
        """The endpoint has said something, or is gone."""
        self._closed = LinkClosed(1006)
        self._active = self._opened = self._alive = timing.clock()
        self._writer: asyncio.Task[None] | None = None
        self._limit = asyncio.timeout(None)
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, base: int, wanted: int, pace: RateLimiter) -> None:
        """Begin to send.

        Args:
            base: the first sample; a whole step.
            wanted: results count from this sample on.
            pace: holds back a backlog.
        """
        self.placement = ConnectionTimeline(base, self._parameters.period_samples, wanted)
        self._ordering.answered = self.placement.answered
        self._cursor = self._reader.cursor(base, period=self._parameters.period_samples)
        self._pace = pace
        self._alive = self._timing.clock()
        self._begun.set()

    async def run(self) -> StreamEnd:
        """Until the audio for this connection is over, or the connection is."""
        try:
            async with asyncio.TaskGroup() as group:
                self._writer = group.create_task(self._write())
                watch = group.create_task(self._watch())
                group.create_task(self._receive(watch))
        except Exception as error:  # noqa: BLE001  it ends this connection, and nothing else
            self._silent_end = Failure(unforeseen(error, "connection"))
        finally:
            self.stopped.set()
            if self._timer is not None:
                self._timer.cancel()
            if self._cursor is not None:
                self._cursor.close()
            self.heard.set()
        failure, stopped = self._failure(), self._stop_by is not None
        # Where another connection is worth asking, what is held back may come again in order.
        if failure is None and (stopped or not (self._lacking and self.placement.progressed)):
            self._answer(self._ordering.flush())
        seconds = self._timing.clock() - self._opened
        unanswered = failure is None and self._lacking
        return StreamEnd(self.placement, failure, seconds, stopped=stopped, unanswered=unanswered)

    def stop(self) -> None:
        """Send up to a good place for another connection to go on, wait for the results, end.

        That is the end of a period in silence, or else the last end of a period in reach;
        where none is in reach, or no audio comes, it is where the audio stands.
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
        """See that audio comes while a change waits for a place: without any, it is here."""
        if self._cursor is None or self.placement.complete:
            return
        if self.placement.sent == sent:
            self._cut = True
            self._cursor.wake()
            return
        # Real seconds: audio comes at the pace of the clock.
        self._timer = asyncio.get_running_loop().call_later(
            NO_AUDIO_TIMEOUT_S, self._stop_if_still, self.placement.sent
        )

    async def _write(self) -> None:
        """Send until the audio ends; then see that the results come."""
        await self._begun.wait()
        try:
            async with self._limit:
                await self._send_all()
            self.stopped.set()
            await self._drain()
            self._over = True
            await self._link.close()
        except TimeoutError:
            # A change is wanted, and the endpoint does not even take what is left.
            self._over = True
            await self._link.abort()
        except ConnectionError:
            # The receiver knows more: a close frame with a reason may be under way.
            await self._timing.sleep(CLOSE_TIMEOUT_S)
            await self._link.abort()

    async def _send_all(self) -> None:
        """Send until the audio for this connection ends."""
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
        """Whether a change is wanted and this is the place for it."""
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
        """Where another connection's results begin to count.

        Where the endpoint judges no incomplete period, all of it is sent again.
        """
        placement = self.placement
        last = placement.last_boundary()
        again = not self._announced and self._reader.piece_start(placement.sent) <= last
        return max(last, placement.wanted) if again else placement.sent

    def _room(self) -> int:
        """Samples that may go into the next message."""
        largest = PACED_CHUNK_SAMPLES if self._pace.limited else CHUNK_SAMPLES
        if self._stop_by is None:
            return largest
        ahead = self.placement.boundary() - self.placement.sent
        return min(largest, ahead or self.placement.period)

    async def _send(self, chunk: Chunk) -> None:
        """Send audio, no faster than is allowed."""
        # Noted before the wait: what is in the buffer can be answered.
        if not self.placement.overdue:
            self._alive = self._timing.clock()
        self.placement.sent = chunk.end
        self._report(AudioSent(chunk.start, chunk.end))
        self._active = math.inf  # a line that takes nothing is not idle
        await self._link.send(chunk.samples.astype("<i2", copy=False).tobytes())
        self._active = self._timing.clock()
        wait = self._pace.wait(len(chunk.samples), self._timing.clock())
        if wait > 0:
            await self._timing.sleep(wait)

    async def _drain(self) -> None:
        """Wait for the results that are due, as long as they get fewer."""
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
        """Whether the incomplete period at the end is to be judged by this connection."""
        return self.placement.until in (None, self.placement.sent)

    def _allowance(self, *, said: bool) -> float:
        """Seconds to wait for news before the end; 0 when nothing is due any more."""
        if said and self.placement.steps_answered:
            return CLOSE_TIMEOUT_S
        if not said and self.placement.periods_answered:
            return 0.0
        allowance = drain_allowance(self.placement.outstanding)
        return min(allowance, CHANGE_DRAIN_TIMEOUT_S) if self._stop_by is not None else allowance

    async def _watch(self) -> None:
        """See whether results still come for the audio that goes out."""
        while True:
            await self._timing.sleep(WATCHDOG_INTERVAL_S)
            now = self._timing.clock()
            # What waits here for a slow line has not reached the endpoint.
            if not self.placement.overdue or self._link.congested or self.placement.complete:
                self._alive = now
            elif now - self._alive >= self._no_results_s:
                words = f"no result for {self._no_results_s:.0f} s, though audio goes out"
                self._silent_end = Failure(words, by_endpoint=True)
                await self._link.abort()
                return

    async def _receive(self, watch: asyncio.Task[None]) -> None:
        """Take messages until the connection ends, and end the others with it."""
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
        """Report a message."""
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
        """Place a result in the audio."""
        placed = self.placement.place(step.timestamp)
        if placed is None:
            words = f"a result at {step.timestamp:g} ms, where no audio was sent"
            self._report(MessageNotUnderstood(words))
            return
        start, end = placed
        until = self.placement.until
        if end <= self.placement.wanted or (until is not None and start >= until):
            return  # another connection's
        ready = self._ordering.take(Placed(step, start, end))
        if ready is None:
            self._report(ResultRepeated(start, end))
        else:
            self._accepted += 1
            self._answer(ready)

    def _answer(self, results: list[Placed]) -> None:
        """Give out results, and give up what they leave out."""
        for placed in results:
            if placed.start > self.placement.answered:
                gap = (self.placement.answered, placed.start)
                self._report(AudioAbandoned(*gap, UNANSWERED))
            self.placement.answered = max(self.placement.answered, placed.end)
            span = (placed.start, placed.end)
            self._report(PeriodAnswered(placed.step, *span, self._parameters))

    def _failure(self) -> Failure | None:
        """Whether the end was one: it was not when nothing is missing, or when we gave up."""
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
        """Whether all audio was sent, and results are missing."""
        return self.placement.complete and not self._drained

    @property
    def _drained(self) -> bool:
        """Whether nothing is missing that may still come, here or from another connection."""
        if not self._spoke.is_set() or (self._announced and self._ends_here()):
            return self.placement.steps_answered
        return self.placement.periods_answered
