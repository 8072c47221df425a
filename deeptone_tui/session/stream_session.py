"""Session that streams audio over successive connections, with retries and changes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from deeptone_tui.core.text import unforeseen
from deeptone_tui.session.active_connection import ActiveConnection, ActiveConnections, Connect
from deeptone_tui.session.events import (
    AudioAbandoned,
    ChangeRefused,
    ConnectionEnded,
    ConnectionsFailing,
    PeriodAnswered,
    RetryScheduled,
    SessionEvent,
    SessionRefused,
)
from deeptone_tui.session.failures import ConnectionFailed, Failure
from deeptone_tui.session.interfaces import AudioReader, next_step
from deeptone_tui.session.progress import DeliveryProgress
from deeptone_tui.session.stream_connection import StreamEnd
from deeptone_tui.session.target import Providers, StreamRequest
from deeptone_tui.session.timing import (
    HEALTHY_AFTER_S,
    NO_RESULTS_TIMEOUT_S,
    RetryAfterGate,
    Timing,
    first_of,
    full_jitter,
    result_unless,
)

UNHEALTHY_IN_A_ROW = 3
"""Connections in a row that end before they are healthy, after which this is reported."""
MOST_UNFORESEEN_ERRORS = 4
"""Unforeseen errors in quick succession after which the session waits for a change."""
LONGEST_RETRY_AFTER_BESIDE_OPEN_S = 5.0
"""Longest Retry-After, in seconds, for which a working connection is ended to make room for the new
one: the buffer holds far more."""
LEFT_OUT = Failure("the endpoint gave no result for the end of the audio")
"""Reason of a retry for missing last results, reported like any other failure."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Request that a session works for, and what is known of it; each method is a transition.

    ====================  ======  ========  =========
    state                 proved  fallback  tentative
    ====================  ======  ========  =========
    first request         no      no        no
    in force              yes     no        no
    on trial              no      yes       no
    on trial, once        no      yes       yes
    ====================  ======  ========  =========
    """

    wanted: StreamRequest
    proved: bool = False
    """True if it has given a result, or was returned to."""
    fallback: StreamRequest | None = None
    """Request that worked before, until this one is proved."""
    tentative: bool = False
    """True if it has one attempt before the fallback returns, whatever the failure."""

    def change(self, request: StreamRequest) -> "Choice":
        """Want another request. What has not been proved is no fallback."""
        if self.proved and request == self.wanted:
            return self
        fallback = self.wanted if self.proved else self.fallback
        if request == fallback:
            return Choice(request, proved=True)
        return Choice(request, fallback=fallback)

    def answered(self, request: StreamRequest) -> "Choice":
        """Take note of a result: of the wanted request, it makes a fallback needless."""
        return Choice(request, proved=True) if request == self.wanted else self

    def make_room(self, current: StreamRequest) -> "Choice":
        """Give the wanted request one attempt, for which the current connection has to end."""
        return replace(self, fallback=self.fallback or current, tentative=True)

    def fall_back(self, request: StreamRequest) -> "Choice":
        """Return to a request, because the wanted one does not work.

        One that has given no result yet, of several in quick succession, still needs the fallback.
        """
        if self.fallback in (None, request):
            return Choice(request, proved=True)
        return Choice(request, fallback=self.fallback)

    def failed(self, failure: Failure) -> "Choice":
        """Return to the fallback if a failure of the wanted request calls for it, else stay."""
        objects = failure.by_endpoint or not failure.retry
        if self.fallback is not None and (self.tentative or objects):
            return self.fall_back(self.fallback)
        return self

    def refused(self) -> "Choice":
        """Stop trusting the wanted request: it waits for a change, if only to itself."""
        return replace(self, proved=False)


class Retries:
    """Retries of a session: backoff with jitter, and Retry-After of each endpoint.

    Args:
        timing: Clock, sleep function and random source.
        changed: Ends a wait: something else is wanted.
        report: Receives an event for each wait.
    """

    def __init__(
        self, timing: Timing, changed: asyncio.Event, report: Callable[[SessionEvent], None]
    ) -> None:
        self._timing = timing
        self._changed = changed
        self._report = report
        self.gate = RetryAfterGate(timing.clock)
        self.reset()

    def reset(self) -> None:
        """Begin anew, as for another endpoint."""
        self._delays = full_jitter(self._timing.random)
        self.attempts = 0
        """Failed attempts since the last success."""
        self.early_ends = 0
        """Connections in a row that failed before they were healthy."""

    def note_end(self, ended: StreamEnd, *, again: bool) -> None:
        """Record the end of a connection.

        Args:
            ended: Its outcome.
            again: True if another one is made for the results that are missing.
        """
        failed, healthy = ended.failure is not None, ended.seconds >= HEALTHY_AFTER_S
        if healthy or not (failed or again):
            self._delays = full_jitter(self._timing.random)
        if healthy or not failed or ended.timeline.progressed:
            self.attempts = 0
        self.early_ends = self.early_ends + 1 if failed and not healthy else 0

    async def back_off(self, failure: Failure) -> None:
        """Count a failed attempt, and wait before the next one."""
        self.attempts += 1
        await self.wait(failure, max(next(self._delays), failure.retry_after))

    async def wait(self, failure: Failure, delay: float) -> None:
        """Report a retry, and wait for its delay in seconds or a change."""
        asked = failure.retry_after > 0
        self._report(RetryScheduled(failure.reason, self.attempts, delay, asked))
        await self._timing.wait(self._changed, delay)


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
        self._choice = Choice(plan)
        self._reader = reader
        self._report = report
        self._timing = timing or Timing()
        self.provider = plan.provider
        """Provider of the endpoint whose events are being reported."""
        self._providers = Providers(plan.provider)
        self._changed = asyncio.Event()
        self._retries = Retries(self._timing, self._changed, report)
        self._connections = ActiveConnections(
            reader, connect, self._told, self._timing, catch_up=catch_up, no_results_s=no_results_s
        )
        self._idle = False  # no connection is made until there is audio
        self._account = DeliveryProgress(reader, report, self._timing.clock)

    @property
    def plan(self) -> StreamRequest:
        """The wanted endpoint and parameters."""
        return self._choice.wanted

    def change(self, plan: StreamRequest) -> None:
        """Change to other parameters or another endpoint.

        The new connection is made first, while the old one continues; the change happens where it
        does no harm. If the new plan does not work, the old one stays in force. Of changes in
        quick succession, only the last one takes effect.
        """
        before, self._choice = self._choice, self._choice.change(plan)
        if self._choice is before:
            if not (self._connections.running or self._idle):
                self._changed.set()  # a repeated request ends the wait for a retry
            return
        self._providers.add(plan.provider)
        if plan.provider != before.wanted.provider:
            self._retries.reset()
            self._account.forget_failures()
        self._changed.set()

    async def run(self) -> None:
        """Stream until cancelled; an unforeseen error is one more reason to connect again."""
        errors = 0  # in quick succession
        while True:
            begun = self._timing.clock()
            try:
                await self._live()
            except Exception as error:  # noqa: BLE001  whatever it is, the source continues
                healthy = self._timing.clock() - begun >= HEALTHY_AFTER_S
                errors = 1 if healthy else errors % MOST_UNFORESEEN_ERRORS + 1
                await self._survive(error, errors)

    async def _survive(self, error: Exception, errors: int) -> None:
        """Wait before a retry after an unforeseen error; after several in a row, for a change."""
        words, again = unforeseen(error, "session"), errors < MOST_UNFORESEEN_ERRORS
        words = words if again else f"{words}; {errors} attempts in a row ended so"
        self._idle = False
        self._report(ConnectionEnded())
        await self._recover(self.plan, Failure(words, retry=again))

    async def _live(self) -> None:
        """Run one connection after the other."""
        current: ActiveConnection | None = None
        try:
            while True:
                self._tidy()
                if current is not None:
                    current = await self._attend(current)
                elif self._idle and not self._changed.is_set():
                    await first_of(self._account.more_to_send(), self._changed.wait())
                    self._idle = False
                else:
                    self._changed.clear()
                    current = await self._begin_with(self.plan)
        finally:
            await self._connections.end()

    async def close(self) -> None:
        """Release every endpoint. ``run`` must have ended."""
        await self._providers.close()

    async def _begin_with(self, plan: StreamRequest) -> ActiveConnection | None:
        """Connect and begin to stream; return None if that failed or the plan has changed."""
        if barred := self._retries.gate.left(plan.provider):
            await self._retries.wait(*barred)
            return None
        try:
            opening = self._connections.open(plan, self._retries.attempts + 1)
            running = await result_unless(opening, self._changed.wait())
        except ConnectionFailed as error:
            await self._recover(plan, error.failure)
            return None
        if running is not None:
            running.begin(self._account.resume_at(), self._account.passed_over)
        return running

    def _told(self, plan: StreamRequest, event: SessionEvent) -> None:
        """Report a connection's event, and record what it settles and that its plan works."""
        self.provider = plan.provider
        if isinstance(event, PeriodAnswered | AudioAbandoned):
            # Not by the connection itself: events in its buffer may still be discarded.
            self._account.settle(event.end)
        if isinstance(event, PeriodAnswered) and self._choice.answered(plan) != self._choice:
            self._choice = self._choice.answered(plan)
            self._tidy()
        self._report(event)

    async def _attend(self, current: ActiveConnection) -> ActiveConnection | None:
        """Wait for the end of a connection or a change; return the connection that continues."""
        await first_of(current.task, self._changed.wait())
        if current.task.done():
            await self._conclude(current)
            return None
        self._changed.clear()
        return current if self.plan == current.plan else await self._change_over(current)

    async def _conclude(self, running: ActiveConnection) -> None:
        """Settle the audio of an ended connection, and recover from its failure."""
        await self._connections.release(running)
        ended = running.task.result()
        failure = ended.failure
        again = self._account.note_unanswered(ended)
        self._retries.note_end(ended, again=again)
        # Also true if the change for which it was stopped was reverted meanwhile.
        changed = ended.stopped or running.plan != self.plan
        replaced = changed or again
        self._idle = failure is None and not replaced
        self._report(ConnectionEnded())
        self._account.conclude(ended, replaced=replaced)
        if failure is None:
            if again and not changed:
                await self._retries.back_off(LEFT_OUT)
            return
        if self._retries.early_ends == UNHEALTHY_IN_A_ROW and running.plan == self.plan:
            self._report(ConnectionsFailing(UNHEALTHY_IN_A_ROW, failure.words))
        await self._recover(running.plan, failure)

    async def _recover(self, plan: StreamRequest, failure: Failure) -> None:
        """Fall back to the plan that worked, schedule a retry, or wait for a change."""
        self._retries.gate.note(plan.provider, failure)
        if plan != self.plan:
            return  # it was replaced while it failed
        choice = self._choice.failed(failure)
        if choice is not self._choice:
            self._refuse_change(choice, failure)
            return
        if failure.retry:
            await self._retries.back_off(failure)
            return
        self._retries.attempts += 1
        self._choice = choice.refused()
        self._report(SessionRefused(failure.words))
        # The levels of a paced source are useful without results; an unpaced one would end at once.
        self._reader.discard(self._reader.paced)
        await self._changed.wait()
        self._reader.discard(False)

    def _refuse_change(self, choice: Choice, failure: Failure) -> None:
        """Return to an earlier choice, because the wanted plan does not work."""
        if choice.wanted.provider != self.plan.provider:
            self._account.forget_failures()
        self._choice = choice
        plan = choice.wanted
        self._report(ChangeRefused(failure.reason, plan.parameters, plan.provider))

    async def _change_over(self, current: ActiveConnection) -> ActiveConnection | None:
        """Open the wanted connection beside the current one, and change over to it."""
        successor = await self._prepare(current)
        if successor is None:
            return current
        seam = await current.stop()
        start = next_step(self._reader.available(seam))
        successor.begin(start, self._account.passed_over)
        await asyncio.wait([current.task])
        ended = current.task.result()
        if ended.failure is not None or not ended.timeline.steps_answered:
            await self._connections.release(successor)
            return current  # it has ended: its missing results come first
        await self._connections.release(current)
        self._report(ConnectionEnded())
        self._account.settle(ended.timeline.answered)
        self._account.give_up(start)
        successor.teller.release()
        return successor

    async def _prepare(self, current: ActiveConnection) -> ActiveConnection | None:
        """Return a connection that is ready to take over; None if the current one is to stay."""
        plan = self.plan
        if barred := self._retries.gate.left(plan.provider):
            failure, _ = barred
            self._refuse_change(self._choice.fall_back(current.plan), failure)
            return None
        try:
            opening = self._connections.open(plan, self._retries.attempts + 1, keep=True)
            successor = await result_unless(opening, self._changed.wait(), current.task)
        except ConnectionFailed as error:
            self._retries.gate.note(plan.provider, error.failure)
            self._make_room(current, error.failure)
            return None
        if successor is None:
            return None
        await successor.listen(self._timing)
        refused = successor.task.done()
        if not (refused or current.task.done() or self._changed.is_set()):
            return successor
        await self._connections.release(successor)
        if refused and (failed := successor.task.result().failure) is not None:
            self._make_room(current, failed)
        return None

    def _make_room(self, current: ActiveConnection, failure: Failure) -> None:
        """Stop the current connection to make room for the wanted one, or fall back to its plan."""
        if failure.busy and failure.retry_after <= LONGEST_RETRY_AFTER_BESIDE_OPEN_S:
            # Possibly one connection too many: the old one has to end first.
            self._choice = self._choice.make_room(current.plan)
            current.exchange.stop()
        elif not self._changed.is_set():
            self._refuse_change(self._choice.fall_back(current.plan), failure)

    def _tidy(self) -> None:
        """Release the providers that no plan needs any more."""
        plans = [
            self.plan,
            self._choice.fallback,
            *(running.plan for running in self._connections.running),
        ]
        self._providers.keep([plan.provider for plan in plans if plan is not None])
