"""Messages of one connection: results are placed in the audio, put in order and reported."""

import asyncio
from collections.abc import Callable

from deeptone_tui.protocol import (
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
    EndpointComplained,
    EndpointGreeted,
    MessageNotUnderstood,
    PeriodAnswered,
    ResultCut,
    ResultRepeated,
    SessionEvent,
)
from deeptone_tui.session.timeline import ConnectionTimeline, ReorderBuffer


class MessageHandler:
    """Handler of one connection's messages.

    Args:
        parameters: The parameters requested from the endpoint.
        report: Receives every event.
    """

    def __init__(
        self, parameters: StreamParameters, report: Callable[[SessionEvent], None]
    ) -> None:
        self._parameters = parameters
        self._report = report
        self.spoke = asyncio.Event()
        """Set when a greeting or a result has come, which shows the endpoint's features."""
        self.announced = False
        """True if the endpoint accepts an end-of-audio message."""
        self.complaint = ""
        """Newest error message."""
        self.accepted = 0
        """Number of results for new audio, including those in the reorder buffer."""
        self.begin(0, 0)

    def begin(self, base: int, wanted: int) -> None:
        """Set the connection's first sample, and the sample from which results count."""
        period = self._parameters.period_samples
        self.timeline = ConnectionTimeline(base, period, wanted)
        self._reordered = ReorderBuffer(self.timeline.answered, period)

    def handle(self, message: Message) -> None:
        """Process and report a message."""
        match message:
            case Greeting(words, end_of_audio):
                self.spoke.set()
                self.announced = end_of_audio
                self._report(EndpointGreeted(words, self._parameters, end_of_audio))
            case ResultsReceived():
                self.spoke.set()
                if message.cut:
                    self._report(ResultCut())
                for step in message.steps:
                    self._place(step)
            case ErrorReported(words):
                self.complaint = words
                self._report(EndpointComplained(words))
            case UnknownReceived():
                kind = message.message_type or "without a kind"
                self._report(MessageNotUnderstood(f"message {kind}: {message.message or ''}"))

    def _place(self, step: Step) -> None:
        """Place a result in the audio, and report what is ready in order."""
        timeline = self.timeline
        placed = timeline.place(step.timestamp)
        if placed is None:
            words = f"a result at {step.timestamp:g} ms, where no audio was sent"
            self._report(MessageNotUnderstood(words))
            return
        start, end = placed
        if end <= timeline.wanted or (timeline.until is not None and start >= timeline.until):
            return  # another connection's result
        ready = self._reordered.take(PeriodAnswered(step, start, end, self._parameters))
        if ready is None:
            self._report(ResultRepeated(start, end))
        else:
            self.accepted += 1
            self._answer(ready)

    def flush(self) -> None:
        """Report the results that were held; no earlier one is expected any more."""
        self._answer(self._reordered.flush())

    def _answer(self, results: list[PeriodAnswered]) -> None:
        """Report results in order, and the audio that they skip as abandoned."""
        for result in results:
            if result.start > self.timeline.answered:
                gap = (self.timeline.answered, result.start)
                self._report(AudioAbandoned(*gap, UNANSWERED))
            self.timeline.answered = max(self.timeline.answered, result.end)
            self._report(result)

    @property
    def ends_here(self) -> bool:
        """True if this connection is to judge the incomplete period at the end."""
        return self.timeline.until in (None, self.timeline.sent)

    @property
    def lacking(self) -> bool:
        """True if all audio was sent and results are missing."""
        return self.timeline.complete and not self.drained

    @property
    def drained(self) -> bool:
        """True if no result is missing that this or another connection may still give."""
        if not self.spoke.is_set() or (self.announced and self.ends_here):
            return self.timeline.steps_answered
        return self.timeline.periods_answered
