"""An event loop whose time jumps to the next timer: hours of a session in a moment."""

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class _Jump(selectors.DefaultSelector):
    """Waits for nothing, and notes how long it should have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Let the time pass at once."""
        assert timeout is not None, "everything waits for something that never comes"
        self.now += max(0.0, timeout)
        return super().select(0)


class ImaginedLoop(asyncio.SelectorEventLoop):
    """For what needs no network: its seconds pass as fast as they can be computed."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        """Seconds that only grow."""
        return self._jump.now


def run_at_once(main: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end in imagined time."""
    with asyncio.Runner(loop_factory=ImaginedLoop) as runner:
        return runner.run(main)


def in_imagined_time(
    main: Callable[Arguments, Coroutine[Any, Any, Result]],
) -> Callable[Arguments, Result]:
    """Make a function of a coroutine function, as a test, that runs it to its end."""

    @functools.wraps(main)
    def run(*positional: Arguments.args, **named: Arguments.kwargs) -> Result:
        return run_at_once(main(*positional, **named))

    return run
