"""What is served by an event loop, in a thread of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

Served = TypeVar("Served")


@contextlib.contextmanager
def in_thread(serving: AbstractAsyncContextManager[Served]) -> Iterator[Served]:
    """Open it in a loop of its own, and close it in the end."""
    loop, stop, opened = asyncio.new_event_loop(), asyncio.Event(), Future[Served]()

    async def serve() -> None:
        async with serving as served:
            opened.set_result(served)
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        yield opened.result(10)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(15)
        loop.close()
