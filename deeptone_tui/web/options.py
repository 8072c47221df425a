"""What the web server is told."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """Where to listen, and which monitor to start for each browser."""

    host: str = "127.0.0.1"
    port: int = 8000
    """0 takes a free one."""
    arguments: tuple[str, ...] = ()
    """Of the monitor; never a key, as others can read them in the list of processes."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Added to that of the monitor; the key is handed over here."""
    sessions: int = 4
    """Monitors that may run at once; each is a process with an endpoint of its own."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(TOKEN_BYTES), repr=False)
    """Whoever knows the address with it may use the monitor."""
