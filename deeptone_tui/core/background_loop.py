"""A coroutine in a thread of its own, so that signals interrupt the main thread and not it."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class BackgroundLoop(Generic[Result]):
    """Runs a coroutine on a loop and in a thread that end with it.

    A signal handler that raises in the middle of a loop's own callback would be swallowed there.
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
        """Wait some seconds; whether it has ended."""
        return self._ended.wait(timeout)

    def result(self) -> Result:
        """What the coroutine returned; to be asked after its end. Raises what it raised."""
        return self._task.result()

    def stop(self, timeout: float) -> bool:
        """Cancel it and wait for its end, at most some seconds; whether it has ended."""
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
