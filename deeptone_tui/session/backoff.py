"""How long to wait before the next attempt."""

from collections.abc import Callable, Iterator

FIRST_DELAY = 0.25
LONGEST_DELAY = 10.0
HEALTHY_AFTER = 5.0
"""Seconds after which a connection has proved itself and the delays begin anew."""


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
