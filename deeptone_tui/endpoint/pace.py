"""How far a stream is ahead of real time.

After the "virtual clock" of L. Zhang (SIGCOMM 1990): a stream books the length of each piece of
audio on a clock of its own. That clock falls behind the real one by little, so that a stream that
was held up may catch up, but a long rest earns nothing.
"""

from collections.abc import Callable

ALLOWANCE = 0.5
"""Seconds ahead that still count as real time: what a network's jitter does to a microphone."""
CREDIT = 2.0
"""Seconds that a stream may be behind real time and make up for at once."""


class Lead:
    """The clock of one stream.

    Args:
        clock: seconds, from anywhere.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._stamp = clock()

    @property
    def seconds(self) -> float:
        """How far ahead it is; 0 when it keeps to real time."""
        return max(0.0, self._stamp - self._clock())

    @property
    def in_time(self) -> bool:
        """Whether it goes before those that want more than real time."""
        return self.seconds <= ALLOWANCE

    def book(self, seconds: float) -> None:
        """Note a piece of audio of that length."""
        self._stamp = max(self._stamp, self._clock() - CREDIT) + seconds
