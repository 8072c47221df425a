"""Delivering stored audio at the pace of the clock."""

from collections.abc import Awaitable, Callable

from deeptone_tui.audio.resample import RATE_HZ

Clock = Callable[[], float]
"""Seconds that only grow, such as ``time.monotonic``."""

Sleep = Callable[[float], Awaitable[None]]
"""Waits for seconds, such as ``asyncio.sleep``."""

_LATEST_S = 10.0
"""Seconds behind the deadline from which time lost is not made up: as much as the queue of a
microphone holds. Beyond it, the consumer was stopped rather than late."""


class Pacer:
    """Keeps deadlines ``t0 + n / 16000`` for the n-th sample, so that errors never add up.

    A block is due when its last sample would have been captured. A consumer that was late finds
    the next deadlines in the past and catches up at once.
    """

    def __init__(
        self, clock: Clock, sleep: Sleep, *, speed: float = 1.0, head_start: float = 0.0
    ) -> None:
        """Set the pace; the first block starts the clock.

        Args:
            clock: What is read.
            sleep: What is awaited.
            speed: Audio seconds delivered in a second; a little over 1 works off any backlog.
            head_start: Seconds of audio that may be ahead of the clock.
        """
        self._clock = clock
        self._sleep = sleep
        self._rate = RATE_HZ * speed
        self._head_start = head_start
        self._due: float | None = None

    def restart(self) -> None:
        """Count from now, as after a pause or a jump."""
        self._due = None

    async def wait(self, samples: int) -> None:
        """Wait until the next block of so many samples at 16 kHz is due."""
        now = self._clock()
        if self._due is None or now - self._due > _LATEST_S:
            self._due = now - self._head_start
        self._due += samples / self._rate
        if self._due > now:
            await self._sleep(self._due - now)
