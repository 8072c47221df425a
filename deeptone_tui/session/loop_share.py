"""How much of the event loop an endpoint may take by what it says."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

GRAIN_S: Final = 0.005
"""Seconds of work on messages that may be done at once."""
BURST_S: Final = 0.1
"""Seconds of it before the loop is left to others for as long: results that come together, as
after a pause of the endpoint, are not held up."""


class LoopShare:
    """Keeps messages from taking more than half of the loop, however fast they come.

    A message that is there is read without giving the loop away, so that an endpoint that goes on
    and on would have it for itself. What is not read yet waits at its sender.

    Args:
        work: seconds of work; those of the thread, whatever else the machine does.
        clock: seconds that only grow.
        sleep: gives the loop away for some seconds.
    """

    def __init__(
        self,
        work: Callable[[], float] = time.thread_time,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._work = work
        self._clock = clock
        self._sleep = sleep
        self._begun: float | None = None
        self._spent_s = 0.0
        self._looked = clock()
        self._owed_s = 0.0

    def begin(self) -> None:
        """Note that a message was taken, and that the work on it begins."""
        self._begun = self._work()

    async def end(self) -> None:
        """Note that the work is done, and leave the loop to others for as long, if it was much."""
        if self._begun is not None:
            self._spent_s += self._work() - self._begun
            self._begun = None
        if self._spent_s > GRAIN_S:
            now = self._clock()
            left_s = now - self._looked - self._spent_s  # to others, or to nobody
            self._owed_s = max(0.0, self._owed_s - max(0.0, left_s)) + self._spent_s
            self._looked, self._spent_s = now, 0.0
            await self._sleep(self._owed_s if self._owed_s > BURST_S else 0.0)
