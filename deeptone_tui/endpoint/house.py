"""An HTTP server that strangers cannot hold up: what `serve` and `web` have in common."""

import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import Final

from aiohttp import web

from deeptone_tui.endpoint.doorway import Doorway

KEEPALIVE_SECONDS: Final = 15.0
"""For an HTTP connection between requests, and for one that never finishes its first."""
LINGERING_SECONDS: Final = 0.0
"""For the rest of a request that has been answered already; nothing here takes a body."""
SHUTDOWN_SECONDS: Final = 0.05
"""aiohttp waits this long for handlers, twice, before it cancels them."""
QUIET: Final = logging.getLogger("aiohttp.server"), logging.getLogger("aiohttp.websocket")
"""aiohttp's complaints about requests repeat what they did not like, which may hold a key."""


@contextlib.asynccontextmanager
async def open_house(
    app: web.Application,
    *,
    limit: int,
    on_refused: Callable[[], None] = lambda: None,
    silent_give_way: bool = False,
) -> AsyncIterator[Doorway]:
    """Give a doorway to an application; in the end it is shut first.

    Connections are counted, and each is answered once: one that could ask on and on would get by
    the doorway. Answers do not tell the versions of Python and of libraries.

    Args:
        app: not started yet.
        limit: connections of any kind that may be open.
        on_refused: hears of each that is sent away.
        silent_give_way: whether those that have asked for nothing yet make room at the limit.
    """
    for logger in QUIET:
        logger.disabled = True
    app.on_response_prepare.append(_signed)
    runner = web.AppRunner(
        app,
        access_log=None,
        keepalive_timeout=KEEPALIVE_SECONDS,
        lingering_time=LINGERING_SECONDS,
        shutdown_timeout=SHUTDOWN_SECONDS,
    )

    async def heard(request: web.Request, _: web.StreamResponse) -> None:
        doorway.heard(request.transport)

    app.on_response_prepare.append(heard)
    await runner.setup()
    server = runner.server
    assert server is not None  # noqa: S101  it has just been set up
    doorway = Doorway(
        server,
        limit=limit,
        count=lambda: len(server.connections),
        on_refused=on_refused,
        silent_give_way=silent_give_way,
    )
    try:
        yield doorway
    finally:
        await doorway.close()
        await runner.cleanup()


async def _signed(_: web.Request, response: web.StreamResponse) -> None:
    """Say who answers, and answer once."""
    response.headers["Server"] = "deeptone-tui"
    response.force_close()
