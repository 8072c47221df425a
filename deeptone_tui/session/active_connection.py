"""An open connection of a session, and the buffer for its events."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session.events import (
    AudioAbandoned,
    EndpointComplained,
    EndpointGreeted,
    MessageNotUnderstood,
    MessagesCounted,
    PeriodAnswered,
    ResultCut,
    ResultRepeated,
    SessionEvent,
)
from deeptone_tui.session.interfaces import Link
from deeptone_tui.session.stream_connection import StreamConnection, StreamEnd
from deeptone_tui.session.target import StreamRequest, Target

Connect = Callable[[Target, StreamParameters], Awaitable[Link]]
"""Function that opens a connection, or raises ``ConnectionFailed``."""


MOST_KEPT_BYTES: Final = 16 * 1024 * 1024
"""Memory limit of the results held during a change."""
MOST_KEPT_WORDS: Final = 1000
"""Limit on the number of other endpoint messages held during a change."""
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
    task: asyncio.Task[StreamEnd] = field(init=False)

    def __post_init__(self) -> None:
        self.task = asyncio.ensure_future(self.exchange.run())

    async def end(self) -> None:
        """Cancel its task and abort the link at once, whatever its state."""
        if not self.task.done():
            self.task.cancel()
            await asyncio.wait([self.task])
        await self.link.abort()
