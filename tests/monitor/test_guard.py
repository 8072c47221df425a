"""Errors that nobody foresaw, kept to the part that they happened in."""

import asyncio
import contextlib

from deeptone_tui.monitor.notices import Guard


def test_a_part_that_fails_is_told_once_for_each_kind_of_error() -> None:
    """It is called for every block of audio, and may fail with each."""
    told: list[str] = []
    guard = Guard(told.append)
    for text in ("1", "one", "two", "3"):
        guard.run("level meter", int, text)
    guard.run("level meter", dict[str, int]().__getitem__, "x")
    guard.run("recording", int, "four")
    assert [words.partition(";")[0] for words in told] == [
        "unexpected ValueError in the level meter",
        "unexpected KeyError in the level meter",
        "unexpected ValueError in the recording",
    ]


def test_what_works_is_not_touched() -> None:
    """The outcome is the function's own."""
    assert Guard(print).run("x", divmod, 7, 2) == (3, 1)


def test_nobody_to_tell_is_no_failure_either() -> None:
    """The list of events may be what is broken."""

    def tell(_words: str) -> None:
        raise RuntimeError

    assert Guard(tell).run("x", int, "one") is None


async def test_a_task_that_ends_begins_again() -> None:
    """However it ended, and not at once; a cancellation that nobody asked for is no end either."""
    waits: list[float] = []
    told: list[str] = []
    lives = iter([ValueError, None, KeyError, asyncio.CancelledError])

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def task() -> None:
        error = next(lives, SystemExit)
        if error is SystemExit:
            running.cancel()
            await asyncio.sleep(1)
        elif error is not None:
            raise error

    running = asyncio.ensure_future(Guard(told.append, sleep).keep("source", task))
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert waits == [1.0] * 4
    assert len(told) == 3
