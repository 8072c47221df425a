"""Pacing of stored audio by the clock."""

from collections.abc import Awaitable, Callable

from deeptone_tui.audio.resample import RATE_HZ

Clock = Callable[[], float]
"""Monotonic clock in seconds, such as ``time.monotonic``."""

Sleep = Callable[[float], Awaitable[None]]
"""Waits for a number of seconds, such as ``asyncio.sleep``."""

_LATEST_S = 10.0
"""Seconds behind the deadline from which lost time is not made up: as much as a microphone's queue
holds. Beyond it, the consumer was stopped rather than late."""


class Pacer:
    """Deadlines ``t0 + n / 16000`` for the n-th sample, so that errors never accumulate.

    A block is due when its last sample would have been captured. A consumer that was late finds the
    next deadlines in the past and catches up at once.
    """

    def __init__(
        self, clock: Clock, sleep: Sleep, *, speed: float = 1.0, head_start: float = 0.0
    ) -> None:
        """Set the pace; the first block starts the clock.

        Args:
            clock: Clock to read.
            sleep: Sleep function to await.
            speed: Seconds of audio per second; slightly more than 1 works off any backlog.
            head_start: Seconds of audio that may run ahead of the clock.
        """
        self._clock = clock
        self._sleep = sleep
        self._rate = RATE_HZ * speed
        self._head_start = head_start
        self._due: float | None = None

    def restart(self) -> None:
        """Count from now, as after a pause or a seek."""
        self._due = None

    async def wait(self, samples: int) -> None:
        """Wait until the next block of ``samples`` samples at 16 kHz is due."""
        now = self._clock()
        if self._due is None or now - self._due > _LATEST_S:
            self._due = now - self._head_start
        self._due += samples / self._rate
        if self._due > now:
            await self._sleep(self._due - now)
