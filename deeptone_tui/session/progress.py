"""Delivery progress of the audio across all connections."""

import asyncio
from collections.abc import Callable

from deeptone_tui.protocol import STEP_SAMPLES
from deeptone_tui.session.events import (
    UNANSWERED,
    AudioAbandoned,
    AudioAwaited,
    AudioFinished,
    SessionEvent,
)
from deeptone_tui.session.interfaces import AudioReader, next_step
from deeptone_tui.session.stream_connection import StreamEnd
from deeptone_tui.session.timing import HEALTHY_AFTER_S

CONNECTIONS_PER_STUCK_AUDIO = 3
"""Connections that the endpoint ends over the same audio before that audio is skipped."""
SHORTEST_STUCK_TIME_S = 30.0
"""Minimum seconds since the first of them: an endpoint that is itself in trouble ends many in a
row. The buffer holds more."""
CONNECTIONS_WITHOUT_RESULTS = 2
"""Connections that end normally without the last results before those are given up."""
NO_LONGER_BUFFERED = "the buffer did not keep it for another connection"


class DeliveryProgress:
    """Tracker of settled audio: start of the next connection, and audio that is given up.

    Audio is settled once it is answered or given up.

    Args:
        reader: The audio.
        report: Receives an event for audio that is given up, and for the lack of any.
        clock: Returns monotonic time in seconds.
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
        self._stuck_before = 0  # absolute sample: the audio before was sent to all of them
        self._fruitless = 0
        self._sent = 0  # absolute sample after the last one sent by the last connection
        self._settled = 0  # absolute sample: the audio before is answered or given up
        self.passed_over = 0
        """Absolute sample before which no audio may be sent again, not even as lead-in."""

    async def more_to_send(self) -> None:
        """Wait until there is audio to send, and report meanwhile that there is none."""
        while not self._owes_the_end:
            reached = max(self._settled, self._sent)
            more = asyncio.ensure_future(self._reader.more(reached))
            try:
                await asyncio.sleep(0)
                if not more.done():
                    ended = self._reader.ended(reached)
                    self._report(AudioFinished() if ended else AudioAwaited())
                if await more:
                    return
            finally:
                more.cancel()

    @property
    def _owes_the_end(self) -> bool:
        """True if the source has ended and at least a step of the sent audio is not settled."""
        owed = self._sent - self._settled >= STEP_SAMPLES
        return owed and self._reader.ended(self._sent)

    def resume_at(self) -> int:
        """Return the first available step after the settled audio; give up what is before it."""
        start = next_step(self._reader.available(next_step(self._settled)))
        self.give_up(start)
        return start

    def settle(self, index: int) -> None:
        """Mark everything before a sample as answered or given up."""
        self._settled = max(self._settled, index)
        self._reader.settle(self._settled)

    def give_up(self, end: int, reason: str = NO_LONGER_BUFFERED) -> None:
        """Report unanswered audio before a sample as abandoned, and settle it."""
        if end > self._settled:
            self._report(AudioAbandoned(self._settled, end, reason))
            self.settle(end)

    def conclude(self, ended: StreamEnd, *, replaced: bool) -> None:
        """Settle an ended connection's audio, and give up what no connection will answer.

        Args:
            ended: The connection that ended.
            replaced: True if another connection follows that may answer what this one did not.
        """
        timeline, failure = ended.timeline, ended.failure
        self.settle(timeline.answered)
        self._sent = timeline.sent
        # If not all audio was sent, the connection ended while idle: the rest is sent again.
        if failure is None and not replaced and timeline.complete:
            self.give_up(timeline.due, UNANSWERED)
        if (end := self._stuck_on(ended)) is not None:
            reason = f"{self._stuck} connections ended over it: {failure.words if failure else ''}"
            self._stuck, self.passed_over = 0, end
            self.give_up(end, reason)

    def note_unanswered(self, ended: StreamEnd) -> bool:
        """Count a connection without results; return True if the missing ones are worth a retry.

        A stalled network or an endpoint that was stopped may have withheld results.
        """
        if ended.timeline.progressed or (ended.failure is None and not ended.unanswered):
            self._fruitless = 0
            return ended.unanswered
        if not ended.unanswered:
            return False
        self._fruitless = (self._fruitless + 1) % CONNECTIONS_WITHOUT_RESULTS
        return self._fruitless > 0

    def forget_failures(self) -> None:
        """Reset the failure counts for another endpoint, to which earlier failures do not apply."""
        self._stuck = self._fruitless = 0

    def _stuck_on(self, ended: StreamEnd) -> int | None:
        """Return the end of the audio over which the endpoint ends every connection, or None.

        Only audio that all of these connections were sent can be the cause. A connection that had
        time to answer and was sent all its audio counts whichever side ended it, because the
        audio after its piece has to wait.
        """
        timeline, failure = ended.timeline, ended.failure
        if failure is None or timeline.progressed:
            self._stuck = 0
            return None
        judged = failure.by_endpoint and not failure.passing and timeline.sent > timeline.wanted
        if judged or (timeline.complete and ended.seconds >= HEALTHY_AFTER_S):
            now = self._clock()
            if not self._stuck:
                self._stuck_since, self._stuck_before = now, timeline.due
            self._stuck += 1
            self._stuck_before = min(self._stuck_before, timeline.due)
            if (
                self._stuck >= CONNECTIONS_PER_STUCK_AUDIO
                and now - self._stuck_since >= SHORTEST_STUCK_TIME_S
            ):
                return self._stuck_before
        return None
