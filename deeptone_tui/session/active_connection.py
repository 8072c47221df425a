"""Open connections of a session, and the buffer for their events."""

import asyncio
import functools
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from deeptone_tui.core.address import displayed
from deeptone_tui.core.redaction import for_people
from deeptone_tui.core.text import unforeseen
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session.events import (
    AudioAbandoned,
    ConnectionOpened,
    ConnectionStarted,
    EndpointComplained,
    EndpointGreeted,
    EndpointRequested,
    MessageNotUnderstood,
    MessagesCounted,
    PeriodAnswered,
    ResultCut,
    ResultRepeated,
    SessionEvent,
)
from deeptone_tui.session.failures import ConnectionFailed, Failure
from deeptone_tui.session.interfaces import AudioReader, Link, next_step
from deeptone_tui.session.stream_connection import StreamConnection, StreamEnd
from deeptone_tui.session.target import StreamRequest, Target
from deeptone_tui.session.timeline import lead
from deeptone_tui.session.timing import CATCH_UP_RATE, RateLimiter, Timing

Connect = Callable[[Target, StreamParameters], Awaitable[Link]]
"""Function that opens a connection, or raises ``ConnectionFailed``."""


MOST_KEPT_BYTES: Final = 16 * 1024 * 1024
"""Memory limit of the results held during a change."""
MOST_KEPT_WORDS: Final = 1000
"""Limit on the number of other endpoint messages held during a change."""
GREETING_GRACE_S = 1.0
"""Longest wait, in seconds, for a new connection's first message before the old one stops."""
REFUSAL_GRACE_S = 0.1
"""Seconds after that for the endpoint to refuse: a refusal follows the greeting at once."""
TOO_MUCH: Final = "the endpoint gave more results than can wait for a change"
_WORDS: Final = (EndpointComplained, MessageNotUnderstood, ResultCut, ResultRepeated)


@dataclass(slots=True)
class EventBuffer:
    """Buffer that holds a connection's events while its predecessor is still running.

    Without a list in ``kept``, it passes events on at once. A change takes a bounded time, but
    the endpoint's output during it is unbounded: results that exceed the memory limit are given
    up, and excess messages are only counted.
    """

    report: Callable[[SessionEvent], None]
    kept: list[SessionEvent] | None = None
    _left_bytes: int = MOST_KEPT_BYTES
    _words: int = 0

    def tell(self, event: SessionEvent) -> None:
        """Pass an event on, or hold it."""
        if self.kept is None:
            self.report(event)
        elif isinstance(event, PeriodAnswered):
            self._left_bytes -= event.step.footprint_bytes
            given_up = AudioAbandoned(event.start, event.end, TOO_MUCH)
            self.kept.append(event if self._left_bytes >= 0 else given_up)
        elif isinstance(event, EndpointGreeted):  # the newest suffices
            self.kept = [each for each in self.kept if not isinstance(each, EndpointGreeted)]
            self.kept.append(event)
        elif not isinstance(event, _WORDS) or self._words < MOST_KEPT_WORDS:
            self.kept.append(event)
        self._words += isinstance(event, _WORDS)

    def release(self) -> None:
        """Pass on the held events, and from now on every event at once."""
        kept, self.kept = self.kept or [], None
        for event in kept:
            self.report(event)
        if self._words > MOST_KEPT_WORDS:
            self.report(MessagesCounted(self._words - MOST_KEPT_WORDS))


