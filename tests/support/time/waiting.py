"""Waiting for what another thread or process does."""

import asyncio
import time
from collections.abc import Callable

from deeptone_tui.monitor import Monitor, MonitorState


async def until(condition: Callable[[], bool], within: float = 5.0) -> None:
    """Wait until something holds; the bound only catches what never comes."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110  the other side knows no event loop
            await asyncio.sleep(0.01)


def wait_until(condition: Callable[[], bool], otherwise: str, within: float = 60.0) -> None:
    """Wait for what another thread or process does; the bound only catches a hang."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)


def until_state(
    monitor: Monitor, condition: Callable[[MonitorState], bool], within: float = 30.0
) -> MonitorState:
    """Wait until a monitor's state is as wanted, and return it."""
    deadline = time.monotonic() + within
    while not condition(state := monitor.state):
        assert time.monotonic() < deadline, state
        time.sleep(0.005)
    return state
