"""How far the audio is settled, over all connections."""

from collections.abc import Callable

from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.session.events import UNANSWERED, AudioAbandoned, SessionEvent
from deeptone_tui.session.interfaces import AudioReader, next_step
from deeptone_tui.session.retry import HEALTHY_AFTER_S
from deeptone_tui.session.stream_connection import StreamEnd

CONNECTIONS_PER_STUCK_AUDIO = 3
"""Connections that the endpoint ends over the same audio before that is passed over."""
SHORTEST_STUCK_TIME_S = 30.0
"""Seconds from the first of them on: an endpoint that is in trouble itself ends many in a row. The
buffer holds more."""
CONNECTIONS_WITHOUT_RESULTS = 2
"""Connections that end well and bring none of the last results before those are given up."""
NO_LONGER_BUFFERED = "the buffer did not keep it for another connection"


class DeliveryProgress:
    """Where the next connection begins, and what is given up.

    Args:
        reader: the audio.
        report: told of what is given up.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        reader: AudioReader,
        report: Callable[[SessionEvent], None],
        clock: Callable[[], float],
    ) -> None:
        self._reader = reader
        self._report = report
        self._clock = clock
        self._stuck = 0
        self._stuck_since = 0.0
        self._stuck_before = 0  # an absolute sample: all of them were sent what is before
        self._fruitless = 0
        self._sent = 0  # by the last connection
        self._settled = 0  # the audio before is answered or given up
        self.passed_over = 0
        """Absolute sample: what is before it must not be sent again, not even to be heard ahead."""

    @property
    def reached(self) -> int:
        """Absolute sample: what is before it was sent or settled."""
        return max(self._settled, self._sent)

    @property
    def owes_the_end(self) -> bool:
        """Whether the source has ended in a period that was not judged for lack of audio."""
        owed = self._sent - self._settled >= STEP_SAMPLES
        return owed and self._reader.ended(self._sent)

    def resume_at(self) -> int:
        """Where a connection begins: at a step that is there, after what is settled."""
        start = next_step(self._reader.available(next_step(self._settled)))
        self.give_up(start)
        return start

    def settle(self, index: int) -> None:
        """Everything before a sample is answered or given up."""
        self._settled = max(self._settled, index)
        self._reader.settle(self._settled)

    def give_up(self, end: int, reason: str = NO_LONGER_BUFFERED) -> None:
        """What is not answered up to a sample never will be."""
        if end > self._settled:
            self._report(AudioAbandoned(self._settled, end, reason))
            self.settle(end)

    def conclude(self, ended: StreamEnd, *, replaced: bool) -> None:
        """Decide where the next connection goes on, and what is lost by that.

        Args:
            ended: the connection before.
            replaced: another connection comes next that may answer what this one did not.
        """
        placement, failure = ended.placement, ended.failure
        self.settle(placement.answered)
        self._sent = placement.sent
        # Without all its audio, it ended because nothing was being asked: the rest comes again.
        if failure is None and not replaced and placement.complete:
            self.give_up(placement.due, UNANSWERED)
        if (end := self._stuck_on(ended)) is not None:
            reason = f"{self._stuck} connections ended over it: {failure.words if failure else ''}"
            self._stuck, self.passed_over = 0, end
            self.give_up(end, reason)

    def note_unanswered(self, ended: StreamEnd) -> bool:
        """Count what a connection left unanswered; whether another is to be asked for that.

        A line that stood still, or an endpoint that was stopped, may have kept results back.
        """
        if ended.placement.progressed or (ended.failure is None and not ended.unanswered):
            self._fruitless = 0
            return ended.unanswered
        if not ended.unanswered:
            return False
        self._fruitless = (self._fruitless + 1) % CONNECTIONS_WITHOUT_RESULTS
        return self._fruitless > 0

    def forget_failures(self) -> None:
        """Another endpoint comes: what went wrong with the one before says nothing of it."""
        self._stuck = self._fruitless = 0

    def _stuck_on(self, ended: StreamEnd) -> int | None:
        """The end of the audio over which the endpoint ends every connection; None if it does not.

        Only what all of them were sent can be the reason. One that had time to answer and was sent
        all there is counts whoever ended it: what comes after the piece of audio waits for that.
        """
        placement, failure = ended.placement, ended.failure
        if failure is None or placement.progressed:
            self._stuck = 0
            return None
        judged = failure.by_endpoint and not failure.passing and placement.sent > placement.wanted
        if judged or (placement.complete and ended.seconds >= HEALTHY_AFTER_S):
            now = self._clock()
            if not self._stuck:
                self._stuck_since, self._stuck_before = now, placement.due
            self._stuck += 1
            self._stuck_before = min(self._stuck_before, placement.due)
            if (
                self._stuck >= CONNECTIONS_PER_STUCK_AUDIO
                and now - self._stuck_since >= SHORTEST_STUCK_TIME_S
            ):
                return self._stuck_before
        return None