@dataclass(slots=True)
class ActiveConnection:
    """A connection with its request, event buffer and running task."""

    plan: StreamRequest
    link: Link
    exchange: StreamConnection
    teller: EventBuffer
    reader: AudioReader
    catch_up: float | None
    task: asyncio.Task[StreamEnd] = field(init=False)

    def __post_init__(self) -> None:
        self.task = asyncio.ensure_future(self.exchange.run())

    def begin(self, start: int, not_before: int) -> None:
        """Begin to stream, unless it has ended before that.

        Args:
            start: Sample from which results count, a multiple of a step.
            not_before: Sample before which there is to be no lead-in either.
        """
        if self.task.done():
            return
        parameters = self.plan.parameters
        first = max(self.reader.piece_start(start), not_before)
        there = max(0, start - first) // parameters.period_samples * parameters.period_samples
        ahead = min(lead(parameters), there)
        limit = self.catch_up or (math.inf if self.plan.provider.ours else CATCH_UP_RATE)
        pace = RateLimiter(limit if self.reader.paced else math.inf, head_start=ahead)
        self.exchange.begin(start - ahead, start, pace)
        self.teller.tell(ConnectionOpened(start))

    async def listen(self, timing: Timing) -> None:
        """Wait for the endpoint's first message, and for a refusal that may follow it."""
        await timing.wait(self.exchange.heard, GREETING_GRACE_S)
        if not self.task.done():
            await timing.sleep(REFUSAL_GRACE_S)

    async def stop(self) -> int:
        """Stop sending at the place for a cut-over; return the sample to continue from."""
        self.exchange.stop()
        await self.exchange.stopped.wait()
        timeline = self.exchange.timeline
        return next_step(max(timeline.due, timeline.answered))

    async def end(self) -> None:
        """Cancel its task and abort the link at once, whatever its state."""
        if not self.task.done():
            self.task.cancel()
            await asyncio.wait([self.task])
        await self.link.abort()


class ActiveConnections:
    """Open connections of a session: one, and during a change its successor.

    Args:
        reader: The audio.
        connect: Opens a link.
        report: Receives every event, after the request whose connection it comes from.
        timing: Clock and sleep function.
        catch_up: Multiple of real time at which a backlog is sent; None for the default.
        no_results_s: Seconds without a due result after which a connection is given up.
    """

    def __init__(
        self,
        reader: AudioReader,
        connect: Connect,
        report: Callable[[StreamRequest, SessionEvent], None],
        timing: Timing,
        *,
        catch_up: float | None,
        no_results_s: float,
    ) -> None:
        self._reader = reader
        self._connect = connect
        self._report = report
        self._timing = timing
        self._catch_up = catch_up
        self._no_results_s = no_results_s
        self.running: list[ActiveConnection] = []

    async def open(
        self, plan: StreamRequest, attempt: int, *, keep: bool = False
    ) -> ActiveConnection:
        """Get the endpoint, connect to it, and start to receive its messages.

        Args:
            plan: The endpoint and the parameters.
            attempt: Number of the attempt since the last success.
            keep: Hold the connection's events, because another connection is still running.

        Raises:
            ConnectionFailed: For any error.
        """
        teller = EventBuffer(functools.partial(self._report, plan), [] if keep else None)
        teller.tell(EndpointRequested(plan.provider, plan.parameters, attempt))
        link = await _link_to(plan, self._connect, teller.tell)
        exchange = StreamConnection(
            link,
            self._reader,
            plan.parameters,
            teller.tell,
            self._timing,
            no_results_s=self._no_results_s,
        )
        opened = ActiveConnection(plan, link, exchange, teller, self._reader, self._catch_up)
        self.running.append(opened)
        return opened

    async def release(self, connection: ActiveConnection) -> None:
        """End a connection, if it has not ended yet, and forget it."""
        await connection.end()
        self.running.remove(connection)

    async def end(self) -> None:
        """End all connections."""
        running, self.running = self.running, []
        await asyncio.gather(*(each.end() for each in running), return_exceptions=True)


async def _link_to(
    plan: StreamRequest, connect: Connect, report: Callable[[SessionEvent], None]
) -> Link:
    """Get the endpoint of a request, and connect to it.

    Raises:
        ConnectionFailed: For any error.
    """
    try:
        address = await plan.provider.target()
    except Exception as error:
        failure = Failure(for_people(str(error)), retry=isinstance(error, OSError))
        raise ConnectionFailed(failure) from error
    target = Target(address.url, address.api_key)
    try:
        report(ConnectionStarted(displayed(target.url)))
        return await connect(target, plan.parameters)
    except ConnectionFailed:
        raise
    except Exception as error:
        raise ConnectionFailed(Failure(unforeseen(error, "handshake"))) from error
