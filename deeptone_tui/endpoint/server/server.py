"""Routes of the server, and its lifecycle from listening to shutdown."""

import asyncio
import contextlib
import gc
import sys
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

import deeptone_tui
from deeptone_tui.endpoint.options import EndpointError, ServerOptions
from deeptone_tui.endpoint.server.acceptor import listen, run_application
from deeptone_tui.endpoint.server.conversation import StreamStats
from deeptone_tui.endpoint.server.metrics import CONTENT_TYPE, Metrics, exposition
from deeptone_tui.endpoint.server.page import HEADERS, WORKLET, description, page
from deeptone_tui.endpoint.server.stream import (
    KEY_HEADER,
    StreamHandler,
    admits,
    presented_key,
)

if TYPE_CHECKING:
    from deeptone_tui.endpoint.engine import Engine

METRICS_KEY = f"the metrics need the key, as header {KEY_HEADER} or as a bearer token\n"
Handler = Callable[[web.Request], Awaitable[web.Response]]

CONNECTIONS_PER_PLACE = 6
"""Connections of any kind per permitted stream; further ones get status 503."""
SWITCH_SECONDS = 0.0001
"""Switch interval of the interpreter lock, instead of 5 ms, for a worker thread to yield to the
event loop: the loop releases the lock with every read and write, a dozen times for each result."""
GARBAGE_THRESHOLDS = 700, 10, 1_000
"""Thresholds of the garbage collector. The young generations keep the defaults, or else the objects
of many connections pile up until one collection takes 90 ms; full collections run a hundred times
less often."""


def application(
    options: ServerOptions,
    engine: "Engine",
    streams: StreamHandler,
    metrics: Metrics,
    connections: Callable[[], int],
) -> web.Application:
    """Return the application with ``/stream``, ``/`` and its worklet, ``/health`` and ``/metrics``.

    Websockets from pages of any origin are accepted, files included: the documentation's page is
    opened as a file. A page gets nothing from it but the results for its own audio.

    Args:
        options: limits and key.
        engine: inference engine, started by the caller.
        streams: handler of ``/stream``; the caller closes it.
        metrics: counters of the server.
        connections: returns the number of open connections.
    """
    app = web.Application()
    app.router.add_get("/stream", streams.handle)
    app.router.add_get("/", _front(options, engine))
    app.router.add_get("/worklet.js", _worklet)
    app.router.add_get("/health", _health)
    app.router.add_get("/metrics", _metrics(options, engine, metrics, connections))
    return app


def _front(options: ServerOptions, engine: "Engine") -> Handler:
    async def front(request: web.Request) -> web.Response:
        """Return JSON to clients that accept it, and the page to all others."""
        if "application/json" in request.headers.get("Accept", ""):
            facts = description(options, engine.offered, deeptone_tui.__version__)
            return web.json_response(facts, headers=HEADERS)
        text = page(options, engine.offered, deeptone_tui.__version__)
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    return front


def _metrics(
    options: ServerOptions, engine: "Engine", metrics: Metrics, connections: Callable[[], int]
) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        """Return the metrics; requires the key, if set, as they reveal more than the page."""
        if not admits(options.api_key, presented_key(request.headers, request.query)):
            return web.Response(status=HTTPStatus.UNAUTHORIZED, text=METRICS_KEY, headers=HEADERS)
        text = exposition(
            metrics,
            version=deeptone_tui.__version__,
            connections=connections(),
            waiting=engine.waiting,
        )
        return web.Response(body=text.encode(), headers={**HEADERS, "Content-Type": CONTENT_TYPE})

    return handle


async def _worklet(_: web.Request) -> web.Response:
    """Return the script for the browser's audio thread; browsers load worklets only from a URL."""
    return web.Response(text=WORKLET, content_type="text/javascript", headers=HEADERS)


async def _health(_: web.Request) -> web.Response:
    """Report to a service supervisor that the event loop is alive."""
    return web.json_response({"status": "ok"}, headers=HEADERS)


async def serve(
    options: ServerOptions,
    *,
    on_listening: Callable[[int], None],
    stop: asyncio.Event | None = None,
    engine: "Engine | None" = None,
    on_ended: Callable[[StreamStats], None] = lambda _: None,
) -> None:
    """Serve until ``stop`` is set or the task is cancelled.

    Args:
        options: address and limits.
        on_listening: called once with the port when clients may connect.
        stop: event that stops the server; open streams get their last results and code 1001.
        engine: inference engine; the project's own by default.
        on_ended: called with the statistics of each stream that ends or is refused.

    Raises:
        EndpointError: if it cannot listen, or the models cannot be loaded.
    """
    metrics = Metrics()
    async with contextlib.AsyncExitStack() as stack:
        sockets = await listen(options)
        for listening in sockets:
            stack.callback(listening.close)
        models = await _started(engine)
        stack.push_async_callback(models.close)
        streams = StreamHandler(options, models, metrics, on_ended)
        app = application(options, models, streams, metrics, lambda: acceptor.connections)
        acceptor = await stack.enter_async_context(
            run_application(
                app,
                limit=options.max_connections * CONNECTIONS_PER_PLACE,
                on_refused=lambda: metrics.refusals.update(["too_many_connections"]),
            )
        )
        stack.push_async_callback(streams.close)  # aiohttp reads no more once its cleanup begins
        stack.push_async_callback(acceptor.close)  # first of all
        acceptor.open(sockets)
        _tune_interpreter()
        on_listening(sockets[0].getsockname()[1])
        await (stop or asyncio.Event()).wait()


async def _started(engine: "Engine | None") -> "Engine":
    """Return the started engine.

    Raises:
        EndpointError: for any failure; a library that does not load may raise any exception.
    """
    try:
        if engine is None:
            from deeptone_tui.endpoint.engine import Engine  # noqa: PLC0415  loads onnxruntime

            engine = Engine()
        await engine.start()
    except Exception as error:
        raise EndpointError(f"the models cannot be loaded: {error}") from error
    return engine


def _tune_interpreter() -> None:
    """Set up this process for many streams, once all modules are loaded."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.freeze()  # a collection over all loaded modules would stop every stream for 50 ms
    gc.set_threshold(*GARBAGE_THRESHOLDS)
