"""Session that streams audio over successive connections, with retries and changes."""

import asyncio
import functools
import math
from collections.abc import Callable, Coroutine
from typing import Any

from deeptone_tui.core.address import displayed
from deeptone_tui.core.errors import unforeseen
from deeptone_tui.core.redaction import for_people
from deeptone_tui.session.active_connection import ActiveConnection, Connect, EventBuffer
from deeptone_tui.session.events import (
    AudioAbandoned,
    AudioAwaited,
    AudioFinished,
    ChangeRefused,
    ConnectionEnded,
    ConnectionOpened,
    ConnectionsFailing,
    ConnectionStarted,
    EndpointRequested,
    PeriodAnswered,
    RetryScheduled,
    SessionEvent,
    SessionRefused,
)
from deeptone_tui.session.failures import ConnectionFailed, Failure
from deeptone_tui.session.interfaces import AudioReader, Link, next_step
from deeptone_tui.session.progress import DeliveryProgress
from deeptone_tui.session.rate_limiter import CATCH_UP_RATE, RateLimiter
from deeptone_tui.session.retry import (
    HEALTHY_AFTER_S,
    NO_RESULTS_TIMEOUT_S,
    RetryAfterGate,
    Timing,
    full_jitter,
)
from deeptone_tui.session.stream_connection import StreamConnection, StreamEnd
from deeptone_tui.session.target import Providers, StreamRequest, Target, TargetProvider
from deeptone_tui.session.timeline import lead

UNHEALTHY_IN_A_ROW = 3
"""Connections in a row that end before they are healthy, after which this is reported."""
GREETING_GRACE_S = 1.0
"""Longest wait, in seconds, for a new connection's first message before the old one stops."""
REFUSAL_GRACE_S = 0.1
"""Seconds after that for the endpoint to refuse: a refusal follows the greeting at once."""

MOST_UNFORESEEN_ERRORS = 4
"""Unforeseen errors in quick succession after which the session waits for a change."""
LONGEST_RETRY_AFTER_BESIDE_OPEN_S = 5.0
"""Longest Retry-After, in seconds, for which a working connection is ended to make room for the new
one: the buffer holds far more."""
LEFT_OUT = Failure("the endpoint gave no result for the end of the audio")
"""Reason of a retry for missing last results, reported like any other failure."""


