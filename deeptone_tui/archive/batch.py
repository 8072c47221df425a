"""Many sources at once: side by side in one process, so that the models hear them in one go."""

import asyncio
from collections.abc import Callable, Sequence

from deeptone_tui.archive.listening import Advance, Hearing, listen
from deeptone_tui.archive.recordings import Failure, Recording
from deeptone_tui.audio import SourceError, SourceOptions
from deeptone_tui.endpoint.engine import Engine

AT_ONCE = 8
"""Sources of a process at a time: as many as the engine takes in a round."""


async def listen_together(
    recordings: Sequence[Recording],
    options: SourceOptions,
    engine: Engine | None,
    *,
    limit: float | None,
    advance: Advance,
    finished: Callable[[str], None],
) -> list[Hearing | Failure]:
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

    async def one(recording: Recording) -> Hearing | Failure:
        async with places:
            try:
                return await listen(recording, options, engine, limit=limit, advance=advance)
            except SourceError as error:
                return Failure(recording.name, str(error))
            finally:
                finished(recording.name)

    return await asyncio.gather(*(one(recording) for recording in recordings))


async def listen_here(
    recordings: Sequence[Recording],
    options: SourceOptions,
    *,
    models: bool,
    limit: float | None,
    advance: Advance,
    finished: Callable[[str], None],
) -> list[Hearing | Failure]:
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
