"""The routes of the server, and its life from the first socket to the last."""

import asyncio
import contextlib
import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

import deeptone_tui
from deeptone_tui.endpoint.options import ModelsMissing, ServerOptions
from deeptone_tui.endpoint.server.acceptor import ConnectionAcceptor, open_house
from deeptone_tui.endpoint.server.admission import KEY_HEADER, admits, presented_key
from deeptone_tui.endpoint.server.conversation import ModelServing
from deeptone_tui.endpoint.server.metrics import CONTENT_TYPE, Metrics, exposition
from deeptone_tui.endpoint.server.page import HEADERS, WORKLET, description, page
from deeptone_tui.endpoint.server.sockets import listen
from deeptone_tui.endpoint.server.stream import StreamEnded, StreamHandler

METRICS_KEY = f"the metrics need the key, as header {KEY_HEADER} or as a bearer token\n"
Handler = Callable[[web.Request], Awaitable[web.Response]]

CONNECTIONS_PER_PLACE = 6
"""Connections of any kind for each stream that may be open; the rest is told to come later."""
SWITCH_SECONDS = 0.0001
"""For a thread of the models to hand the interpreter over to the event loop, instead of 5 ms:
the loop gives it away with every read and write, a dozen times for each result."""
GARBAGE_THRESHOLDS = 700, 10, 1_000
"""Of Python's collector: the young ones as ever, or else a crowd's connections pile up until one
search takes 90 ms; everything a hundred times less often."""


def application(
    options: ServerOptions,
    engine: ModelServing,
    streams: StreamHandler,
    figures: Metrics,
    connections: Callable[[], int],
) -> web.Application:
    """``/stream``, ``/`` with its worklet, ``/health`` and ``/metrics``.

    Args:
        options: the limits and the key.
        engine: the models, started by the caller.
        streams: handles ``/stream``; to be closed by the caller.
        figures: where everything is counted.
        connections: how many are open.

    A websocket from a page of any origin is accepted, files included: the documentation's page
    is opened as a file. A page gets nothing from it but the judgement of its own audio.
    """
    app = web.Application()
    app.router.add_get("/stream", streams.handle)
    app.router.add_get("/", _front(options, engine))
    app.router.add_get("/worklet.js", _worklet)
    app.router.add_get("/health", _health)
    app.router.add_get("/metrics", _metrics(options, engine, figures, connections))
    return app


def _front(options: ServerOptions, engine: ModelServing) -> Handler:
    async def front(request: web.Request) -> web.Response:
        """JSON for who asks for it, the page for everybody else."""
        if "application/json" in request.headers.get("Accept", ""):
            facts = description(options, engine.offered, deeptone_tui.__version__)
            return web.json_response(facts, headers=HEADERS)
        text = page(options, engine.offered, deeptone_tui.__version__)
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    return front


def _metrics(
    options: ServerOptions, engine: ModelServing, figures: Metrics, connections: Callable[[], int]
) -> Handler:
    async def metrics(request: web.Request) -> web.Response:
        """For Prometheus; with the key where there is one, as it says more than the page."""
        if not admits(options.api_key, presented_key(request.headers, request.query)):
            return web.Response(status=HTTPStatus.UNAUTHORIZED, text=METRICS_KEY, headers=HEADERS)
        text = exposition(
            figures,
            version=deeptone_tui.__version__,
            connections=connections(),
            waiting=engine.waiting,
        )
        return web.Response(body=text.encode(), headers={**HEADERS, "Content-Type": CONTENT_TYPE})

    return metrics


async def _worklet(_: web.Request) -> web.Response:
    """What the page runs on the browser's audio thread; browsers want it at an address."""
    return web.Response(text=WORKLET, content_type="text/javascript", headers=HEADERS)


async def _health(_: web.Request) -> web.Response:
    """That the event loop is alive, for whatever watches over services."""
    return web.json_response({"status": "ok"}, headers=HEADERS)


async def serve(
    options: ServerOptions,
    *,
    on_listening: Callable[[int], None],
    stop: asyncio.Event | None = None,
    engine: ModelServing | None = None,
    on_ended: Callable[[StreamEnded], None] = lambda _: None,
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
    options: ServerOptions, models: ModelServing, on_ended: Callable[[StreamEnded], None]
) -> AsyncIterator[ConnectionAcceptor]:
    """A doorway to the application; in the end it is shut first, then open streams are drained."""
    figures = Metrics()

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