class StreamSession:
    """Session that streams a reader's audio to an endpoint through failures and changes.

    Args:
        plan: Initial endpoint and parameters.
        reader: The audio.
        connect: Opens a connection.
        report: Receives every event, in this loop; must not raise.
        timing: Clock, sleep function and random source.
        catch_up: Multiple of real time at which a backlog is sent. None means 1.25, and no limit
            for our own endpoint, which accepts only what it can process.
        no_results_s: Seconds without a due result after which a connection is given up.
    """

    def __init__(
        self,
        plan: StreamRequest,
        reader: AudioReader,
        connect: Connect,
        report: Callable[[SessionEvent], None],
        timing: Timing | None = None,
        *,
        catch_up: float | None = None,
        no_results_s: float = NO_RESULTS_TIMEOUT_S,
    ) -> None:
        self._wanted = plan
        self._proved = False  # a result has come from the wanted plan
        self._fallback: StreamRequest | None = None  # the plan that worked before the wanted one
        self._tentative = False  # the wanted plan has one attempt before the fallback returns
        self._reader = reader
        self._connect = connect
        self._report = report
        self._timing = timing or Timing()
        self._catch_up = catch_up
        self._no_results_s = no_results_s
        self._speaking = plan.provider
        self._providers = Providers(plan.provider)
        self._barred = RetryAfterGate(self._timing.clock)
        self._changed = asyncio.Event()
        self._running: list[ActiveConnection] = []
        self._delays = full_jitter(self._timing.random)
        self._attempt = 0
        self._brief = 0
        self._unforeseen = 0  # consecutive unforeseen errors
        self._idle = False  # no connection is made until there is audio
        self._account = DeliveryProgress(reader, report, self._timing.clock)

    @property
    def plan(self) -> StreamRequest:
        """The wanted endpoint and parameters."""
        return self._wanted

    @property
    def provider(self) -> TargetProvider:
        """Provider of the endpoint whose events are being reported."""
        return self._speaking

    def change(self, plan: StreamRequest) -> None:
        """Change to other parameters or another endpoint.

        The new connection is made first, while the old one continues; the change happens where it
        does no harm. If the new plan does not work, the old one stays in force. Of changes in
        quick succession, only the last one takes effect.
        """
        if plan == self._wanted and self._proved:
            if not (self._running or self._idle):
                self._changed.set()  # a repeated request ends the wait for a retry
            return
        self._providers.add(plan.provider)
        if plan.provider != self._wanted.provider:
            self._delays, self._attempt, self._brief = full_jitter(self._timing.random), 0, 0
            self._account.forget_failures()
        if self._proved:
            self._fallback = self._wanted
        self._wanted, self._proved, self._tentative = plan, False, False
        if plan == self._fallback:
            self._fallback, self._proved = None, True
        self._changed.set()

    async def run(self) -> None:
        """Stream until cancelled; an unforeseen error is one more reason to connect again."""
        while True:
            begun = self._timing.clock()
            try:
                await self._live()
            except Exception as error:  # noqa: BLE001  whatever it is, the source continues
                if self._timing.clock() - begun >= HEALTHY_AFTER_S:
                    self._unforeseen = 0
                await self._survive(error)

    async def _survive(self, error: Exception) -> None:
        """Wait before a retry after an unforeseen error; after several in a row, for a change."""
        self._unforeseen += 1
        words, again = unforeseen(error, "session"), self._unforeseen < MOST_UNFORESEEN_ERRORS
        if not again:
            words = f"{words}; {self._unforeseen} attempts in a row ended so"
            self._unforeseen = 0
        self._idle = False
        self._report(ConnectionEnded())
        await self._recover(self._wanted, Failure(words, retry=again))

    async def _live(self) -> None:
        """Run one connection after the other."""
        current: ActiveConnection | None = None
        try:
            while True:
                self._tidy()
                if current is not None:
                    current = await self._attend(current)
                elif self._idle and not self._changed.is_set():
                    await self._audio_or_change()
                    self._idle = False
                else:
                    self._changed.clear()
                    current = await self._begin_with(self._wanted)
        finally:
            running, self._running = self._running, []
            await asyncio.gather(*(each.end() for each in running), return_exceptions=True)

    async def close(self) -> None:
        """Release every endpoint. ``run`` must have ended."""
        await self._providers.close()

    async def _audio_or_change(self) -> None:
        """Wait until there is audio to send or a change."""
        changed = asyncio.ensure_future(self._changed.wait())
        try:
            while not (changed.done() or self._account.owes_the_end):
                index = self._account.reached
                more = asyncio.ensure_future(self._reader.more(index))
                await asyncio.sleep(0)
                if not (more.done() or changed.done()):
                    ended = self._reader.ended(index)
                    self._report(AudioFinished() if ended else AudioAwaited())
                try:
                    await asyncio.wait((more, changed), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    more.cancel()
                if more.done() and more.result():
                    return
        finally:
            changed.cancel()

    # A connection begins.

    async def _begin_with(self, plan: StreamRequest) -> ActiveConnection | None:
        """Connect and begin to stream; return None if that failed or the plan has changed."""
        if barred := self._barred.left(plan.provider):
            await self._try_later(*barred)
            return None
        try:
            running = await self._unless_changed(self._open(plan))
        except ConnectionFailed as error:
            await self._recover(plan, error.failure)
            return None
        if running is not None:
            self._stream(running, self._account.resume_at())
        return running

    async def _open(self, plan: StreamRequest, *, keep: bool = False) -> ActiveConnection:
        """Get the endpoint, connect to it, and start to receive its messages.

        Args:
            plan: The endpoint and the parameters.
            keep: Hold the connection's events, because another connection is still running.
        """
        teller = EventBuffer(functools.partial(self._told, plan), [] if keep else None)
        link = await self._call(plan, teller)
        exchange = StreamConnection(
            link,
            self._reader,
            plan.parameters,
            teller.tell,
            self._timing,
            no_results_s=self._no_results_s,
        )
        running = ActiveConnection(plan, link, exchange, teller)
        self._running.append(running)
        return running

    async def _call(self, plan: StreamRequest, teller: EventBuffer) -> Link:
        """Get the endpoint and connect to it; raise ConnectionFailed for any error."""
        teller.tell(EndpointRequested(plan.provider, plan.parameters, self._attempt + 1))
        try:
            address = await plan.provider.target()
        except Exception as error:
            failure = Failure(for_people(str(error)), retry=isinstance(error, OSError))
            raise ConnectionFailed(failure) from error
        target = Target(address.url, address.api_key)
        try:
            teller.tell(ConnectionStarted(displayed(target.url)))
            return await self._connect(target, plan.parameters)
        except ConnectionFailed:
            raise
        except Exception as error:
            raise ConnectionFailed(Failure(unforeseen(error, "handshake"))) from error

    async def _unless_changed(
        self,
        opening: Coroutine[None, None, ActiveConnection],
        beside: ActiveConnection | None = None,
    ) -> ActiveConnection | None:
        """Return the opened connection, or None if a change makes it obsolete before it is open.

        Args:
            opening: Opens the connection.
            beside: Another connection, whose end also makes this one obsolete.
        """
        task = asyncio.ensure_future(opening)
        changed = asyncio.ensure_future(self._changed.wait())
        waiting: set[asyncio.Future[Any]] = {task, changed}
        if beside is not None:
            waiting.add(beside.task)
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            changed.cancel()
            task.cancel()
            # Also if it is done: a caller cancelled at that moment does not retrieve its exception.
            await asyncio.gather(task, return_exceptions=True)

    def _stream(self, running: ActiveConnection, start: int) -> None:
        """Begin a connection at a sample, a multiple of a step."""
        if running.task.done():
            return  # it has ended before it could begin
        plan = running.plan
        period = plan.parameters.period_samples
        first = max(self._reader.piece_start(start), self._account.passed_over)
        there = max(0, start - first)
        ahead = min(lead(plan.parameters), there // period * period)
        limit = self._catch_up or (math.inf if plan.provider.ours else CATCH_UP_RATE)
        pace = RateLimiter(limit if self._reader.paced else math.inf, head_start=ahead)
        running.exchange.begin(start - ahead, start, pace)
        running.teller.tell(ConnectionOpened(start))

    def _told(self, plan: StreamRequest, event: SessionEvent) -> None:
        """Report a connection's event, and record what it settles and that its plan works."""
        self._speaking = plan.provider
        if isinstance(event, PeriodAnswered | AudioAbandoned):
            # Not by the connection itself: events in its buffer may still be discarded.
            self._account.settle(event.end)
        if isinstance(event, PeriodAnswered) and plan == self._wanted:
            self._prove()
        self._report(event)

    def _prove(self) -> None:
        """Record that the wanted plan has given a result, so that no fallback is needed."""
        if not self._proved:
            self._proved, self._fallback, self._tentative = True, None, False
            self._tidy()

    # A connection continues, or ends.

    async def _attend(self, current: ActiveConnection) -> ActiveConnection | None:
        """Wait for the end of a connection or a change; return the connection that continues."""
        changed = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait((current.task, changed), return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()
        if current.task.done():
            await self._conclude(current)
            return None
        self._changed.clear()
        return current if self._wanted == current.plan else await self._change_over(current)

    async def _conclude(self, running: ActiveConnection) -> None:
        """Settle the audio of an ended connection, and recover from its failure."""
        ended = await self._release(running)
        failure = ended.failure
        healthy = ended.seconds >= HEALTHY_AFTER_S
        again = self._account.note_unanswered(ended)
        if healthy or (failure is None and not again):
            self._delays = full_jitter(self._timing.random)
        if failure is None or healthy or ended.placement.progressed:
            self._attempt = 0
        self._brief = 0 if failure is None or healthy else self._brief + 1
        # Also true if the change for which it was stopped was reverted meanwhile.
        changed = ended.stopped or running.plan != self._wanted
        replaced = changed or again
        self._idle = failure is None and not replaced
        self._report(ConnectionEnded())
        self._account.conclude(ended, replaced=replaced)
        if failure is None:
            if again and not changed:
                self._attempt += 1
                await self._try_later(LEFT_OUT, next(self._delays))
            return
        if self._brief == UNHEALTHY_IN_A_ROW and running.plan == self._wanted:
            self._report(ConnectionsFailing(self._brief, failure.words))
        await self._recover(running.plan, failure)

    async def _release(self, running: ActiveConnection) -> StreamEnd:
        """Release a connection that has ended; return its outcome."""
        await running.end()
        self._running.remove(running)
        return running.task.result()

    async def _recover(self, plan: StreamRequest, failure: Failure) -> None:
        """Fall back to the plan that worked, schedule a retry, or wait for a change."""
        self._barred.note(plan.provider, failure)
        if plan != self._wanted:
            return  # it was replaced while it failed
        objects = failure.by_endpoint or not failure.retry
        if self._fallback is not None and (self._tentative or objects):
            self._fall_back(self._fallback, failure)
            return
        self._attempt += 1
        if failure.retry:
            await self._try_later(failure, max(next(self._delays), failure.retry_after))
            return
        self._proved = False
        self._report(SessionRefused(failure.words))
        # The levels of a paced source are useful without results; an unpaced one would end at once.
        self._reader.discard(self._reader.paced)
        await self._changed.wait()
        self._reader.discard(False)

    async def _try_later(self, failure: Failure, delay: float) -> None:
        """Report a retry, and wait for its delay or a change."""
        asked = failure.retry_after > 0
        self._report(RetryScheduled(failure.reason, self._attempt, delay, asked))
        await self._timing.wait(self._changed, delay)

    def _fall_back(self, plan: StreamRequest, failure: Failure) -> None:
        """Return to an earlier plan, because the wanted one does not work."""
        if self._fallback in (None, plan):
            self._fallback, self._proved = None, True
        # Otherwise the plan has given no result yet, and its own fallback is still needed.
        if plan.provider != self._wanted.provider:
            self._account.forget_failures()
        self._wanted, self._tentative = plan, False
        self._report(ChangeRefused(failure.reason, plan.parameters, plan.provider))

    # A change.

    async def _change_over(self, current: ActiveConnection) -> ActiveConnection | None:
        """Open the wanted connection beside the current one, and change over to it."""
        successor = await self._prepare(self._wanted, current)
        if successor is None:
            return current
        current.exchange.stop()
        await current.exchange.stopped.wait()
        placement = current.exchange.placement
        seam = next_step(max(placement.due, placement.answered))
        start = next_step(self._reader.available(seam))
        self._stream(successor, start)
        await asyncio.wait([current.task])
        ended = current.task.result()
        if ended.failure is not None or not ended.placement.steps_answered:
            await self._discard(successor)
            return current  # it has ended: its missing results come first
        await self._release(current)
        self._report(ConnectionEnded())
        self._account.settle(ended.placement.answered)
        self._account.give_up(start)
        successor.teller.release()
        return successor

    async def _prepare(
        self, plan: StreamRequest, current: ActiveConnection
    ) -> ActiveConnection | None:
        """Return a connection that is ready to take over; None if the current one is to stay."""
        if barred := self._barred.left(plan.provider):
            failure, _ = barred
            self._fall_back(current.plan, failure)
            return None
        try:
            successor = await self._unless_changed(self._open(plan, keep=True), current)
        except ConnectionFailed as error:
            self._barred.note(plan.provider, error.failure)
            self._refuse_change(current, error.failure)
            return None
        if successor is None:
            return None
        await self._timing.wait(successor.exchange.heard, GREETING_GRACE_S)
        if not successor.task.done():
            await self._timing.sleep(REFUSAL_GRACE_S)
        if not (successor.task.done() or current.task.done() or self._changed.is_set()):
            return successor
        refused = successor.task.done()
        ended = await self._discard(successor)
        if refused and ended is not None and ended.failure is not None:
            self._refuse_change(current, ended.failure)
        return None

    def _refuse_change(self, current: ActiveConnection, failure: Failure) -> None:
        """Stop the current connection to make room for the wanted one, or fall back to its plan."""
        if failure.busy and failure.retry_after <= LONGEST_RETRY_AFTER_BESIDE_OPEN_S:
            # Possibly one connection too many: the old one has to end first.
            self._fallback, self._tentative = self._fallback or current.plan, True
            current.exchange.stop()
        elif not self._changed.is_set():
            self._fall_back(current.plan, failure)

    async def _discard(self, running: ActiveConnection) -> StreamEnd | None:
        """Release a connection that is not needed; return its outcome if it had ended."""
        await running.end()
        self._running.remove(running)
        return None if running.task.cancelled() else running.task.result()

    def _tidy(self) -> None:
        """Release the providers that no plan needs any more."""
        plans = [self._wanted, self._fallback, *(running.plan for running in self._running)]
        self._providers.keep([plan.provider for plan in plans if plan is not None])
