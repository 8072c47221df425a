"""How fast a backlog may be sent. Pure."""

import math

from deeptone_tui.protocol import SAMPLE_RATE_HZ

CATCH_UP_RATE = 1.25
"""Times real time: services refuse audio that comes much faster (AssemblyAI closes with 4029,
Deepgram's advice is this figure)."""

LONGEST_LATENESS = 0.25
"""Seconds that waking up late is made up for: a busy machine would never catch up otherwise."""


class RateLimiter:
    """Holds back what is sent, so that a backlog goes out at no more than a rate.

    Audio that comes as it is captured is slower than any rate above 1, and is not held back.

    Args:
        rate: times real time; infinite holds nothing back.
        head_start: samples that may go out at once, such as what is sent for the models to hear.
    """

    def __init__(self, rate: float = math.inf, *, head_start: int = 0) -> None:
        self._rate = rate
        self._head_start = head_start
        self._due = -math.inf

    @property
    def limited(self) -> bool:
        """Whether anything is ever held back."""
        return math.isfinite(self._rate)

    def wait(self, samples: int, now: float) -> float:
        """Seconds to wait after so many samples were sent.

        Args:
            samples: just sent.
            now: seconds that only grow.
        """
        free = min(samples, self._head_start)
        self._head_start -= free
        if now - self._due > LONGEST_LATENESS:
            self._due = now
        self._due += (samples - free) / (self._rate * SAMPLE_RATE_HZ)
        return max(0.0, self._due - now)
