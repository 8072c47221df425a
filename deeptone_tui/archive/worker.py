"""Many sources at once in one process, so that the models hear them in one go; and that process."""

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from deeptone_tui.archive.analysis import Advance, SourceAnalysis, listen
from deeptone_tui.archive.recordings import AudioInput, InputFailure
from deeptone_tui.audio import SourceError, SourceOptions
from deeptone_tui.endpoint.engine import Engine

AT_ONCE = 8
"""Sources of a process at a time: as many as the engine takes in a round."""

GONE = 1
"""Exit code of a process whose parent has gone."""


async def listen_together(
    recordings: Sequence[AudioInput],
    options: SourceOptions,
    engine: Engine | None,
    *,
    limit: float | None,
    advance: Advance,
    finished: Callable[[str], None],
) -> list[SourceAnalysis | InputFailure]:
    """Hear sources to their ends, `AT_ONCE` at a time; what cannot be heard is a failure.

    Args:
        recordings: the sources.
        options: how they deliver.
        engine: the models; None to measure levels only.
        limit: seconds after which a live source is left.
        advance: told how far it is.
        finished: called with the name of each source that is through.

    Returns:
        What became of each, in their order.
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
    """As `listen_together`, with an engine of its own for as long as it takes."""
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
    """How far a process is, in memory that it shares with its parent.

    One process writes it, so that it needs no lock: one that is killed would keep that.
    """

    shared: Any
    """``multiprocessing.RawArray("d", 3)``: seconds heard, seconds there are, sources done."""

    def add(self, heard: float, length: float, done: int) -> None:
        """Add to the numbers."""
        for place, number in enumerate((heard, length, done)):
            self.shared[place] += number

    def read(self) -> tuple[float, float, int]:
        """The three."""
        return float(self.shared[0]), float(self.shared[1]), int(self.shared[2])


@dataclass(frozen=True, slots=True)
class _Process:
    """What a process keeps from one group to the next."""

    loop: asyncio.AbstractEventLoop
    engine: Engine | None
    options: SourceOptions
    tally: SharedProgress


_own: list[_Process] = []


def begin(options: SourceOptions, models: bool, shared: Any) -> None:  # noqa: ANN401  typeshed has no name for it
    """Load the models; called once in each process."""
    threading.Thread(target=_end_with_parent, name="parent watch", daemon=True).start()
    loop = asyncio.new_event_loop()
    engine = Engine() if models else None
    if engine is not None:
        loop.run_until_complete(engine.start())
    _own.append(_Process(loop, engine, options, SharedProgress(shared)))


def hear_group(recordings: Sequence[AudioInput]) -> list[SourceAnalysis | InputFailure]:
    """Hear some files side by side; what became of each, in their order."""
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


def _end_with_parent() -> None:
    """A parent that was killed cannot say so, and the pool's pipe stays open in its children."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(GONE)
