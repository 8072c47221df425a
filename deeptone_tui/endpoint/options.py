"""What the server is told: where to listen, who may come in, its limits; and why there is none."""

import math
from dataclasses import dataclass, field

from deeptone_tui.core.text import KEY_RULE, is_key

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8765
MAX_PORT = 65_535
MEBIBYTE = 1024 * 1024


class EndpointError(Exception):
    """An endpoint that cannot start or has ended: one line, what and what to do."""


class ListenError(EndpointError):
    """A host or port that cannot be listened on."""


class KeyNeeded(ListenError):  # noqa: N818  named for what is missing
    """An address that other machines can reach, and no key."""


class ModelsMissing(EndpointError):  # noqa: N818  named for what is missing
    """Models that cannot be loaded."""


class OptionError(ValueError):
    """Options that contradict themselves: one line, what is wrong and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """Options of the local endpoint.

    Raises:
        OptionError: when a value is out of its range.
    """

    host: str = DEFAULT_HOST
    """Name or address to listen on; anything but this machine itself needs a key."""
    port: int = DEFAULT_PORT
    """TCP port; 0 takes a free one."""
    api_key: str | None = field(default=None, repr=False)
    """The key that clients have to show; None lets everybody in who reaches the server."""
    max_connections: int = 64
    """Streams open at the same time."""
    max_message_bytes: int = 4 * MEBIBYTE
    """Largest websocket message: 131 s of audio at 16 kHz."""
    max_query_length: int = 2048
    """Characters of the address after the question mark."""
    idle_timeout: float = 30.0
    """Seconds without audio after which a stream is ended."""
    ping_interval: float = 10.0
    """Seconds of silence on the line after which the peer is asked whether it is there."""
    ping_timeout: float = 20.0
    """Seconds it has for an answer."""
    send_timeout: float = 30.0
    """Seconds a client may leave its results unread once all buffers are full."""
    close_timeout: float = 3.0
    """Seconds a client has to answer a close frame."""
    drain_timeout: float = 5.0
    """Seconds that open streams have for their last results when the server stops."""
    threads: int = 1
    """Worker threads of the models."""

    def __post_init__(self) -> None:
        """Check every range once, before anything is opened."""
        if not self.host:
            raise OptionError("host is empty: 127.0.0.1, or 0.0.0.0 for every address")
        if not 0 <= self.port <= MAX_PORT:
            raise OptionError(f"port {self.port} does not exist: 0 (any free one) to {MAX_PORT}")
        if self.api_key is not None and not is_key(self.api_key):
            raise OptionError(KEY_RULE)
        for name in ("max_connections", "max_message_bytes", "max_query_length", "threads"):
            if getattr(self, name) < 1:
                raise OptionError(f"{name} is at least 1")
        for name in (
            "idle_timeout",
            "ping_interval",
            "ping_timeout",
            "send_timeout",
            "close_timeout",
            "drain_timeout",
        ):
            if not 0 < getattr(self, name) < math.inf:
                raise OptionError(f"{name} is a number of seconds over 0")
