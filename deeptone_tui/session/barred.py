"""Endpoints that asked to be left alone (``Retry-After``), and until when."""

from collections.abc import Callable
from typing import Final

from deeptone_tui.session.failures import Failure
from deeptone_tui.session.target import TargetProvider

_EARLY: Final = 0.05
"""Seconds; timers are no finer."""


class Barred:
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
            if each == provider and left > _EARLY:
                return failure, left
        return None
