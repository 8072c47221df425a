"""A feed of one stream on its way through the worker threads."""

import asyncio
import contextlib
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.endpoint.engine.round import Slice, cut
from deeptone_tui.endpoint.engine.stream import Track
from deeptone_tui.endpoint.pace import Lead
from deeptone_tui.protocol import SAMPLE_RATE, Step


class EngineClosed(RuntimeError):  # noqa: N818  named for what happened
    """The engine is not running, or the analysis was closed, so that the audio is not judged."""


class Job:
    """Samples of a stream that a caller waits for.

    Made and awaited on an event loop, worked on by one thread at a time, slice by slice.
    """

    def __init__(
        self,
        track: Track,
        samples: npt.NDArray[np.int16],
        *,
        lead: Lead,
        presses: Callable[[], bool],
        last: bool,
    ) -> None:
        self.abandoned = False
        """Set by the loop when nobody waits any more; read by the workers."""
        self._track = track
        self._samples = samples
        self._lead = lead
        self._presses = presses
        self._last = last
        self._place = 0
        self._done = False
        self._steps: list[Step] = []
        self._loop = asyncio.get_running_loop()
        self._future: asyncio.Future[list[Step]] = self._loop.create_future()

    @property
    def done(self) -> bool:
        """Whether all of it has been judged."""
        return self._done

    @property
    def in_time(self) -> bool:
        """Whether the stream wants no more than real time needs."""
        return self._lead.in_time and not self._presses()

    @property
    def makes_others_wait(self) -> bool:
        """Whether streams that are ahead of real time leave room for this one."""
        return self._lead.steady and not self._presses()

    async def judged(self) -> list[Step]:
        """Wait for the results; when the wait is cancelled, the rest is not judged."""
        try:
            return await self._future
        finally:
            self.abandoned = True

    def abandon(self) -> None:
        """Judge no more of it; who waits gets `EngineClosed`. To be called on the loop."""
        self.abandoned = True
        self._wake(EngineClosed("the analysis has been closed"))

    def next_slice(self, streams: int) -> Slice:
        """Cut the next slice for a round of ``streams``."""
        return cut(self._track, self._samples[self._place :], streams, last=self._last)

    def note(self, own: Slice, step: Step | None) -> None:
        """Take the result of that slice."""
        self._place += len(own.samples)
        self._lead.book(len(own.samples) / SAMPLE_RATE)
        if step is not None:
            self._steps.append(step)
        self._done = len(self._samples) - self._place < STEP_SAMPLES

    def settle(self, error: BaseException | None = None) -> None:
        """Wake the caller with the results, or the error; callable from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody waits
            self._loop.call_soon_threadsafe(self._wake, error)

    def _wake(self, error: BaseException | None) -> None:
        if self._future.done():
            return
        if error is None:
            self._future.set_result(self._steps)
        else:
            self._future.set_exception(error)
