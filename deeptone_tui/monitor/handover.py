"""Results on their way to whoever shows or writes them."""

import threading
from collections import deque

from deeptone_tui.monitor.state import Entry

BOUND = 5000
"""Results that wait at most."""


class HandOver:
    """A bounded list between two threads: when it is full, the oldest goes, and is counted."""

    def __init__(self, bound: int = BOUND) -> None:
        self._waiting: deque[Entry] = deque(maxlen=bound)
        self._lock = threading.Lock()
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Results that nobody took in time."""
        return self._dropped

    def put(self, entry: Entry) -> None:
        """Add the newest."""
        with self._lock:
            self._dropped += len(self._waiting) == self._waiting.maxlen
            self._waiting.append(entry)

    def take(self) -> list[Entry]:
        """Everything that waits, oldest first."""
        with self._lock:
            taken = list(self._waiting)
            self._waiting.clear()
        return taken
