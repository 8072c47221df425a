"""Concurrent analysis in one process, so that the models run in batches; and the worker process."""

import asyncio
import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from deeptone_tui.archive.analysis import Advance, SourceAnalysis, listen
from deeptone_tui.archive.recordings import AudioInput, InputFailure
from deeptone_tui.audio import SourceError, SourceOptions
from deeptone_tui.core.process import end_with_parent
from deeptone_tui.endpoint.engine import Engine

AT_ONCE = 8
"""Concurrent sources per process: as many as the engine takes in a round."""

GONE = 1
"""Exit code of a worker process whose parent has gone."""


async def listen_together(
    recordings: Sequence[AudioInput],
    options: SourceOptions,
    engine: Engine | None,
    *,
    limit: float | None,
    advance: Advance,
    finished: Callable[[str], None],
) -> list[SourceAnalysis | InputFailure]:
    """Analyse sources to their ends, `AT_ONCE` at a time; one that cannot be heard is a failure.

    Args:
        recordings: the sources.
        options: delivery options of the sources.
        engine: the models; None to measure levels only.
        limit: seconds after which a live source is closed; None for no limit.
        advance: progress callback.
        finished: called with the name of each finished source.

    Returns:
        The analysis or failure of each source, in their order.
    """
    places = asyncio.Semaphore(AT_ONCE)

    async def one(recording: AudioInput) -> SourceAnalysis | InputFailure:
        async with places:
            try:
                return await listen(recording, options, engine, limit=limit, advance=advance)
            except SourceError as error:
                return InputFailure(recording.name, str(error))
            finally:
                finished(recording.name)

    return await asyncio.gather(*(one(recording) for recording in recordings))


async def listen_here(
    recordings: Sequence[AudioInput],
    options: SourceOptions,
    *,
    models: bool,
    limit: float | None,
    advance: Advance,
    finished: Callable[[str], None],
) -> list[SourceAnalysis | InputFailure]:
    """Analyse sources as `listen_together` does, with a temporary engine of its own."""
    engine = Engine() if models else None
    if engine is not None:
        await engine.start()
    try:
        return await listen_together(
            recordings, options, engine, limit=limit, advance=advance, finished=finished
        )
    finally:
        if engine is not None:
            await engine.close()


@dataclass(frozen=True, slots=True)
class SharedProgress:
    """Progress of a worker process, in memory shared with its parent.

    Only one process writes it, so that it needs no lock: a killed process would never release it.
    """

    shared: Any
    """``multiprocessing.RawArray("d", 3)``: seconds heard, total seconds, finished sources."""

    def add(self, heard: float, length: float, done: int) -> None:
        """Add to the three numbers."""
        for place, number in enumerate((heard, length, done)):
            self.shared[place] += number

    def read(self) -> tuple[float, float, int]:
        """Return seconds heard, total seconds and finished sources."""
        return float(self.shared[0]), float(self.shared[1]), int(self.shared[2])


@dataclass(frozen=True, slots=True)
class _Process:
    """State that a worker process keeps between groups."""

    loop: asyncio.AbstractEventLoop
    engine: Engine | None
    options: SourceOptions
    tally: SharedProgress


_own: list[_Process] = []


def begin(options: SourceOptions, models: bool, shared: Any) -> None:  # noqa: ANN401  typeshed has no name for it
    """Load the models, and watch the parent; called once in each worker process."""
    parent = multiprocessing.parent_process()
    if parent is not None:  # one that is killed cannot say so, and the pipe stays open
        end_with_parent(parent.join, exit_code=GONE)
    loop = asyncio.new_event_loop()
    engine = Engine() if models else None
    if engine is not None:
        loop.run_until_complete(engine.start())
    _own.append(_Process(loop, engine, options, SharedProgress(shared)))


def hear_group(recordings: Sequence[AudioInput]) -> list[SourceAnalysis | InputFailure]:
    """Analyse some files concurrently; return the analysis or failure of each, in their order."""
    own = _own[0]
    return own.loop.run_until_complete(
        listen_together(
            recordings,
            own.options,
            own.engine,
            limit=None,
            advance=lambda heard, length: own.tally.add(heard, length, 0),
            finished=lambda _: own.tally.add(0.0, 0.0, 1),
        )
    )
