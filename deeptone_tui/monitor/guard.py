"""Failures that nobody foresaw, each kept to the part of the core that it happened in."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, ParamSpec, TypeVar

from deeptone_tui.core.errors import unforeseen

AGAIN_AFTER_S: Final = 1.0
"""Seconds before a task that has failed begins again."""

T = TypeVar("T")
P = ParamSpec("P")


class Guard:
    """Runs the parts of the core, so that an error in one of them ends nothing else.

    The same kind of error of the same part is logged and told once: a part that is called for
    every block of audio may fail with each.

    Args:
        tell: gets it in words.
        sleep: waits for some seconds.
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
        """Call a function; None where it fails.

        Args:
            part: what it belongs to, as people call it.
            function: anything.
            args: its arguments.
            kwargs: those with names.
        """
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  whatever it is, the rest goes on
            self._note(part, error)
            return None

    async def keep(self, part: str, task: Callable[[], Awaitable[None]]) -> None:
        """Run a task until cancelled, and again where it ends by itself.

        Args:
            part: as above.
            task: begins it.
        """
        while True:
            try:
                await task()
            except asyncio.CancelledError as error:
                current = asyncio.current_task()
                if current is None or current.cancelling():
                    raise
                self._note(part, error)  # nobody has cancelled us: it came from within
            except Exception as error:  # noqa: BLE001  as above
                self._note(part, error)
            await self._sleep(AGAIN_AFTER_S)

    def _note(self, part: str, error: BaseException) -> None:
        """Tell an error that is new."""
        kind = (part, type(error))
        if kind in self._known:
            return
        self._known.add(kind)
        words = unforeseen(error, part)
        try:
            self._tell(words)
        except Exception as another:  # noqa: BLE001  then it is in the log only
            unforeseen(another, "list of events")
