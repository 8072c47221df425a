"""Blocking calls and coroutines in threads of their own, off an event loop and the main thread.

Calls that may hang are those into sound systems, name servers and network disks.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from functools import partial
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

CALL: Final = "deeptone-audio-call"
"""Name of the thread of a call; one that hangs in a library stays behind under it."""

Result = TypeVar("Result")


def calls_under_way() -> bool:
    """Return True if a call has not returned yet, awaited or not."""
    return any(thread.name == CALL for thread in threading.enumerate())


def call_within(function: Callable[[], T], *, timeout: float) -> T:
    """Run a blocking function in a thread of its own and wait for its result.

    Like `call_in_thread`, for a caller without an event loop; ctrl+c ends the wait.

    Args:
        function: Function to run.
        timeout: Seconds after which the wait ends; the function itself cannot be stopped.

    Raises:
        TimeoutError: when the timeout is over.
    """
    return _begun(function, CALL).result(timeout)


async def call_in_thread(
    function: Callable[[], T],
    *,
    timeout: float | None,  # noqa: ASYNC109  the bound is the purpose
    discard: Callable[[T], object] | None = None,
    name: str = CALL,
) -> T:
    """Run a blocking function in a thread of its own and await its result.

    The thread is a daemon and belongs to the call: a function that hangs for good costs one
    sleeping thread, never the loop and never the end of the program (asyncio's own executor is
    joined at exit, without a bound).

    Args:
        function: Function to run.
        timeout: Seconds after which the wait ends, None to wait as long as it takes; the function
            itself cannot be stopped.
        discard: Receives a result that arrives after the wait has ended, to release it.
        name: Name of the thread; with that of `CALL`, the program ends over a call that hangs.

    Raises:
        TimeoutError: when the timeout is over.
    """
    call = _begun(function, name)
    try:
        async with asyncio.timeout(timeout):
            return await asyncio.wrap_future(call)
    except BaseException:
        if discard is not None:
            call.add_done_callback(partial(_release, discard))
        raise


def _begun(function: Callable[[], T], name: str) -> Future[T]:
    """Start a function in a daemon thread, and return the future of its result."""
    call: Future[T] = Future()
    call.set_running_or_notify_cancel()  # a wait that is cancelled does not cancel the call

    def run() -> None:
        try:
            call.set_result(function())
        except BaseException as error:  # noqa: BLE001  raised again where it is awaited
            call.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return call


def _release(discard: Callable[[T], object], call: Future[T]) -> None:
    """Release the result of a call that nobody awaits any more, in a thread: it may block."""

    def release() -> None:
        # Nobody is left to receive an error of the call, or of the release.
        with contextlib.suppress(Exception):
            discard(call.result())

    threading.Thread(target=release, daemon=True).start()


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
