"""The endpoints that a session holds, and their release."""

import asyncio
import contextlib
from collections.abc import Sequence

from deeptone_tui.session.target import TargetProvider


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
