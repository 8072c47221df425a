"""An open connection of a session, and what is asked on it."""

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
"""Opens a connection; raises ``ConnectionFailed``."""


MOST_KEPT_BYTES: Final = 16 * 1024 * 1024
"""Memory that results may take while a change is not yet done."""
MOST_KEPT_WORDS: Final = 1000
"""Things an endpoint says beside results that are kept as long."""
TOO_MUCH: Final = "the endpoint gave more results than can wait for a change"
_WORDS: Final = (EndpointComplained, MessageNotUnderstood, ResultCut, ResultRepeated)


@dataclass(slots=True)
class EventBuffer:
    """Passes on what a connection tells, or keeps it while another one is not yet done.

    A change takes a bounded time, but what an endpoint says in it has no bound: results that find
    no room are given up, and words are only counted.
    """

    report: Callable[[SessionEvent], None]
    kept: list[SessionEvent] | None = None
    _left_bytes: int = MOST_KEPT_BYTES
    _words: int = 0

    def tell(self, event: SessionEvent) -> None:
        """Something has happened."""
        if self.kept is None:
            self.report(event)
        elif isinstance(event, PeriodAnswered):
            self._left_bytes -= event.step.footprint_bytes
            given_up = AudioAbandoned(event.start, event.end, TOO_MUCH)
            self.kept.append(event if self._left_bytes >= 0 else given_up)
        elif isinstance(event, EndpointGreeted):  # the newest says all
            self.kept = [each for each in self.kept if not isinstance(each, EndpointGreeted)]
            self.kept.append(event)
        elif not isinstance(event, _WORDS) or self._words < MOST_KEPT_WORDS:
            self.kept.append(event)
        self._words += isinstance(event, _WORDS)

    def release(self) -> None:
        """Pass on what was kept, and from now on everything at once."""
        kept, self.kept = self.kept or [], None
        for event in kept:
            self.report(event)
        if self._words > MOST_KEPT_WORDS:
            self.report(MessagesCounted(self._words - MOST_KEPT_WORDS))


@dataclass(slots=True)
class ActiveConnection:
    """A connection that lives until its task is done."""

    plan: StreamRequest
    link: Link
    exchange: StreamConnection
    teller: EventBuffer
    task: asyncio.Task[StreamEnd] = field(init=False)

    def __post_init__(self) -> None:
        self.task = asyncio.ensure_future(self.exchange.run())

    async def end(self) -> None:
        """Let go of it at once, whatever it is doing."""
        if not self.task.done():
            self.task.cancel()
            await asyncio.wait([self.task])
        await self.link.abort()
