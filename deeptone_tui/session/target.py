"""Endpoints: who provides them, those that are held, and what is asked of one."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from deeptone_tui.core.address import AddressError, host_and_port, parse_address
from deeptone_tui.core.redaction import redacted
from deeptone_tui.core.text import KEY_RULE, is_key
from deeptone_tui.protocol import StreamParameters


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


class Providers:
    """Each endpoint is released once, whatever else ends in that moment.

    Args:
        first: the endpoint to begin with.
    """

    def __init__(self, first: TargetProvider) -> None:
        self._held = [first]
        self._closing: set[asyncio.Task[None]] = set()

    def add(self, provider: TargetProvider) -> None:
        """Hold another one; again counts as once."""
        if provider not in self._held:
            self._held.append(provider)

    def keep(self, needed: Sequence[TargetProvider]) -> None:
        """Release those that are not needed, without waiting for that."""
        unneeded = [provider for provider in self._held if provider not in needed]
        self._held = [provider for provider in self._held if provider in needed]
        for provider in unneeded:
            # A task of its own: a session that is cancelled meanwhile must not leave a child.
            closing = asyncio.ensure_future(_release(provider))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Release all of them, those that are just being released included."""
        self.keep(())
        await asyncio.gather(*self._closing)


async def _release(provider: TargetProvider) -> None:
    """Close an endpoint; what it has to say about that is of no use to anybody."""
    with contextlib.suppress(Exception):
        await provider.close()


class RemoteTarget:
    """The provider of an endpoint that is simply there; the same address and key are the same.

    Args:
        url: as `parse_address` takes it.
        api_key: sent in the ``X-Api-Key`` header; wins over a key in the address.

    Raises:
        TargetError: when the address or the key cannot be used.
    """

    def __init__(self, url: str, api_key: str | None = None) -> None:
        try:
            address = parse_address(url)
        except AddressError as error:
            raise TargetError(str(error)) from None
        if api_key and not is_key(api_key):
            raise TargetError(KEY_RULE)
        self._target = Target(address.url, api_key or address.api_key)

    def __eq__(self, other: object) -> bool:
        """Whether it is the same endpoint, chosen again."""
        return isinstance(other, RemoteTarget) and other._target == self._target

    def __hash__(self) -> int:
        """As equality has it."""
        return hash(self._target)

    @property
    def fixed(self) -> Target:
        """The endpoint, which is always the same."""
        return self._target

    @property
    def label(self) -> str:
        """Host of the address, with the port where it is given."""
        return host_and_port(self._target.url)

    @property
    def ours(self) -> bool:
        """Never known to be our own endpoint, so its silence is measured, not assumed."""
        return False

    async def target(self) -> Target:
        """The endpoint, at once."""
        return self._target

    async def close(self) -> None:
        """Nothing to release."""


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """What is asked of whom."""

    provider: TargetProvider
    parameters: StreamParameters
