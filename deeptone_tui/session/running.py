"""An open connection of a session, and what is asked on it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session.events import SessionEvent
from deeptone_tui.session.exchange import Ended, Exchange
from deeptone_tui.session.link import Link
from deeptone_tui.session.plan import Plan
from deeptone_tui.session.target import Target

Connect = Callable[[Target, StreamParameters], Awaitable[Link]]
"""Opens a connection; raises ``ConnectionFailed``."""


@dataclass(slots=True)
class Teller:
    """Passes on what a connection tells, or keeps it while another one is not yet done.

    What is kept is bounded by the time that a change may take.
    """

    report: Callable[[SessionEvent], None]
    kept: list[SessionEvent] | None = None

    def tell(self, event: SessionEvent) -> None:
        """Something has happened."""
        if self.kept is None:
            self.report(event)
        else:
            self.kept.append(event)

    def release(self) -> None:
        """Pass on what was kept, and from now on everything at once."""
        kept, self.kept = self.kept or [], None
        for event in kept:
            self.report(event)


@dataclass(slots=True)
class Running:
    """A connection that lives until its task is done."""

    plan: Plan
    link: Link
    exchange: Exchange
    teller: Teller
    task: asyncio.Task[Ended] = field(init=False)

    def __post_init__(self) -> None:
        self.task = asyncio.ensure_future(self.exchange.run())

    async def end(self) -> None:
        """Let go of it at once, whatever it is doing."""
        if not self.task.done():
            self.task.cancel()
            await asyncio.wait([self.task])
        await self.link.abort()
