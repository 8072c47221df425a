"""Options of the web server."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """Address to listen on, and the monitor to start for each browser."""

    host: str = "127.0.0.1"
    port: int = 8000
    """TCP port; 0 selects a free one."""
    arguments: tuple[str, ...] = ()
    """Arguments of the monitor; never a key, as others can read them in the list of processes."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Variables added to the environment of the monitor; the key is passed here."""
    sessions: int = 4
    """Maximum of concurrent monitors; each is a process with its own endpoint."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(TOKEN_BYTES), repr=False)
    """Secret part of the address; it grants access to the monitor."""
