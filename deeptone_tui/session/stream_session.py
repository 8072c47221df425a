"""The session: one connection after the other, as long as there is audio."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session.backoff import HEALTHY_AFTER, full_jitter
from deeptone_tui.session.events import (
    AudioAbandoned,
    AudioAwaited,
    AudioFinished,
    ChangeRefused,
    ConnectionEnded,
    ConnectionOpened,
    ConnectionStarted,
    EndpointRequested,
    PeriodAnswered,
    RetryScheduled,
    SessionEvent,
    SessionRefused,
)
from deeptone_tui.session.exchange import Ended, Exchange
from deeptone_tui.session.failures import ConnectionFailed, Failure
from deeptone_tui.session.link import Link
from deeptone_tui.session.reader import AudioReader, next_step
from deeptone_tui.session.remote import displayed
from deeptone_tui.session.target import Target, TargetProvider
from deeptone_tui.session.timing import Timing

STUCK = 3
"""Connections that die on the same audio before it is passed over."""

Connect = Callable[[Target, StreamParameters], Awaitable[Link]]
"""Opens a connection; raises ``ConnectionFailed``."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of whom."""

    provider: TargetProvider
    parameters: StreamParameters


class StreamSession:
    """Streams the audio of a reader to an endpoint, and goes on through failures and changes.

    Args:
        plan: endpoint and parameters to begin with.
        reader: the audio.
        connect: opens a connection.
        report: told of everything that happens, in this loop; must not raise.
        timing: clock, waiting and chance.
    """

    def __init__(
        self,
        plan: Plan,
        reader: AudioReader,
        connect: Connect,
        report: Callable[[SessionEvent], None],
        timing: Timing | None = None,
    ) -> None:
        self._standing = plan
        self._pending: Plan | None = None
        self._proved = False  # a result has come from the standing plan
        self._reader = reader
        self._connect = connect
        self._report = report
        self._timing = timing or Timing()
        self._providers = [plan.provider]
        self._changed = asyncio.Event()
        self._exchange: Exchange | None = None
        self._tidying: asyncio.Task[None] | None = None
        self._delays = full_jitter(self._timing.random)
        self._attempt = 0
        self._stuck = 0
        self._next = reader.position  # the audio before is settled: answered or abandoned
        self._skip = ""  # why the audio up to now is to be left out at the next connection

    @property
    def plan(self) -> Plan:
        """What is wanted: the pending plan, or the one that stands."""
        return self._pending or self._standing

    @property
    def provider(self) -> TargetProvider:
        """The endpoint that stands; another one takes its place with its first result."""
        return self._standing.provider

    def change(self, plan: Plan) -> None:
        """Go over to other parameters or another endpoint.

        The running connection is brought to its proper end first, while the audio gathers with
        the reader. If the new plan fails before its first result, the old one goes on.
        """
        if plan == self._standing and self._pending is None and self._proved:
            return
        if plan.provider not in self._providers:
            self._providers.append(plan.provider)
        if self._proved:
            self._pending = plan
        else:
            self._standing, self._pending = plan, None
        self._changed.set()
        if self._exchange is not None:
            self._exchange.finish()

    async def run(self) -> None:
        """Stream until cancelled."""
        idle = False
        while True:
            await self._tidy()
            if idle:
                await self._audio_or_change()
            self._changed.clear()
            plan = self.plan
            failure = await self._one_connection(plan)
            idle = failure is None and not self._changed.is_set()
            if failure is not None:
                await self._recover(plan, failure)

    async def close(self) -> None:
        """Release every endpoint. ``run`` must have ended."""
        if self._tidying is not None:
            self._tidying.cancel()
        await asyncio.gather(*(p.close() for p in self._providers), return_exceptions=True)

    async def _audio_or_change(self) -> None:
        """Wait for a reason to connect."""
        changed = asyncio.ensure_future(self._changed.wait())
        try:
            while not changed.done():
                more = asyncio.ensure_future(self._reader.more())
                await asyncio.sleep(0)
                if not (more.done() or changed.done()):
                    self._report(AudioFinished() if self._reader.ended else AudioAwaited())
                try:
                    await asyncio.wait((more, changed), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    more.cancel()
                if more.done() and more.result():
                    return
        finally:
            changed.cancel()

    async def _one_connection(self, plan: Plan) -> Failure | None:
        """Connect, stream, settle."""
        try:
            link = await self._open(plan)
        except ConnectionFailed as error:
            return error.failure
        if link is None:
            return None
        try:
            self._begin()
            exchange = Exchange(
                link, self._reader, plan.parameters, self._listener(plan), self._timing
            )
            self._exchange = exchange
            if self._changed.is_set():
                exchange.finish()
            ended = await exchange.run()
        finally:
            self._exchange = None
            await link.abort()
        self._settle(plan, ended)
        return ended.failure

    async def _open(self, plan: Plan) -> Link | None:
        """A connection, or None when the plan has changed while it was being made."""
        opening = asyncio.ensure_future(self._call(plan))
        changed = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait((opening, changed), return_when=asyncio.FIRST_COMPLETED)
            return opening.result() if opening.done() else None
        finally:
            changed.cancel()
            if not opening.done():
                opening.cancel()
                await asyncio.gather(opening, return_exceptions=True)

    async def _call(self, plan: Plan) -> Link:
        """Get the endpoint and connect to it."""
        label = plan.provider.label
        self._report(EndpointRequested(label, plan.parameters, self._attempt + 1))
        try:
            address = await plan.provider.target()
        except Exception as error:
            failure = Failure(str(error), retry=isinstance(error, OSError))
            raise ConnectionFailed(failure) from error
        target = Target(address.url, address.api_key)
        self._report(ConnectionStarted(displayed(target.url)))
        return await self._connect(target, plan.parameters)

    def _begin(self) -> None:
        """Put the reader where the connection begins: at a step, and not before there is audio."""
        base = max(next_step(self._next), next_step(self._reader.oldest))
        reason = "the buffer was full" if base - self._next > next_step(1) else ""
        if self._skip:
            base, reason = max(base, next_step(self._reader.captured)), self._skip
        if base > self._next:
            self._report(AudioAbandoned(self._next, base, reason))
        self._skip = ""
        self._next = base
        self._reader.move_to(base)
        self._report(ConnectionOpened(base))

    def _listener(self, plan: Plan) -> Callable[[SessionEvent], None]:
        """Reports, and notes that a plan works."""

        def listen(event: SessionEvent) -> None:
            if isinstance(event, PeriodAnswered):
                self._prove(plan)
            self._report(event)

        return listen

    def _prove(self, plan: Plan) -> None:
        """A result has come: the plan stands, and what stood before is not needed any more."""
        if plan is self._pending:
            self._standing, self._pending = plan, None
            self._tidying = asyncio.ensure_future(self._tidy())
        self._proved = self._proved or plan is self._standing

    def _settle(self, plan: Plan, ended: Ended) -> None:
        """Decide where the next connection goes on, and what is lost by that."""
        placement, failure = ended.placement, ended.failure
        if failure is None or ended.seconds >= HEALTHY_AFTER:
            self._attempt, self._delays = 0, full_jitter(self._timing.random)
        self._next = placement.sent
        reason = "" if failure is None else failure.words
        if failure is not None:
            if self._reader.live and plan is self._standing:
                self._skip = failure.words
            else:
                self._next = self._replay_from(placement.answered, placement.sent, ended)
        elif self._reader.position > placement.sent:
            self._skip = "the endpoint is too slow"
        if failure is None and placement.outstanding >= placement.period:
            reason = "the endpoint gave no result"
        self._report(ConnectionEnded())
        self._report(AudioAbandoned(placement.base, self._next, reason))

    def _replay_from(self, answered: int, sent: int, ended: Ended) -> int:
        """Where to go on when the audio can be sent again: at the first sample not answered.

        Audio on which connection after connection dies is passed over in the end.
        """
        self._stuck = 0 if answered > ended.placement.base else self._stuck + 1
        if self._stuck >= STUCK:
            self._stuck = 0
            return sent
        return max(answered, next_step(self._reader.oldest))

    async def _recover(self, plan: Plan, failure: Failure) -> None:
        """Go back to the plan that stands, try again later, or wait for a change."""
        if plan is self._pending:
            self._pending = None
            self._report(ChangeRefused(failure.words, self._standing.parameters))
            return
        if plan is not self._standing:
            return  # it was replaced while it failed
        self._attempt += 1
        if failure.retry:
            delay = max(next(self._delays), failure.retry_after)
            self._report(RetryScheduled(failure.words, self._attempt, delay))
            if self._reader.live:
                self._skip = failure.words
            await self._timing.wait(self._changed, delay)
            return
        self._proved = False
        self._report(SessionRefused(failure.words))
        self._reader.discard(True)
        await self._changed.wait()
        self._reader.discard(False)
        self._skip = failure.words

    async def _tidy(self) -> None:
        """Release endpoints that no plan needs any more."""
        needed = [plan.provider for plan in (self._standing, self._pending) if plan is not None]
        unneeded = [provider for provider in self._providers if provider not in needed]
        self._providers = [provider for provider in self._providers if provider in needed]
        await asyncio.gather(*(p.close() for p in unneeded), return_exceptions=True)
