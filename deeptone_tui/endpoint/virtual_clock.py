"""Virtual clock of a stream and detection of streams that demand more than real time.

After the "virtual clock" of L. Zhang (SIGCOMM 1990): a stream books the length of each piece of
audio on its own clock. That clock lags the real one by a bounded amount, so that a delayed stream
may catch up, but a long pause earns no further credit.
"""

import math
from collections.abc import Callable

ALLOWANCE_S = 0.5
"""Lead, in seconds, that still counts as real time: network jitter of a microphone stream."""
CREDIT_S = 2.0
"""Lag, in seconds, that a stream may make up for at once."""
PROBATION_S = 0.5
"""Seconds a stream must keep to real time before other streams yield to it. A file gets ahead of
real time long before that, and would otherwise yield to its own first audio."""
RESTS = 8
"""Consecutive reads with nothing waiting after which a stream counts as real time again: half a
second for a microphone."""


class VirtualClock:
    """Virtual clock of one stream.

    Args:
        clock: returns seconds from an arbitrary origin.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._stamp = clock()
        self._began = self._last = -math.inf

    @property
    def seconds(self) -> float:
        """Lead over real time in seconds, at least 0."""
        return max(0.0, self._stamp - self._clock())

    @property
    def in_time(self) -> bool:
        """True if the stream takes precedence over those that demand more than real time."""
        return self.seconds <= ALLOWANCE_S

    @property
    def steady(self) -> bool:
        """True if the stream has kept to real time for `PROBATION_S` since its last pause."""
        now = self._clock()
        return self.in_time and now - self._last <= CREDIT_S and now - self._began >= PROBATION_S

    def book(self, seconds: float) -> None:
        """Book a piece of audio of that length."""
        now = self._clock()
        if now - self._last > CREDIT_S:
            self._began = now
        self._last = now
        self._stamp = max(self._stamp, now - CREDIT_S) + seconds


class OverloadDetector:
    """Detector of a stream that demands more than real time.

    Such a stream was ahead while more bytes were waiting. When the machine cannot serve all such
    streams faster than real time, none of them is ahead any more; without this memory they would
    then count as microphones and compete with the real ones for the scarce time.
    """

    def __init__(self) -> None:
        self.backlogged = False
        """True for such a stream."""
        self._rests = 0

    def note(self, *, ahead: bool, waiting: bool) -> None:
        """Record the state of the stream when its next message is read.

        Args:
            ahead: True if it is ahead of real time.
            waiting: True if it already has bytes to read.
        """
        if waiting:
            self._rests = 0
            self.backlogged = self.backlogged or ahead
        elif self.backlogged:
            self._rests += 1
            self.backlogged = self._rests < RESTS
