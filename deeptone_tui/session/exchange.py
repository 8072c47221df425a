"""The life of one open connection: audio out, results in, and a proper end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from deeptone_tui.level import STEP_SAMPLES
from deeptone_tui.protocol import (
    END_OF_AUDIO,
    SAMPLE_RATE,
    ErrorReported,
    Greeting,
    Message,
    ResultsReceived,
    Step,
    StreamParameters,
    UnknownReceived,
)
from deeptone_tui.session.events import (
    AudioSent,
    DrainStarted,
    EndpointComplained,
    EndpointGreeted,
    MessageNotUnderstood,
    PeriodAnswered,
    SessionEvent,
)
from deeptone_tui.session.failures import Failure, close_failure
from deeptone_tui.session.link import Link, LinkClosed
from deeptone_tui.session.placement import Placement, drain_allowance
from deeptone_tui.session.reader import AudioReader, Chunk
from deeptone_tui.session.timing import Timing

CHUNK = 16 * STEP_SAMPLES
"""Samples of the largest message, 32 KiB: one second, used when there is a backlog."""
FIRST_WORD = 2.0
"""Seconds to wait for the greeting when the audio is over before it has come."""
GOODBYE = 1.0
"""Seconds for the endpoint to close by itself when every result is in."""
TO_BOUNDARY = 3 * SAMPLE_RATE
"""Samples: a change waits for the end of the period if it is no farther than this."""
WITHOUT_AUDIO = 1.0
"""Seconds: a change waits no longer than this for audio that would complete the period."""
CHANGE_DRAIN = 5.0
"""Seconds: a change waits no longer than this for the old connection's last results."""
IDLE = 5.0
"""Seconds without audio after which a close by the endpoint is no failure."""
NORMAL_CLOSES = (1000, 1005)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a connection has ended."""

    placement: Placement
    failure: Failure | None
    """None when it ended because its audio did, or because nothing was being asked of it."""
    seconds: float
    """How long it was open."""


class Exchange:
    """Sends from a reader over a link, and places what comes back.

    Args:
        link: an open connection, closed at the end but not released.
        reader: stands at the connection's first sample.
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
    ) -> None:
        self._link = link
        self._reader = reader
        self._parameters = parameters
        self._report = report
        self._timing = timing
        self.placement = Placement(reader.position, parameters.period_samples)
        self._stop_at: int | None = None
        self._finishing = False
        self._sending_now = False
        self._announced = False
        self._over = False
        self._said = ""
        self._news = asyncio.Event()
        self._heard = asyncio.Event()
        self._closed = LinkClosed(1006)
        self._active = self._opened = timing.clock()
        self._writer: asyncio.Task[None] | None = None
        self._limit = asyncio.timeout(None)
        self._timer: asyncio.TimerHandle | None = None

    async def run(self) -> Ended:
        """Until the audio for this connection is over, or the connection is."""
        try:
            async with asyncio.TaskGroup() as group:
                self._writer = group.create_task(self._write())
                group.create_task(self._receive())
        finally:
            if self._timer is not None:
                self._timer.cancel()
        seconds = self._timing.clock() - self._opened
        return Ended(self.placement, self._failure(), seconds)

    def finish(self) -> None:
        """Send up to the end of the period, wait for the results, and end.

        Waits for the boundary of a period only if it is near and audio comes; anywhere else
        the cut is at a step, and the last result covers less than a period.
        """
        self._finishing = True
        if self._sending_now and self._stop_at is None:
            self._set_end()

    def _set_end(self) -> None:
        """Decide where sending ends, and how long that may take."""
        ahead = self.placement.boundary() - self.placement.sent
        near = ahead <= TO_BOUNDARY
        self._stop_at = self.placement.sent + (ahead if near else 0)
        self._reader.wake()
        loop = asyncio.get_running_loop()
        late = ahead / SAMPLE_RATE + WITHOUT_AUDIO if near else 0.0
        self._timer = loop.call_later(late, self._stop_here)
        self._limit.reschedule(loop.time() + late + CHANGE_DRAIN)

    def _stop_here(self) -> None:
        """The period does not fill: cut where it stands."""
        if not self.placement.complete:
            self._stop_at = self.placement.sent
            self._reader.wake()

    async def _write(self) -> None:
        """Send until the audio ends; then see that the results come."""
        try:
            async with self._limit:
                await self._send_all()
            await self._drain()
            self._over = True
            await self._link.close()
        except TimeoutError:
            # A change is wanted, and the endpoint does not even take what is left.
            self._over = True
            await self._link.abort()
        except ConnectionError:
            # The receiver knows more: a close frame with a reason may be under way.
            await self._timing.sleep(GOODBYE)
            await self._link.abort()

    async def _send_all(self) -> None:
        """Send until the audio for this connection ends."""
        self._sending_now = True
        try:
            if self._finishing:
                self._set_end()
            while (room := self._room()) > 0:
                chunk = await self._reader.read(room)
                if chunk is None:
                    break
                if len(chunk.samples) and not await self._send(chunk):
                    break
        finally:
            self._sending_now = False
        self.placement.complete = True

    def _room(self) -> int:
        """Samples that may go into the next message."""
        if self._stop_at is None:
            return CHUNK
        return min(CHUNK, self._stop_at - self.placement.sent)

    async def _send(self, chunk: Chunk) -> bool:
        """Send audio, unless it does not follow what was sent: then this connection is over."""
        if chunk.start != self.placement.sent:
            return False
        # Noted before the wait: what is in the buffer can be answered.
        self.placement.sent = chunk.end
        self._active = self._timing.clock()
        self._report(AudioSent(chunk.start, chunk.end))
        await self._link.send(chunk.samples.astype("<i2", copy=False).tobytes())
        return True

    async def _drain(self) -> None:
        """Wait for the results that are due, as long as they get fewer."""
        self._report(DrainStarted())
        said = False
        await self._timing.wait(self._heard, FIRST_WORD)
        while True:
            if self._announced and not said:
                await self._link.send(END_OF_AUDIO)
                said = True
            self._news.clear()
            allowance = self._allowance(said=said)
            if allowance <= 0 or not await self._timing.wait(self._news, allowance):
                return

    def _allowance(self, *, said: bool) -> float:
        """Seconds to wait for news before the end; 0 when nothing is due any more."""
        if said and self.placement.steps_answered:
            return GOODBYE
        if not said and self.placement.periods_answered:
            return 0.0
        allowance = drain_allowance(self.placement.outstanding)
        return min(allowance, CHANGE_DRAIN) if self._finishing else allowance

    async def _receive(self) -> None:
        """Take messages until the connection ends, and end the writer with it."""
        while not isinstance(message := await self._link.receive(), LinkClosed):
            before = self.placement.answered, self._announced
            self._take(message)
            self._heard.set()
            if (self.placement.answered, self._announced) != before:
                self._news.set()
        self._closed = message
        if self._writer is not None and not self._over:
            self._writer.cancel()

    def _take(self, message: Message) -> None:
        """Report a message."""
        match message:
            case Greeting():
                self._announced = message.end_of_audio
                self._report(EndpointGreeted(message.message, self._parameters))
            case ResultsReceived():
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
        else:
            self._report(PeriodAnswered(step, *placed, self._parameters))

    def _failure(self) -> Failure | None:
        """Whether the end was one: it was not when nothing is missing, or when we gave up."""
        code = self._closed.code
        normal = self.placement.complete and not self._said and code in NORMAL_CLOSES
        if self._over or normal or (self.placement.complete and self._drained):
            return None
        quiet = self._timing.clock() - self._active >= IDLE
        if quiet and self.placement.periods_answered:
            return None
        return close_failure(code, self._closed.reason, error=self._said)

    @property
    def _drained(self) -> bool:
        """Whether nothing is missing."""
        if self._announced:
            return self.placement.steps_answered
        return self.placement.periods_answered
