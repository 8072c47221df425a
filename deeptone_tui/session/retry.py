"""When to try again: delays with jitter, Retry-After, and the clock that both are given."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

from deeptone_tui.session.failures import Failure
from deeptone_tui.session.target import TargetProvider

_EARLY_S: Final = 0.05
"""Seconds; timers are no finer."""

NO_RESULTS_TIMEOUT_S = 20.0
"""Seconds without a result that is due, while audio goes out, after which an endpoint counts as
dead though its connection lives."""
FIRST_DELAY = 0.25
LONGEST_DELAY = 10.0
HEALTHY_AFTER_S = 5.0
"""Seconds after which a connection has proved itself and the delays begin anew."""


class RetryAfterGate:
    """What is wanted of an endpoint may change meanwhile: it is left alone all the same.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: list[tuple[TargetProvider, Failure, float]] = []

    def note(self, provider: TargetProvider, failure: Failure) -> None:
        """An attempt has failed, and perhaps the endpoint said when to come again."""
        if not failure.retry_after:
            return  # what it said before stands
        now = self._clock()
        self._failures = [each for each in self._failures if each[0] != provider and each[2] > now]
        self._failures.append((provider, failure, now + failure.retry_after))

    def left(self, provider: TargetProvider) -> tuple[Failure, float] | None:
        """What it said, and how many seconds are left; None when it may be asked."""
        for each, failure, until in self._failures:
            left = until - self._clock()
            if each == provider and left > _EARLY_S:
                return failure, left
        return None


def full_jitter(
    random: Callable[[], float], *, first: float = FIRST_DELAY, longest: float = LONGEST_DELAY
) -> Iterator[float]:
    """Delays in seconds, without end: each anywhere between 0 and a ceiling that doubles.

    Full jitter, so that the clients of an endpoint that restarts do not come back together
    (Brooker, "Exponential Backoff and Jitter", AWS 2015).

    Args:
        random: gives a number in [0, 1).
        first: the first ceiling in seconds.
        longest: the ceiling of the ceilings in seconds.
    """
    ceiling = first
    while True:
        yield random() * ceiling
        ceiling = min(longest, 2 * ceiling)


@dataclass(frozen=True, slots=True)
class Timing:
    """A clock, a way to wait, and chance."""

    clock: Callable[[], float] = time.monotonic
    """Seconds that only grow."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random
    """A number in [0, 1)."""

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait for an event, no longer than some seconds; whether it came."""
        if event.is_set():
            return True
        tasks = (
            asyncio.ensure_future(event.wait()),
            asyncio.ensure_future(self.sleep(seconds)),
        )
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
        return event.is_set()
