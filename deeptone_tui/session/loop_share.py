"""How much of the event loop an endpoint may take by what it says."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

GRAIN_S: Final = 0.005
"""Seconds of work on messages that may be done at once."""


class LoopShare:
    """Keeps messages from taking more than half of the loop, however fast they come.

    A message that is there is read without giving the loop away, so that an endpoint that goes on
    and on would have it for itself. What is not read yet waits at its sender.

    Args:
        clock: seconds of work; those of the thread, whatever else the machine does.
        sleep: gives the loop away for some seconds.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.thread_time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._begun: float | None = None
        self._spent_s = 0.0

    def begin(self) -> None:
        """Note that a message was taken, and that the work on it begins."""
        self._begun = self._clock()

    async def end(self) -> None:
        """Note that the work is done, and leave the loop to others for as long, if it was much."""
        if self._begun is not None:
            self._spent_s += self._clock() - self._begun
            self._begun = None
        if self._spent_s > GRAIN_S:
            pause_s, self._spent_s = self._spent_s, 0.0
            await self._sleep(pause_s)
