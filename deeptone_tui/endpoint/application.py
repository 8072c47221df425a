"""The routes of the server."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

import deeptone_tui
from deeptone_tui.endpoint.analysis import ModelServing
from deeptone_tui.endpoint.authorisation import KEY_HEADER, admits, presented_key
from deeptone_tui.endpoint.metrics import CONTENT_TYPE, Figures, exposition
from deeptone_tui.endpoint.options import ServerOptions
from deeptone_tui.endpoint.page import HEADERS, WORKLET, description, page
from deeptone_tui.endpoint.stream import StreamHandler

METRICS_KEY = f"the metrics need the key, as header {KEY_HEADER} or as a bearer token\n"
Handler = Callable[[web.Request], Awaitable[web.Response]]


def application(
    options: ServerOptions,
    engine: ModelServing,
    streams: StreamHandler,
    figures: Figures,
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
    options: ServerOptions, engine: ModelServing, figures: Figures, connections: Callable[[], int]
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
