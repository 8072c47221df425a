"""Reducer from session events to the status that is shown. No input or output."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from deeptone_tui.monitor.accounting import PATIENCE_SAMPLES, Ledger
from deeptone_tui.monitor.notices import LossAggregator, NoticeKind, Notices
from deeptone_tui.monitor.state import PlacedResult, SessionPhase, SessionStatus
from deeptone_tui.protocol import Step, StreamParameters
from deeptone_tui.session.events import (
    UNANSWERED,
    AudioAbandoned,
    AudioAwaited,
    AudioFinished,
    AudioSent,
    ChangeRefused,
    ConnectionEnded,
    ConnectionOpened,
    ConnectionsFailing,
    ConnectionStarted,
    DrainStarted,
    EndpointComplained,
    EndpointGreeted,
    EndpointRequested,
    MessageNotUnderstood,
    MessagesCounted,
    PeriodAnswered,
    ResultCut,
    ResultRepeated,
    RetryScheduled,
    SessionEvent,
    SessionRefused,
)
from deeptone_tui.session.target import StreamRequest, TargetProvider

NOT_HANDED_OVER = "the source did not hand it over"
UNTOLD = "told by nothing but a number"
"""Placeholder for a reason without results that was only counted, not shown."""
WORTH_A_NOTICE_SAMPLES = 1024
"""Samples: less than a step lost at a seam is counted without a notice."""


class StatusReducer:
    """Session part of the monitor state, reduced from the session's events.

    Args:
        ledger: accounting of the samples.
        plan: the initial endpoint and parameters; None without an endpoint.
        notices: takes what is worth telling.
        on_entry: called with every result.
        clock: monotonic time in seconds.
    """

    def __init__(
        self,
        ledger: Ledger,
        plan: StreamRequest | None,
        notices: Notices,
        *,
        on_entry: Callable[[PlacedResult], None],
        clock: Callable[[], float],
    ) -> None:
        self._ledger = ledger
        self._on_entry = on_entry
        self._clock = clock
        self._session = SessionStatus()
        self._asked: TargetProvider | None = None  # by the connection being made
        self._retry_at = 0.0
        self._sent = self._heard = False
        self._trouble = ""  # reason without results; empty while they arrive
        self._notices = notices
        self._losses = LossAggregator(notices.tell)  # of captured audio
        self._missed = LossAggregator(notices.tell)  # of audio that was never captured
        self.latest: Step | None = None
        self.counts = Counter[str]()
        """Messages that were passed over, by names of `Counters`."""
        self._handlers: dict[type, Callable[..., None]] = {
            EndpointRequested: self._endpoint_requested,
            ConnectionStarted: self._connection_started,
            ConnectionOpened: self._connection_opened,
            EndpointGreeted: self._endpoint_greeted,
            AudioSent: self._audio_sent,
            PeriodAnswered: self._period_answered,
            MessageNotUnderstood: self._message_not_understood,
            MessagesCounted: self._messages_counted,
            ResultRepeated: self._result_repeated,
            ResultCut: self._result_cut,
            ConnectionsFailing: self._connections_failing,
            EndpointComplained: self._endpoint_complained,
            DrainStarted: self._drain_started,
            AudioAbandoned: self._audio_abandoned,
            ConnectionEnded: self._connection_ended,
            RetryScheduled: self._retry_scheduled,
            ChangeRefused: self._change_refused,
            SessionRefused: self._session_refused,
            AudioAwaited: self._audio_awaited,
            AudioFinished: self._audio_finished,
        }
        if plan is not None:
            self.change_requested(plan)

    @property
    def session(self) -> SessionStatus:
        """Current connection status."""
        if self._session.phase is not SessionPhase.RETRYING:
            return self._session
        return replace(self._session, retry_in=max(0.0, self._retry_at - self._clock()))

    def missed(self, samples: int) -> None:
        """Count samples that the source did not deliver before the current audio."""
        place = self._ledger.captured
        self._missed.take(place, place, samples, NOT_HANDED_OVER, self._clock())

    def look(self) -> bool:
        """Add notices for losses that are over; return True if there were any.

        An outage drops silence every now and then: while no results arrive, that stays one loss.
        """
        told = [self._notices.look(), self._missed.sum_up(self._clock())]
        if not self._trouble:
            told.append(self._losses.sum_up(self._clock()))
        return any(told)

    def close(self) -> None:
        """Add notices for all losses: nothing more comes."""
        self._notices.sum_up()
        self._missed.sum_up()
        self._losses.sum_up()

    @property
    def wanted(self) -> StreamRequest | None:
        """Endpoint and parameters pending, or else in force; None without an endpoint."""
        provider = self._session.pending_provider or self._session.provider
        return None if provider is None else StreamRequest(provider, self._session.wanted)

    def change_requested(self, plan: StreamRequest) -> None:
        """Note a request for other parameters or another endpoint."""
        pending = None if plan.parameters == self._session.applied else plan.parameters
        self._session = replace(self._session, pending=pending)
        if self._session.applied is None:
            self._put_in_force(plan.provider)
        else:
            other = plan.provider != self._session.provider
            self._session = replace(
                self._session, pending_provider=plan.provider if other else None
            )

    def _put_in_force(self, provider: TargetProvider) -> None:
        """Set the endpoint in force, with none pending."""
        self._session = replace(
            self._session, provider=provider, label=provider.label, pending_provider=None
        )

    def handle(self, event: SessionEvent) -> None:
        """Apply an event."""
        self._handlers[type(event)](event)

    def _enter(self, phase: SessionPhase, message: str = "") -> None:
        self._session = replace(self._session, phase=phase, message=message, retry_in=0.0)

    def _endpoint_requested(self, event: EndpointRequested) -> None:
        self._asked = event.provider
        self.change_requested(StreamRequest(event.provider, event.parameters))
        self._session = replace(self._session, attempt=event.attempt)
        self._enter(SessionPhase.STARTING, self._session.message if event.attempt > 1 else "")

    def _connection_started(self, event: ConnectionStarted) -> None:
        self._session = replace(self._session, url=event.url)
        self._enter(SessionPhase.CONNECTING, self._session.message)

    def _connection_opened(self, _event: ConnectionOpened) -> None:
        self.latest = None
        self._enter(SessionPhase.OPEN)

    def _endpoint_greeted(self, event: EndpointGreeted) -> None:
        self._session = replace(
            self._session, message=event.message, end_of_audio=event.end_of_audio
        )
        self._speaks(event.parameters)

    def _audio_sent(self, event: AudioSent) -> None:
        self._ledger.send(event.start, event.end)
        self._sent = True
        self._maybe_streaming()

    def _period_answered(self, event: PeriodAnswered) -> None:
        self._speaks(event.parameters)
        first = self._ledger.open_from(0)
        given_up = self._ledger.answer(event.start, event.end)
        if given_up >= WORTH_A_NOTICE_SAMPLES:
            end = event.start - PATIENCE_SAMPLES
            self._losses.take(first, end, given_up, UNANSWERED, self._clock())
        self.latest = event.step
        samples = event.end - event.start
        self._on_entry(PlacedResult(event.step, event.start, samples, event.parameters))
        # Not before a result: an endpoint may greet and disconnect again and again.
        if self._trouble and self._session.phase is SessionPhase.STREAMING:
            told, self._trouble = self._trouble is not UNTOLD, ""
            if told:
                self._notices.tell("streaming again")

    def _message_not_understood(self, event: MessageNotUnderstood) -> None:
        self._count("unknown_messages", f"passed over: {event.words}")

    def _messages_counted(self, event: MessagesCounted) -> None:
        self.counts["unknown_messages"] += event.count

    def _result_repeated(self, _event: ResultRepeated) -> None:
        self._count("repeated", "passed over: a result for audio that has one")

    def _result_cut(self, _event: ResultCut) -> None:
        words = "the endpoint's results hold more than is kept of one: the rest is left out"
        self._count("results_cut", words)

    def _count(self, name: str, words: str) -> None:
        """Count an event; the first of its kind is told."""
        self.counts[name] += 1
        if self.counts[name] == 1:
            self._notices.tell(words)

    def _connections_failing(self, event: ConnectionsFailing) -> None:
        self._notices.tell_of_endpoint(
            NoticeKind.CONNECTION,
            f"{event.count} connections in a row ended within 5 s: {event.reason}",
        )

    def _endpoint_complained(self, event: EndpointComplained) -> None:
        self._notices.tell_of_endpoint(NoticeKind.SAID, f"the endpoint said: {event.message}")

    def _drain_started(self, _event: DrainStarted) -> None:
        self._enter(SessionPhase.DRAINING, self._session.message)

    def _audio_abandoned(self, event: AudioAbandoned) -> None:
        first = self._ledger.open_from(event.start)
        lost = self._ledger.lose(event.start, event.end)
        if event.reason and lost >= WORTH_A_NOTICE_SAMPLES:
            self._losses.take(first, event.end, lost, event.reason, self._clock())

    def _connection_ended(self, _event: ConnectionEnded) -> None:
        self._sent = self._heard = False
        self._enter(SessionPhase.IDLE, self._session.message)

    def _retry_scheduled(self, event: RetryScheduled) -> None:
        self._retry_at = self._clock() + event.delay
        self._session = replace(self._session, attempt=event.attempt, asked_to_wait=event.asked)
        self._enter(SessionPhase.RETRYING, event.reason)
        if event.reason != self._trouble:  # other notices may have been shown since
            told = self._notices.tell_of_endpoint(NoticeKind.CONNECTION, event.reason)
            self._trouble = event.reason if told else UNTOLD

    def _change_refused(self, event: ChangeRefused) -> None:
        self._session = replace(self._session, pending=None, applied=event.parameters)
        self._put_in_force(event.provider)
        words = f"the change was refused, everything stays as it was: {event.reason}"
        self._notices.tell(words, answer=True)

    def _session_refused(self, event: SessionRefused) -> None:
        if self._session.applied is not None:  # what was refused is no longer pending
            self._session = replace(self._session, pending=None, pending_provider=None)
        self._enter(SessionPhase.REFUSED, event.reason)
        self.close()
        self._trouble = event.reason
        self._notices.tell(event.reason)

    def _audio_awaited(self, _event: AudioAwaited) -> None:
        self._enter(SessionPhase.IDLE)

    def _audio_finished(self, _event: AudioFinished) -> None:
        self._enter(SessionPhase.CLOSED)
        self._trouble = ""
        self.close()

    def _speaks(self, parameters: StreamParameters) -> None:
        """Note that the endpoint has answered to these parameters."""
        if not self._heard:
            pending = self._session.pending
            pending = None if pending == parameters else pending
            under_way = self._session.pending_provider
            self._session = replace(self._session, applied=parameters, pending=pending)
            if self._asked is not None:
                self._put_in_force(self._asked)
            if under_way not in (None, self._asked):  # requested meanwhile
                self._session = replace(self._session, pending_provider=under_way)
        self._heard = True
        self._maybe_streaming()

    def _maybe_streaming(self) -> None:
        """Enter the streaming phase once audio is sent and the endpoint has answered."""
        if self._sent and self._heard and self._session.phase is SessionPhase.OPEN:
            self._session = replace(self._session, phase=SessionPhase.STREAMING, attempt=0)
