"""Results on their way to whoever shows or writes them."""

import threading
from collections import deque

from deeptone_tui.monitor.state import Entry

BOUND = 5000
"""Results that wait at most."""


class HandOver:
    """A bounded list between two threads: when it is full, the oldest goes, and is counted.

    What is put can be taken only once it is released, which is when a state is out that counts
    it: whoever takes results, and reads the state after them, finds each of them in it.
    """

    def __init__(self, bound: int = BOUND) -> None:
        self._waiting: deque[Entry] = deque(maxlen=bound)
        self._lock = threading.Lock()
        self._dropped = 0
        self._released = 0  # of those that wait, the oldest

    @property
    def dropped(self) -> int:
        """Results that nobody took in time."""
        return self._dropped

    def put(self, entry: Entry) -> None:
        """Add the newest."""
        with self._lock:
            if len(self._waiting) == self._waiting.maxlen:
                self._dropped += 1
                self._released = max(self._released - 1, 0)
            self._waiting.append(entry)

    def release(self) -> None:
        """Let everything be taken that was put: a state that counts it is out."""
        with self._lock:
            self._released = len(self._waiting)

    def take(self) -> list[Entry]:
        """Everything that was released, oldest first."""
        with self._lock:
            taken = [self._waiting.popleft() for _ in range(self._released)]
            self._released = 0
        return taken
