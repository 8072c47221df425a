"""Endpoints, their providers, and the request to one."""

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
    """No endpoint can be provided; one line with the fault and the remedy."""


@dataclass(frozen=True, slots=True)
class Target:
    """An endpoint and the key to it."""

    url: str
    """``ws://…/stream`` or ``wss://…/stream``, without the query of parameters."""
    api_key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        # Every connection has a Target first, so nothing is reported before its secrets are known.
        redacted.learn(self.api_key)
        redacted.learn_address(self.url)


class Address(Protocol):
    """Result of a provider: a ``Target``, or any object with the same two attributes."""

    @property
    def url(self) -> str:
        """As in ``Target``."""
        ...

    @property
    def api_key(self) -> str | None:
        """As in ``Target``."""
        ...


class TargetProvider(Protocol):
    """Provider of the endpoint to connect to, asked again before every connection.

    A remote endpoint is available at once; the local one starts a child process first, and
    starts another if that has died.
    """

    @property
    def label(self) -> str:
        """Short name for the status line, such as ``local endpoint`` or ``api.oto.ai``."""
        ...

    @property
    def ours(self) -> bool:
        """True for our own endpoint, whose silence equals the preview's by definition."""
        ...

    async def target(self) -> Address:
        """Return the endpoint to connect to now.

        Raises:
            TargetError: If there is none. Any other exception counts as the same, and its text
                is shown.
        """
        ...

    async def close(self) -> None:
        """Release the endpoint; a child process is gone afterwards. Takes at most 0.2 s."""
        ...


class Providers:
    """The providers in use, each released once, even if the session is cancelled meanwhile.

    Args:
        first: The initial provider.
    """

    def __init__(self, first: TargetProvider) -> None:
        self._held = [first]
        self._closing: set[asyncio.Task[None]] = set()

    def add(self, provider: TargetProvider) -> None:
        """Hold another provider; adding one again has no effect."""
        if provider not in self._held:
            self._held.append(provider)

    def keep(self, needed: Sequence[TargetProvider]) -> None:
        """Release the providers that are not needed, without waiting for it."""
        unneeded = [provider for provider in self._held if provider not in needed]
        self._held = [provider for provider in self._held if provider in needed]
        for provider in unneeded:
            # A separate task: a session that is cancelled meanwhile must not leave a child process.
            closing = asyncio.ensure_future(_release(provider))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Release all providers, and wait for releases already in progress."""
        self.keep(())
        await asyncio.gather(*self._closing)


async def _release(provider: TargetProvider) -> None:
    """Close a provider, ignoring its errors, on which nobody could act."""
    with contextlib.suppress(Exception):
        await provider.close()


class RemoteTarget:
    """Provider of a remote endpoint; instances with equal address and key are equal.

    Args:
        url: Address in the form that `parse_address` accepts.
        api_key: Sent in the ``X-Api-Key`` header; takes precedence over a key in the address.

    Raises:
        TargetError: If the address or the key cannot be used.
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
        """Return True for a provider of the same endpoint with the same key."""
        return isinstance(other, RemoteTarget) and other._target == self._target

    def __hash__(self) -> int:
        """Hash of the endpoint, consistent with equality."""
        return hash(self._target)

    @property
    def fixed(self) -> Target:
        """The endpoint, which never changes."""
        return self._target

    @property
    def label(self) -> str:
        """Host of the address, with the port if given."""
        return host_and_port(self._target.url)

    @property
    def ours(self) -> bool:
        """Always False: it is not known to be our own endpoint, so its silence is measured."""
        return False

    async def target(self) -> Target:
        """Return the endpoint, without waiting."""
        return self._target

    async def close(self) -> None:
        """Do nothing; there is nothing to release."""


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """An endpoint provider and the parameters requested from it."""

    provider: TargetProvider
    parameters: StreamParameters
