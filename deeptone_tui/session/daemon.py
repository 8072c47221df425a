"""Blocking calls in daemon threads, which never hold up the end of the program."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_daemon_thread(function: Callable[[], T], *, name: str) -> T:
    """Return what a function returns, or raise what it raises.

    The usual thread pool is joined when the interpreter exits, and a lookup in a network that
    drops packets takes half a minute: quitting would wait for it. Where this is cancelled, the
    function goes on in its thread and its outcome is dropped.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()
    arguments = (function, loop, outcome)
    threading.Thread(target=_run, args=arguments, name=name, daemon=True).start()
    return await outcome


def _run(
    function: Callable[[], T],
    loop: asyncio.AbstractEventLoop,
    outcome: "asyncio.Future[T]",
) -> None:
    """Call, and hand the outcome to the loop if it still wants it."""
    result: list[T] = []
    failure: list[Exception] = []
    try:
        result.append(function())
    except Exception as error:  # noqa: BLE001  it is raised where it is awaited
        failure.append(error)

    def deliver() -> None:
        if outcome.done():
            return
        if failure:
            outcome.set_exception(failure[0])
        else:
            outcome.set_result(result[0])

    try:
        loop.call_soon_threadsafe(deliver)
    except RuntimeError:
        return  # the loop has ended meanwhile: nobody wants it any more
