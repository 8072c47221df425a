"""Retry timing: backoff with jitter, Retry-After, and the clock that both use."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

from deeptone_tui.session.failures import Failure
from deeptone_tui.session.target import TargetProvider

_EARLY_S: Final = 0.05
"""Seconds; timers are not more precise, so a shorter remainder counts as over."""

NO_RESULTS_TIMEOUT_S = 20.0
"""Seconds without a due result, while audio is sent, after which an endpoint counts as dead
although its connection is open."""
FIRST_DELAY = 0.25
LONGEST_DELAY = 10.0
HEALTHY_AFTER_S = 5.0
"""Seconds after which a connection counts as healthy and the backoff starts again."""


class RetryAfterGate:
    """Gate that enforces Retry-After per endpoint, even if the requested parameters change.

    Args:
        clock: Returns monotonic time in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: list[tuple[TargetProvider, Failure, float]] = []

    def note(self, provider: TargetProvider, failure: Failure) -> None:
        """Record a failed attempt, with its Retry-After if the endpoint sent one."""
        if not failure.retry_after:
            return  # an earlier Retry-After stays in force
        now = self._clock()
        self._failures = [each for each in self._failures if each[0] != provider and each[2] > now]
        self._failures.append((provider, failure, now + failure.retry_after))

    def left(self, provider: TargetProvider) -> tuple[Failure, float] | None:
        """Return the failure and the seconds left to wait; None if the endpoint may be called."""
        for each, failure, until in self._failures:
            left = until - self._clock()
            if each == provider and left > _EARLY_S:
                return failure, left
        return None


def full_jitter(
    random: Callable[[], float], *, first: float = FIRST_DELAY, longest: float = LONGEST_DELAY
) -> Iterator[float]:
    """Yield backoff delays in seconds without end, each between 0 and a ceiling that doubles.

    Full jitter, so that the clients of an endpoint that restarts do not reconnect together
    (Brooker, "Exponential Backoff and Jitter", AWS 2015).

    Args:
        random: Returns a number in [0, 1).
        first: First ceiling in seconds.
        longest: Upper bound of the ceiling in seconds.
    """
    ceiling = first
    while True:
        yield random() * ceiling
        ceiling = min(longest, 2 * ceiling)


@dataclass(frozen=True, slots=True)
class Timing:
    """Clock, sleep function and random source."""

    clock: Callable[[], float] = time.monotonic
    """Returns monotonic time in seconds."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random
    """Returns a number in [0, 1)."""

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait for an event with a timeout in seconds; return True if it is set."""
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
