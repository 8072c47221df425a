"""Containment of unexpected errors in the part of the pipeline that raised them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, ParamSpec, TypeVar

from deeptone_tui.core.errors import unforeseen

AGAIN_AFTER_S: Final = 1.0
"""Seconds before a failed task is restarted."""

T = TypeVar("T")
P = ParamSpec("P")


class Guard:
    """Runner of the pipeline's parts: an error in one of them ends nothing else.

    The same type of error in the same part is logged and shown once: a part that is called for
    every block of audio may fail with each.

    Args:
        tell: called with the error in words.
        sleep: waits for a number of seconds.
    """

    def __init__(
        self,
        tell: Callable[[str], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._tell = tell
        self._sleep = sleep
        self._known: set[tuple[str, type[BaseException]]] = set()

    def run(
        self, part: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T | None:
        """Call a function; return None if it fails.

        Args:
            part: name of the part as users know it.
            function: the function to call.
            args: its positional arguments.
            kwargs: its keyword arguments.
        """
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  whatever it is, the rest goes on
            self._note(part, error)
            return None

    async def keep(self, part: str, task: Callable[[], Awaitable[None]]) -> None:
        """Run a task until cancelled; restart it if it ends by itself.

        Args:
            part: name of the part, as in ``run``.
            task: starts the task.
        """
        while True:
            try:
                await task()
            except asyncio.CancelledError as error:
                current = asyncio.current_task()
                if current is None or current.cancelling():
                    raise
                self._note(part, error)  # not cancelled from outside: the error came from within
            except Exception as error:  # noqa: BLE001  as above
                self._note(part, error)
            await self._sleep(AGAIN_AFTER_S)

    def _note(self, part: str, error: BaseException) -> None:
        """Log and show an error that is new."""
        kind = (part, type(error))
        if kind in self._known:
            return
        self._known.add(kind)
        words = unforeseen(error, part)
        try:
            self._tell(words)
        except Exception as another:  # noqa: BLE001  then it is in the log only
            unforeseen(another, "list of events")
