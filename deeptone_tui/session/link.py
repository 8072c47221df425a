"""One open connection, as the session sees it."""

from dataclasses import dataclass
from typing import Protocol

from deeptone_tui.protocol import Message


@dataclass(frozen=True, slots=True)
class LinkClosed:
    """The connection has ended."""

    code: int
    """Close code; 1006 where it broke without one."""
    reason: str = ""
    """Text of the close frame, or of the error; without the key."""
    malformed: bool = False
    """Whether we ended it over a frame that breaks the rules; the reason says which."""


class Link(Protocol):
    """An open websocket. One task sends, one receives."""

    @property
    def congested(self) -> bool:
        """Whether something that was sent still waits in this process for the network."""
        ...

    async def send(self, payload: bytes) -> None:
        """Send one binary message; waits while more than a little is under way already.

        Raises:
            ConnectionError: when the connection has ended.
        """
        ...

    async def receive(self) -> Message | LinkClosed:
        """The next message, or that the connection has ended. Never raises."""
        ...

    async def close(self) -> None:
        """Say goodbye with 1000 and wait for the answer, a second at most.

        Somebody must be receiving meanwhile; what still arrives is received as ever.
        """
        ...

    async def abort(self) -> None:
        """Let go of everything at once, whatever the other side does."""
        ...
