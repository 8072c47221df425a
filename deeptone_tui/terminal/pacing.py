"""When there is room on the link for another frame.

A pseudo-terminal takes some 15 kB before it blocks, and SSH far more: whoever waits for that
shows keys seconds late on a slow link. So the terminal is asked, after some bytes, where its
cursor is; the answer says that everything before it has arrived. What is on its way is kept to
what arrives within a moment. A terminal that never answers is only held by what blocks.
"""

import math
from collections import deque
from typing import Final, NamedTuple

QUESTION: Final = "\x1b[6n"
"""Where is the cursor? Every terminal since the VT100 answers, and Textual knows the answer."""
_LEAST: Final = 1024
_MOST: Final = 1 << 18
"""Bounds of the window, in bytes."""
_QUICK: Final = 0.2
_SLOW: Final = 0.4
"""Seconds, over those of the quickest answer so far, for the window to grow or to shrink."""
_PATIENCE: Final = 10.0
"""Seconds after which an answer counts as lost, as over a reconnection."""
_UNFOCUSED_EVERY: Final = 0.5
"""Seconds between two frames that nobody looks at."""


class _Asked(NamedTuple):
    at: float
    sent: int
    """Bytes sent until then."""
    waiting: int
    """Bytes that were on their way."""


class Pace:
    """Counts what is on its way; every time is given, in seconds of one clock."""

    def __init__(self) -> None:
        self.focused = True
        """Whether the terminal has the focus, as far as it tells."""
        self._sent = self._arrived = 0
        self._window = _LEAST
        self._open: deque[_Asked] = deque()
        self._quickest = math.inf
        self._last = -math.inf

    @property
    def answers(self) -> bool:
        """Whether the terminal has ever answered."""
        return self._quickest < math.inf

    @property
    def awaits_answer(self) -> bool:
        """Whether a terminal that answers has not answered everything yet."""
        return self.answers and bool(self._open)

    @property
    def on_the_way(self) -> int:
        """Bytes that no answer has told the arrival of."""
        return self._sent - self._arrived

    def wait(self, now: float) -> float:
        """Seconds until there is room, unless an answer comes before; 0 when there is some."""
        unfocused = 0.0 if self.focused else self._last + _UNFOCUSED_EVERY - now
        return max(unfocused, self._wait_for_answer(now), 0.0)

    def _wait_for_answer(self, now: float) -> float:
        if not self.awaits_answer or self.on_the_way <= self._window // 2:
            return 0.0
        wait = self._open[0].at + _PATIENCE - now
        if wait <= 0:
            self._open.clear()
            self._arrived = self._sent
        return wait

    def send(self, size: int, now: float) -> bool:
        """Count a frame as sent.

        Args:
            size: its bytes, without a question.
            now: the time.

        Returns:
            Whether the question is to follow; it is counted too, then.
        """
        self._sent += size
        self._last = now
        if self.on_the_way <= self._window // 2:
            return False
        if not self.answers and self._open:
            return False  # it has not answered the first one
        self.ask(now)
        return True

    def ask(self, now: float) -> None:
        """Count a question as asked."""
        self._sent += len(QUESTION)
        self._open.append(_Asked(now, self._sent, self.on_the_way))

    def answer(self, now: float) -> bool:
        """Take an answer; False when there was no question."""
        if not self._open:
            return False
        asked = self._open.popleft()
        self._arrived = asked.sent
        taken = now - asked.at
        self._quickest = min(self._quickest, taken)
        over = taken - self._quickest
        if over > _SLOW:
            self._window = max(self._window // 2, _LEAST)
        elif over < _QUICK and asked.waiting > self._window // 2:
            self._window = min(self._window * 2, _MOST)
        return True
