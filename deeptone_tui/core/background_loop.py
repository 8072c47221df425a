"""A coroutine in a thread of its own, so that signals interrupt only the main thread."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class BackgroundLoop(Generic[Result]):
    """A coroutine on an event loop and a thread of its own, which end with it.

    If a signal handler raised within a callback of the event loop, the exception would be
    swallowed.
    """

    def __init__(self, work: Coroutine[Any, Any, Result]) -> None:
        self._work = work
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(work)
        self._ended = threading.Event()
        # A daemon, so that a driver that hangs in C cannot keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="tune", daemon=True)
        self._thread.start()

    def wait(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for the end; return True if the coroutine has ended."""
        return self._ended.wait(timeout)

    def result(self) -> Result:
        """Return the coroutine's result, or raise its exception. Call only after its end."""
        return self._task.result()

    def stop(self, timeout: float) -> bool:
        """Cancel the coroutine and wait at most `timeout` seconds; return True if it has ended."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: it has ended
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with contextlib.suppress(asyncio.CancelledError, Exception):  # kept by the task
                self._loop.run_until_complete(self._task)
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()
        finally:
            self._ended.set()
