"""The server from its first socket to its last."""

import asyncio
import contextlib
import gc
import sys
from collections.abc import AsyncIterator, Callable

from deeptone_tui.endpoint.analysis import ModelServing
from deeptone_tui.endpoint.application import application
from deeptone_tui.endpoint.doorway import Doorway
from deeptone_tui.endpoint.errors import ModelsMissing
from deeptone_tui.endpoint.house import open_house
from deeptone_tui.endpoint.listening import listen
from deeptone_tui.endpoint.metrics import Figures
from deeptone_tui.endpoint.options import ServerOptions
from deeptone_tui.endpoint.stream import ConnectionEnded, StreamHandler

CONNECTIONS_PER_PLACE = 6
"""Connections of any kind for each stream that may be open; the rest is told to come later."""
SWITCH_SECONDS = 0.0001
"""For a thread of the models to hand the interpreter over to the event loop, instead of 5 ms:
the loop gives it away with every read and write, a dozen times for each result."""
GARBAGE_THRESHOLDS = 700, 10, 1_000
"""Of Python's collector: the young ones as ever, or else a crowd's connections pile up until one
search takes 90 ms; everything a hundred times less often."""


async def serve(
    options: ServerOptions,
    *,
    on_listening: Callable[[int], None],
    stop: asyncio.Event | None = None,
    engine: ModelServing | None = None,
    on_ended: Callable[[ConnectionEnded], None] = lambda _: None,
) -> None:
    """Serve until ``stop`` is set or the task is cancelled.

    Args:
        options: where to listen, and the limits.
        on_listening: called once with the port, when clients may come.
        stop: ends the server; open streams get their last results and code 1001.
        engine: the models; the project's own by default.
        on_ended: hears of each connection when it is over.

    Raises:
        ListenError: when it cannot listen.
        ModelsMissing: when the models cannot be loaded.
    """
    async with contextlib.AsyncExitStack() as stack:
        sockets = await listen(options)
        for listening in sockets:
            stack.callback(listening.close)
        models = await _started(engine, options)
        stack.push_async_callback(models.close)
        doorway = await stack.enter_async_context(_open_endpoint(options, models, on_ended))
        doorway.open(sockets)
        sys.setswitchinterval(SWITCH_SECONDS)
        gc.freeze()  # a search through all that was loaded would stop every stream for 50 ms
        gc.set_threshold(*GARBAGE_THRESHOLDS)
        on_listening(sockets[0].getsockname()[1])
        await (stop or asyncio.Event()).wait()


@contextlib.asynccontextmanager
async def _open_endpoint(
    options: ServerOptions, models: ModelServing, on_ended: Callable[[ConnectionEnded], None]
) -> AsyncIterator[Doorway]:
    """A doorway to the application; in the end it is shut first, then open streams are drained."""
    figures = Figures()

    streams = StreamHandler(options, models, figures, on_ended)
    app = application(options, models, streams, figures, lambda: doorway.connections)
    async with open_house(
        app,
        limit=options.max_connections * CONNECTIONS_PER_PLACE,
        on_refused=lambda: figures.refusals.update(["too_many_connections"]),
    ) as doorway:
        try:
            yield doorway
        finally:
            await doorway.close()
            await streams.close()  # now: aiohttp takes no more bytes once it cleans up


async def _started(engine: ModelServing | None, options: ServerOptions) -> ModelServing:
    """The models, loaded.

    Raises:
        ModelsMissing: whatever the reason; a library that does not load raises anything.
    """
    try:
        models = engine if engine is not None else _own_engine(options)
        await models.start()
    except Exception as error:
        raise ModelsMissing(f"the models cannot be loaded: {error}") from error
    return models


def _own_engine(options: ServerOptions) -> ModelServing:
    from deeptone_tui.endpoint.engine import Engine  # noqa: PLC0415  loads onnxruntime

    return Engine(threads=options.threads)
