"""Options of the server (address, key, limits), and errors of an endpoint that cannot start."""

import math
from dataclasses import dataclass, field, fields

from deeptone_tui.core.text import KEY_RULE, is_key

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8765
MAX_PORT = 65_535
MEBIBYTE = 1024 * 1024


class EndpointError(Exception):
    """Endpoint that cannot start or has ended; one line with the problem and the remedy."""


class KeyNeeded(EndpointError):  # noqa: N818  named for what is missing
    """Address that other machines can reach, without a key."""


class OptionError(ValueError):
    """Invalid option; one line with the problem and the allowed values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """Options of the local endpoint.

    Raises:
        OptionError: if a value is out of range.
    """

    host: str = DEFAULT_HOST
    """Name or address to listen on; any address but loopback needs a key."""
    port: int = DEFAULT_PORT
    """TCP port; 0 selects a free one."""
    api_key: str | None = field(default=None, repr=False)
    """API key that clients must present; None admits every client."""
    max_connections: int = 64
    """Maximum of concurrent streams."""
    max_message_bytes: int = 4 * MEBIBYTE
    """Largest websocket message: 131 s of audio at 16 kHz."""
    max_query_length: int = 2048
    """Maximum length of the query string in characters."""
    idle_timeout: float = 30.0
    """Seconds without audio after which a stream ends."""
    ping_interval: float = 10.0
    """Seconds without a message after which the peer is pinged."""
    ping_timeout: float = 20.0
    """Seconds the peer has to answer."""
    send_timeout: float = 30.0
    """Seconds a client may leave its results unread once all buffers are full."""
    close_timeout: float = 3.0
    """Seconds a client has to answer a close frame."""
    drain_timeout: float = 5.0
    """Seconds open streams have to drain when the server stops."""

    def __post_init__(self) -> None:
        """Validate every range before anything is opened."""
        if not self.host:
            raise OptionError("host is empty: 127.0.0.1, or 0.0.0.0 for every address")
        if not 0 <= self.port <= MAX_PORT:
            raise OptionError(f"port {self.port} does not exist: 0 (any free one) to {MAX_PORT}")
        if self.api_key is not None and not is_key(self.api_key):
            raise OptionError(KEY_RULE)
        for each in fields(self):
            value = getattr(self, each.name)
            if each.type is int and each.name != "port" and value < 1:
                raise OptionError(f"{each.name} is at least 1")
            if each.type is float and not 0 < value < math.inf:
                raise OptionError(f"{each.name} is a number of seconds over 0")
