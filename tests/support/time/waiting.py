"""Waiting for what another thread or process does."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], bool], within: float = 5.0) -> None:
    """Wait until something holds; the bound only catches what never comes."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110  the other side knows no event loop
            await asyncio.sleep(0.01)
