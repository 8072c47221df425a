"""Timing of a session: its clock, backoff with jitter, Retry-After, and the rate of a backlog."""

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from deeptone_tui.protocol import SAMPLE_RATE_HZ
from deeptone_tui.session.failures import Failure
from deeptone_tui.session.target import TargetProvider

_EARLY_S: Final = 0.05
"""Seconds; timers are not more precise, so a shorter remainder counts as over."""

NO_RESULTS_TIMEOUT_S = 20.0
"""Seconds without a due result, while audio is sent, after which an endpoint counts as dead
although its connection is open."""
FIRST_DELAY_S = 0.25
LONGEST_DELAY_S = 10.0
HEALTHY_AFTER_S = 5.0
"""Seconds after which a connection counts as healthy and the backoff starts again."""
CATCH_UP_RATE = 1.25
"""Multiple of real time: services refuse audio that arrives much faster (AssemblyAI closes with
4029, Deepgram recommends this figure)."""
LONGEST_LATENESS_S = 0.25
"""Seconds of late wake-up that are compensated: else a busy machine would never catch up."""

T = TypeVar("T")


class RetryAfterGate:
    """Gate that enforces Retry-After per endpoint, even if the requested parameters change.

    Args:
        clock: Returns monotonic time in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: dict[TargetProvider, tuple[Failure, float]] = {}

    def note(self, provider: TargetProvider, failure: Failure) -> None:
        """Record a failed attempt, with its Retry-After if the endpoint sent one."""
        if failure.retry_after:  # an earlier Retry-After stays in force otherwise
            self._failures[provider] = failure, self._clock() + failure.retry_after

    def left(self, provider: TargetProvider) -> tuple[Failure, float] | None:
        """Return the failure and the seconds left to wait; None if the endpoint may be called."""
        if provider in self._failures:
            failure, until = self._failures[provider]
            if (left := until - self._clock()) > _EARLY_S:
                return failure, left
            del self._failures[provider]
        return None


def full_jitter(random: Callable[[], float]) -> Iterator[float]:
    """Yield backoff delays in seconds without end, each between 0 and a ceiling that doubles.

    Full jitter, so that the clients of an endpoint that restarts do not reconnect together
    (Brooker, "Exponential Backoff and Jitter", AWS 2015).

    Args:
        random: Returns a number in [0, 1).
    """
    ceiling = FIRST_DELAY_S
    while True:
        yield random() * ceiling
        ceiling = min(LONGEST_DELAY_S, 2 * ceiling)


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
        if not event.is_set():
            await first_of(event.wait(), self.sleep(seconds))
        return event.is_set()


async def first_of(*waits: Awaitable[object]) -> None:
    """Wait until one of several has ended, and cancel the coroutines among them; futures go on.

    Raises:
        Exception: Raised by a coroutine that has ended.
    """
    tasks = [asyncio.ensure_future(each) for each in waits]
    own = [task for task, each in zip(tasks, waits, strict=True) if task is not each]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in own:
            task.cancel()
    for task in own:
        if task.done():
            task.result()


async def result_unless(waited: Coroutine[Any, Any, T], *others: Awaitable[object]) -> T | None:
    """Return the result of a coroutine, or cancel it and return None if another wait ends first."""
    task = asyncio.ensure_future(waited)
    try:
        await first_of(task, *others)
        return task.result() if task.done() else None
    finally:
        task.cancel()
        # Also if it is done: a caller cancelled at that moment does not retrieve its exception.
        await asyncio.gather(task, return_exceptions=True)


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
        if now - self._due > LONGEST_LATENESS_S:
            self._due = now
        self._due += (samples - free) / (self._rate * SAMPLE_RATE_HZ)
        return max(0.0, self._due - now)
