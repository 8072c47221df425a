"""Notices of recent events: limited in rate, losses summed up, unexpected errors contained."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, ParamSpec, TypeVar

from deeptone_tui.core.text import clock, unforeseen
from deeptone_tui.monitor.state import Notice
from deeptone_tui.protocol import SAMPLE_RATE_HZ

KEPT = 20
BURST = 5
"""Notices of one kind allowed at once if the endpoint is the cause."""
REFILL_S = 10.0
"""Seconds after which one more is allowed."""
OVER_AFTER_S = 3.0
"""Seconds without growth after which a loss is over: a full ring loses a second at a time."""
AGAIN_AFTER_S: Final = 1.0
"""Seconds before a failed task is restarted."""

T = TypeVar("T")
P = ParamSpec("P")


class NoticeKind(StrEnum):
    """Kinds of notices that an endpoint can cause, each with its own rate limit."""

    SAID = "said"
    CONNECTION = "connection"


@dataclass(slots=True)
class _TokenBucket:
    """Rate limiter: holds at most `BURST` tokens and gains one per `REFILL_S`."""

    refilled_at: float
    tokens: float = BURST

    def take(self, now: float) -> bool:
        """Take a token; return True if there was one."""
        self.tokens = min(BURST, self.tokens + (now - self.refilled_at) / REFILL_S)
        self.refilled_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Notices:
    """Notices of the newest events.

    Args:
        clock: monotonic time in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.on_notice: Callable[[str], None] = lambda _words: None
        """Called with each notice that is shown."""
        self._told = 0
        self._newest: deque[Notice] = deque(maxlen=KEPT)
        self._limits = {kind: _TokenBucket(clock()) for kind in NoticeKind}
        self._summed_up = clock()
        self._unsaid = 0
        self.left_out = 0
        """Number of notices caused by the endpoint that were only counted."""

    @property
    def newest(self) -> tuple[Notice, ...]:
        """Newest notices, oldest first."""
        return tuple(self._newest)

    def tell(self, words: str, *, answer: bool = False) -> None:
        """Add a notice, merging it with the newest one if one repeats the other.

        A repetition of the newest notice is skipped; a notice that contains the newest replaces it.

        Args:
            words: the event.
            answer: True if the user waits for it, so that a repetition is not skipped.
        """
        if self._newest:
            newest = self._newest[-1].words
            if not answer and (newest == words or newest.endswith(f": {words}")):
                return
            if newest in words:
                self._newest.pop()
        self._told += 1
        self._newest.append(Notice(self._told, words, answer))
        self.on_notice(words)

    def tell_of_endpoint(self, kind: NoticeKind, words: str) -> bool:
        """Add a notice caused by the endpoint, or only count it beyond the rate limit.

        Returns:
            True if it was shown.
        """
        if self._limits[kind].take(self._clock()):
            self.tell(words)
            return True
        self._unsaid += 1
        self.left_out += 1
        return False

    def look(self) -> bool:
        """Call `sum_up` if the last one is `REFILL_S` ago; return True if it had any."""
        return self._clock() - self._summed_up >= REFILL_S and self.sum_up()

    def sum_up(self) -> bool:
        """Show how many notices were only counted since the last time; return True if any."""
        self._summed_up = self._clock()
        unsaid, self._unsaid = self._unsaid, 0
        if unsaid:
            self.tell(f"the endpoint gave {unsaid} more reasons for a notice, which were counted")
        return bool(unsaid)


@dataclass(slots=True)
class _Loss:
    """Loss that may still grow."""

    start: int
    end: int
    samples: int
    newest: float
    """Time of its last growth."""
    told: bool = False
    """True if a notice has said that it goes on."""


class LossAggregator:
    """Losses that are not over, at most one per reason.

    An outage costs a second of audio each second. A notice is shown when it goes on, and a summary
    when it is over, not one each second.

    Args:
        tell: called with each notice.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._open: dict[str, _Loss] = {}

    def take(self, start: int, end: int, samples: int, reason: str, now: float) -> None:
        """Add lost samples.

        Args:
            start: absolute sample at which the loss begins.
            end: its exclusive end; equal to ``start`` for samples without a place, as never
                captured.
            samples: number of samples lost; some in the range may not be.
            reason: the cause; losses shortly after one another with the same reason are merged.
            now: monotonic time in seconds.
        """
        loss = self._open.get(reason)
        if loss is None:
            self._open[reason] = _Loss(start, end, samples, now)
            return
        # Not always in order: what was not silence may be at another threshold.
        loss.start, loss.end = min(loss.start, start), max(loss.end, end)
        loss.samples += samples
        loss.newest = now
        if not loss.told:
            loss.told = True
            since = clock(loss.start / SAMPLE_RATE_HZ)
            self._tell(f"audio is being lost from {since} on: {reason}")

    def sum_up(self, now: float = float("inf")) -> bool:
        """Tell of the losses that are over by ``now``, and forget them; return True if any."""
        over = {
            reason: loss for reason, loss in self._open.items() if now - loss.newest >= OVER_AFTER_S
        }
        for reason, loss in over.items():
            del self._open[reason]
            self._tell(f"{_seconds(loss.samples)} of audio lost {_where(loss)}: {reason}")
        return bool(over)


def _where(loss: _Loss) -> str:
    """Return the start, and the end too if something in between was not lost."""
    words = f"from {clock(loss.start / SAMPLE_RATE_HZ)}"
    whole = loss.end - loss.start <= loss.samples
    return words if whole else f"{words} to {clock(loss.end / SAMPLE_RATE_HZ)}"


def _seconds(samples: int) -> str:
    seconds = samples / SAMPLE_RATE_HZ
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds:.2f} s"


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
