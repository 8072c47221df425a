"""The server from its first socket to its last."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from aiohttp import web

from deeptone_tui.endpoint.analysis import ModelServing
from deeptone_tui.endpoint.application import application
from deeptone_tui.endpoint.errors import ModelsMissing
from deeptone_tui.endpoint.listening import BACKLOG, listen
from deeptone_tui.endpoint.options import ServerOptions
from deeptone_tui.endpoint.stream import ConnectionEnded

KEEPALIVE_SECONDS = 15.0
"""For an HTTP connection between requests, and for one that never finishes its first."""
SHUTDOWN_SECONDS = 0.05
"""aiohttp waits this long for handlers, twice, before it cancels them."""
QUIET = logging.getLogger("aiohttp.server"), logging.getLogger("aiohttp.websocket")
"""aiohttp's complaints about requests repeat what they did not like, which may hold a key."""


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
        stop: ends the server; open streams are told with code 1001.
        engine: the models; the project's own by default.
        on_ended: hears of each connection when it is over.

    Raises:
        ListenError: when it cannot listen.
        ModelsMissing: when the models cannot be loaded.
    """
    for logger in QUIET:
        logger.disabled = True
    async with contextlib.AsyncExitStack() as stack:
        sockets = await listen(options)
        for listening in sockets:
            stack.callback(listening.close)
        models = await _started(engine, options)
        stack.push_async_callback(models.close)
        runner = web.AppRunner(
            application(options, models, on_ended),
            access_log=None,
            keepalive_timeout=KEEPALIVE_SECONDS,
            shutdown_timeout=SHUTDOWN_SECONDS,
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        for listening in sockets:
            await web.SockSite(runner, listening, backlog=BACKLOG).start()
        on_listening(sockets[0].getsockname()[1])
        await (stop or asyncio.Event()).wait()


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
