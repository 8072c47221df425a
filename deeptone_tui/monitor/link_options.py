"""How the monitor bears bad links."""

from dataclasses import dataclass

BUFFER = 60.0
"""Seconds of audio that are kept by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOptions:
    """What is kept while nothing can be sent, and how fast it goes out afterwards."""

    buffer: float = BUFFER
    """Seconds of audio kept for sending again; 32 kB each."""
    catch_up: float | None = None
    """Times real time at which a backlog is sent. None is 1.25, and no limit for the local
    endpoint, which takes what it can."""
