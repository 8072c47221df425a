"""Calls that may hang, kept off the loop."""

import asyncio
import threading

import pytest
from support.time.waiting import until

from deeptone_tui.core.blocking import call_in_thread


async def test_the_result_comes_back() -> None:
    """From another thread than the loop's, a daemon that holds nothing up."""
    thread = await call_in_thread(threading.current_thread, timeout=5)
    assert thread is not threading.current_thread()
    assert thread.daemon


async def test_an_error_comes_back() -> None:
    """As if called here."""
    with pytest.raises(ZeroDivisionError):
        await call_in_thread(lambda: 1 // 0, timeout=5)


async def test_what_hangs_is_left_behind_and_released_later() -> None:
    """The waiting ends in time; the late result goes to ``discard``."""
    gate = threading.Event()
    released: list[str] = []

    def hang() -> str:
        gate.wait(10)
        return "late"

    with pytest.raises(TimeoutError):
        await call_in_thread(hang, timeout=0.02, discard=released.append)
    assert released == []
    gate.set()
    await until(lambda: released == ["late"])


async def test_a_result_nobody_waits_for_any_more_is_released() -> None:
    """Cancelling after the function returned and before the loop saw it loses nothing."""
    done = threading.Event()
    released: list[str] = []

    def finish() -> str:
        done.set()
        return "there"

    call = asyncio.create_task(call_in_thread(finish, timeout=5, discard=released.append))
    await asyncio.sleep(0)
    done.wait(5)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await until(lambda: released == ["there"])


async def test_an_error_nobody_waits_for_is_dropped() -> None:
    """Neither the call's nor the release's error has anywhere to go."""
    gate = threading.Event()

    def fail() -> None:
        gate.wait(10)
        raise ValueError

    with pytest.raises(TimeoutError):
        await call_in_thread(fail, timeout=0.01)
    gate.set()
    await asyncio.sleep(0.05)


def test_a_loop_that_is_gone_is_no_error() -> None:
    """A thread that comes back after the loop was closed ends quietly."""
    gate = threading.Event()

    async def leave() -> None:
        with pytest.raises(TimeoutError):
            await call_in_thread(lambda: gate.wait(10), timeout=0.01)

    asyncio.run(leave())
    gate.set()
    for thread in threading.enumerate():
        if thread.name == "deeptone-audio-call":
            thread.join(5)
