"""What has happened, in words: the newest few, and no more of the endpoint than can be read."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from deeptone_tui.monitor.state import Notice

KEPT = 20
BURST = 5
"""Notices of a kind that may come at once, where the endpoint is the reason."""
REFILL_S = 10.0
"""Seconds after which there may be another one."""


class NoticeKind(StrEnum):
    """What an endpoint may be the reason for, each with a rate limit of its own."""

    SAID = "said"
    CONNECTION = "connection"


@dataclass(slots=True)
class _TokenBucket:
    """A rate limiter."""

    refilled_at: float
    tokens: float = BURST

    def take(self, now: float) -> bool:
        """Take a token, if there is one."""
        self.tokens = min(BURST, self.tokens + (now - self.refilled_at) / REFILL_S)
        self.refilled_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Notices:
    """The last events in words.

    Args:
        clock: seconds that only grow.
        on_notice: gets each, when it is told.
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
        """Notices for which the endpoint was the reason, and which were only counted."""

    @property
    def newest(self) -> tuple[Notice, ...]:
        """The last ones, oldest first."""
        return tuple(self._newest)

    def tell(self, words: str, *, answer: bool = False) -> None:
        """Add an event; what the newest says already, or says again with more, stands once.

        Args:
            words: what has happened.
            answer: somebody waits for it, so that it is news though it was said before.
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
        """Add an event that the endpoint is the reason for, unless it has been that too often.

        Returns:
            Whether it was told.
        """
        if self._limits[kind].take(self._clock()):
            self.tell(words)
            return True
        self._unsaid += 1
        self.left_out += 1
        return False

    def look(self) -> bool:
        """Tell now and then how much was only counted; whether there was anything."""
        return self._clock() - self._summed_up >= REFILL_S and self.sum_up()

    def sum_up(self) -> bool:
        """Tell how much was only counted since the last time; whether there was anything."""
        self._summed_up = self._clock()
        unsaid, self._unsaid = self._unsaid, 0
        if unsaid:
            self.tell(f"the endpoint gave {unsaid} more reasons for a notice, which were counted")
        return bool(unsaid)
