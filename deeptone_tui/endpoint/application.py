"""The routes of the server."""

from collections.abc import Awaitable, Callable

from aiohttp import web

import deeptone_tui
from deeptone_tui.endpoint.analysis import ModelServing
from deeptone_tui.endpoint.options import ServerOptions
from deeptone_tui.endpoint.page import HEADERS, description, page
from deeptone_tui.endpoint.stream import ConnectionEnded, StreamHandler

Handler = Callable[[web.Request], Awaitable[web.Response]]


def application(
    options: ServerOptions,
    engine: ModelServing,
    on_ended: Callable[[ConnectionEnded], None] = lambda _: None,
) -> web.Application:
    """``/stream``, ``/`` and ``/health``.

    Args:
        options: the limits and the key.
        engine: the models, started by the caller.
        on_ended: hears of each connection when it is over.

    A websocket from a page of any origin is accepted, files included: the documentation's page
    is opened as a file. A page gets nothing from it but the judgement of its own audio.
    """
    streams = StreamHandler(options, engine, on_ended)
    app = web.Application()
    app.router.add_get("/stream", streams.handle)
    app.router.add_get("/", _front(options, engine))
    app.router.add_get("/health", _health)
    app.on_response_prepare.append(_signed)

    async def close_streams(_: web.Application) -> None:
        await streams.close()

    app.on_shutdown.append(close_streams)
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


async def _health(_: web.Request) -> web.Response:
    """That the event loop is alive, for whatever watches over services."""
    return web.json_response({"status": "ok"}, headers=HEADERS)


async def _signed(_: web.Request, response: web.StreamResponse) -> None:
    """Say who answers, without the versions of Python and libraries."""
    response.headers["Server"] = "deeptone-tui"
