"""How far a stream is ahead of real time.

After the "virtual clock" of L. Zhang (SIGCOMM 1990): a stream books the length of each piece of
audio on a clock of its own. That clock falls behind the real one by little, so that a stream that
was held up may catch up, but a long rest earns nothing.
"""

import math
from collections.abc import Callable

ALLOWANCE_S = 0.5
"""Seconds ahead that still count as real time: what a network's jitter does to a microphone."""
CREDIT_S = 2.0
"""Seconds that a stream may be behind real time and make up for at once."""
PROBATION_S = 0.5
"""Seconds of audio in time before others make way for a stream: a file is ahead of real time long
before that, and would make way for itself."""
RESTS = 8
"""Times in a row that a stream which pressed must have had nothing to read: half a second, for a
microphone."""


class VirtualClock:
    """The clock of one stream.

    Args:
        clock: seconds, from anywhere.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._stamp = clock()
        self._began = self._last = -math.inf

    @property
    def seconds(self) -> float:
        """How far ahead it is; 0 when it keeps to real time."""
        return max(0.0, self._stamp - self._clock())

    @property
    def in_time(self) -> bool:
        """Whether it goes before those that want more than real time."""
        return self.seconds <= ALLOWANCE_S

    @property
    def steady(self) -> bool:
        """Whether it has shown that it keeps to real time, since its last rest."""
        now = self._clock()
        return self.in_time and now - self._last <= CREDIT_S and now - self._began >= PROBATION_S

    def book(self, seconds: float) -> None:
        """Note a piece of audio of that length."""
        now = self._clock()
        if now - self._last > CREDIT_S:
            self._began = now
        self._last = now
        self._stamp = max(self._stamp, now - CREDIT_S) + seconds


class OverloadDetector:
    """Whether a stream has shown that it wants more than real time.

    It was ahead, and more was waiting. When the machine cannot give all of those more than real
    time, none of them is ahead any more; without this memory they would count as microphones
    then, and the real ones would share the lack with them.
    """

    def __init__(self) -> None:
        self.felt = False
        self._rests = 0

    def note(self, *, ahead: bool, waiting: bool) -> None:
        """Note how the stream was when its next message was wanted.

        Args:
            ahead: of real time.
            waiting: with bytes to read already.
        """
        if waiting:
            self._rests = 0
            self.felt = self.felt or ahead
        elif self.felt:
            self._rests += 1
            self.felt = self._rests < RESTS
