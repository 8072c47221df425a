"""Endpoints that a monitor can be given without a server."""

import asyncio

from deeptone_tui.session.target import Target


class HangingProvider:
    """An endpoint that never gets ready."""

    label = "hanging"
    ours = False

    async def target(self) -> Target:
        """Wait for ever."""
        await asyncio.Event().wait()
        raise AssertionError

    async def close(self) -> None:
        """Nothing to release."""
