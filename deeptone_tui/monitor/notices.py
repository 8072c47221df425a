"""Notices of recent events: the newest few, with a rate limit for those the endpoint causes."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from deeptone_tui.monitor.state import Notice

KEPT = 20
BURST = 5
"""Notices of one kind allowed at once if the endpoint is the cause."""
REFILL_S = 10.0
"""Seconds after which one more is allowed."""


class NoticeKind(StrEnum):
    """Kinds of notices that an endpoint can cause, each with its own rate limit."""

    SAID = "said"
    CONNECTION = "connection"


@dataclass(slots=True)
class _TokenBucket:
    """Rate limiter: holds at most `BURST` tokens and gains one per `REFILL_S`."""

    refilled_at: float
    tokens: float = BURST

    def take(self, now: float) -> bool:
        """Take a token; return True if there was one."""
        self.tokens = min(BURST, self.tokens + (now - self.refilled_at) / REFILL_S)
        self.refilled_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Notices:
    """Notices of the newest events.

    Args:
        clock: monotonic time in seconds.
        on_notice: called with each notice that is shown.
    """

    def __init__(self, clock: Callable[[], float], on_notice: Callable[[str], None]) -> None:
        self._clock = clock
        self._on_notice = on_notice
        self._told = 0
        self._newest: deque[Notice] = deque(maxlen=KEPT)
        self._limits = {kind: _TokenBucket(clock()) for kind in NoticeKind}
        self._summed_up = clock()
        self._unsaid = 0
        self.left_out = 0
        """Number of notices caused by the endpoint that were only counted."""

    @property
    def newest(self) -> tuple[Notice, ...]:
        """Newest notices, oldest first."""
        return tuple(self._newest)

    def tell(self, words: str, *, answer: bool = False) -> None:
        """Add a notice, merging it with the newest one if one repeats the other.

        A repetition of the newest notice is skipped; a notice that contains the newest replaces it.

        Args:
            words: the event.
            answer: True if the user waits for it, so that a repetition is not skipped.
        """
        if self._newest:
            newest = self._newest[-1].words
            if not answer and (newest == words or newest.endswith(f": {words}")):
                return
            if newest in words:
                self._newest.pop()
        self._told += 1
        self._newest.append(Notice(self._told, words, answer))
        self._on_notice(words)

    def tell_of_endpoint(self, kind: NoticeKind, words: str) -> bool:
        """Add a notice caused by the endpoint, or only count it beyond the rate limit.

        Returns:
            True if it was shown.
        """
        if self._limits[kind].take(self._clock()):
            self.tell(words)
            return True
        self._unsaid += 1
        self.left_out += 1
        return False

    def look(self) -> bool:
        """Call `sum_up` if the last one is `REFILL_S` ago; return True if it had any."""
        return self._clock() - self._summed_up >= REFILL_S and self.sum_up()

    def sum_up(self) -> bool:
        """Show how many notices were only counted since the last time; return True if any."""
        self._summed_up = self._clock()
        unsaid, self._unsaid = self._unsaid, 0
        if unsaid:
            self.tell(f"the endpoint gave {unsaid} more reasons for a notice, which were counted")
        return bool(unsaid)
