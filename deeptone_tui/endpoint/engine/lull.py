"""When streams in real time come, and where there is room between them. Pure.

A result is late by a few milliseconds when its wake-ups wait for a processor on which a round of
others runs. A stream in real time comes at even intervals, so the others can go in between: not
while its result is on the way, and not when it is about to come again.
"""

import math

EXPECTED_FOR = 2.0
"""Seconds since one came, for which the next is expected."""
UNDER_WAY = 0.010
"""Seconds from when one comes until its result is out, and by which the next may be late."""
AHEAD_OF_NEXT = 0.030
"""Seconds before the next, from which on a round would not be over when it comes."""


class Lull:
    """The intervals between the audio of streams in real time. Times are seconds of one clock."""

    def __init__(self) -> None:
        self._came = -math.inf
        self._interval = 0.0

    def note(self, now: float) -> None:
        """Audio of a stream in real time has come."""
        self._interval, self._came = now - self._came, now

    def contended(self, now: float) -> bool:
        """Whether more is expected, for which the others leave room."""
        return now - self._came < EXPECTED_FOR

    def begins_in(self, now: float) -> float:
        """Seconds until the others disturb nobody; 0 where they do not, or always would."""
        since, room = now - self._came, self._interval - AHEAD_OF_NEXT
        if since >= self._interval + UNDER_WAY or room < 2 * UNDER_WAY:
            return 0.0
        if since < UNDER_WAY:
            return UNDER_WAY - since
        return 0.0 if since < room else self._interval + UNDER_WAY - since
