"""Models that judge nothing: they answer at once, or as slowly as a test wants."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from deeptone_tui.protocol import Answer, Step, StreamParameters

Samples = npt.NDArray[np.int16]
STEP_SAMPLES = 1024


class FakeAnalysis:
    """Answers ``speech`` for each period, and keeps the samples."""

    def __init__(
        self, engine: "FakeEngine", parameters: StreamParameters, backlogged: Callable[[], bool]
    ) -> None:
        self.parameters = parameters
        self.backlogged = backlogged
        self.closed = 0
        self._engine = engine
        self._parts: list[Samples] = []
        self._received = 0
        self._answered = 0

    @property
    def samples(self) -> Samples:
        """All that it was fed, shape (n,)."""
        return np.concatenate(self._parts) if self._parts else np.zeros(0, np.int16)

    async def feed(self, samples: Samples) -> list[Step]:
        """A result for each complete period."""
        await self._engine.before_feeding()
        if self._engine.keeps_samples:
            self._parts.append(samples.copy())
        self._received += samples.size
        due = self._received // self.parameters.period_samples
        return [self._step() for _ in range(due - self._answered)]

    async def finish(self) -> list[Step]:
        """A result for the rest, if it holds a step."""
        rest = self._received - self._answered * self.parameters.period_samples
        return [self._step()] if rest >= STEP_SAMPLES else []

    def close(self) -> None:
        """Count how often it was closed."""
        self.closed += 1

    def _step(self) -> Step:
        timestamp = float(self._answered * self.parameters.output_period)
        self._answered += 1
        answers = {name: Answer("speech", 0.5) for name in self.parameters.models}
        raw = None
        if self.parameters.include_raw_values:
            raw = {name: {"x" * self._engine.padding: 0.5} for name in self.parameters.models}
        return Step(timestamp, answers, raw)


class FakeEngine:
    """Gives fake analyses and remembers them."""

    before_feeding: Callable[[], Awaitable[None]]
    """Awaited before samples are taken; a test puts its delay here."""

    def __init__(self, *, keeps_samples: bool = True, padding: int = 1) -> None:
        self.keeps_samples = keeps_samples
        self.padding = padding
        """Characters of the one raw class: how large results are."""
        self.analyses: list[FakeAnalysis] = []
        self.running = False
        self.before_feeding = _at_once

    def hold(self) -> tuple[asyncio.Event, asyncio.Event]:
        """Have analyses wait: an event that is set when one does, and one that lets them go on."""
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def wait() -> None:
            begun.set()
            await go_on.wait()

        self.before_feeding = wait
        return begun, go_on

    def slow_down(self) -> None:
        """Have each feed take 20 ms more."""
        self.before_feeding = partial(asyncio.sleep, 0.02)

    @property
    def offered(self) -> tuple[str, ...]:
        """As many as the real one."""
        return ("speech-rt", "speech", "gender")

    @property
    def waiting(self) -> tuple[int, int]:
        """Nobody waits for what is not computed."""
        return (0, 0)

    async def start(self) -> None:
        """Nothing to load."""
        self.running = True

    async def close(self) -> None:
        """Nothing to unload."""
        self.running = False

    def open_stream(
        self, parameters: StreamParameters, backlogged: Callable[[], bool] = lambda: False
    ) -> FakeAnalysis:
        """One more analysis."""
        self.analyses.append(FakeAnalysis(self, parameters, backlogged))
        return self.analyses[-1]


async def _at_once() -> None:
    """No delay."""
