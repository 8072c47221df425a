"""Rate limit for sending a backlog. Pure."""

import math

from deeptone_tui.protocol import SAMPLE_RATE_HZ

CATCH_UP_RATE = 1.25
"""Multiple of real time: services refuse audio that arrives much faster (AssemblyAI closes with
4029, Deepgram recommends this figure)."""

LONGEST_LATENESS = 0.25
"""Seconds of late wake-up that are compensated: else a busy machine would never catch up."""


class RateLimiter:
    """Rate limiter for a backlog of audio.

    Audio sent as it is captured is slower than any rate above 1, and is not delayed.

    Args:
        rate: Multiple of real time; infinite means no limit.
        head_start: Samples that may be sent at once, such as the models' lead-in audio.
    """

    def __init__(self, rate: float = math.inf, *, head_start: int = 0) -> None:
        self._rate = rate
        self._head_start = head_start
        self._due = -math.inf

    @property
    def limited(self) -> bool:
        """True if the rate is finite."""
        return math.isfinite(self._rate)

    def wait(self, samples: int, now: float) -> float:
        """Return the seconds to wait after sending some samples.

        Args:
            samples: Number of samples just sent.
            now: Monotonic time in seconds.
        """
        free = min(samples, self._head_start)
        self._head_start -= free
        if now - self._due > LONGEST_LATENESS:
            self._due = now
        self._due += (samples - free) / (self._rate * SAMPLE_RATE_HZ)
        return max(0.0, self._due - now)
