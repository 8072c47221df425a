"""Which endpoint to talk to, and who knows it."""

from dataclasses import dataclass, field
from typing import Protocol

from deeptone_tui.core.redaction import redacted


class TargetError(Exception):
    """An endpoint that cannot be provided: one line, what and what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """An endpoint and the key to it."""

    url: str
    """``ws://…/stream`` or ``wss://…/stream``, without the query of parameters."""
    api_key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        # Nobody is told of a connection before there is one of these.
        redacted.learn(self.api_key)
        redacted.learn_address(self.url)


class Address(Protocol):
    """What a provider gives: a ``Target``, or anything else with these two."""

    @property
    def url(self) -> str:
        """As in ``Target``."""
        ...

    @property
    def api_key(self) -> str | None:
        """As in ``Target``."""
        ...


class TargetProvider(Protocol):
    """Gives the endpoint to connect to, asked anew before every connection.

    A remote endpoint answers at once; the local one starts a child process first, and
    starts another when that has died.
    """

    @property
    def label(self) -> str:
        """Short name for the status line, such as ``local endpoint`` or ``api.oto.ai``."""
        ...

    @property
    def ours(self) -> bool:
        """Whether it is our own endpoint, whose silence is by definition the preview's."""
        ...

    async def target(self) -> Address:
        """The endpoint to connect to now.

        Raises:
            TargetError: when there is none; any other exception counts as the same, and its
                text is shown.
        """
        ...

    async def close(self) -> None:
        """Release it; a child process is gone afterwards. Takes at most 0.2 s."""
        ...
