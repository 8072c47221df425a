"""Web server: one page, its static files, and a websocket to a monitor for each browser."""

import asyncio
import ipaddress
import re
import signal
import socket
import sys
from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from importlib.resources import files
from string import Template
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from deeptone_tui.core.address import look_up
from deeptone_tui.core.process import ExitCode
from deeptone_tui.core.redaction import redacted
from deeptone_tui.core.text import whole_number
from deeptone_tui.endpoint.server.acceptor import BACKLOG, run_application
from deeptone_tui.endpoint.server.server import signals_to
from deeptone_tui.endpoint.server.stream import admits
from deeptone_tui.web import WebOptions
from deeptone_tui.web.session import (
    HEARTBEAT_SECONDS,
    LARGEST_MESSAGE_BYTES,
    MonitorProcess,
    cells,
    pass_on,
)

_HOST = re.compile(
    r"(\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(:[0-9]{1,5})?", re.ASCII | re.IGNORECASE
)
"""``Host`` header as browsers write it; nothing else is inserted into a page."""
LOCAL_NAMES = frozenset({"localhost", "localhost."})

SHUTDOWN_SECONDS: Final = 0.1
"""Seconds browsers have to answer a close frame."""
CONNECTIONS_PER_SESSION: Final = 16
"""Connections of any kind per permitted monitor: a browser opens up to six at once."""
FONT_SIZE: Final = 16
FONT_SIZES: Final = range(6, 49)
FORBIDDEN: Final = "403: open the address that deeptone-tui web has printed\n"
HEADERS: Final[Mapping[str, str]] = {
    # xterm.js creates style elements for its colours and its cursor
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_THEIRS: Final = files("textual_serve").joinpath("static")
_OURS: Final = files("deeptone_tui.web")
STATIC: Final = {
    "textual.js": (_THEIRS.joinpath("js", "textual.js"), "text/javascript"),
    "xterm.css": (_THEIRS.joinpath("css", "xterm.css"), "text/css"),
    "page.css": (_OURS.joinpath("page.css"), "text/css"),
    "page.js": (_OURS.joinpath("page.js"), "text/javascript"),
    **{
        name: (_THEIRS.joinpath("fonts", name), "font/ttf")
        for name in ("RobotoMono-VariableFont_wght.ttf", "RobotoMono-Italic-VariableFont_wght.ttf")
    },
}
"""All static files by name; no others are served."""


def host_allowed(host: str | None, own: str) -> bool:
    """Return True if a ``Host`` header addresses this server.

    A foreign page can point its own name to 127.0.0.1 (DNS rebinding) and then read every
    response; but its name stays in the header. So all names are refused except localhost and the
    configured host. Any port is accepted: SSH forwards change it.

    Args:
        host: value of the header, or None if it is missing.
        own: host configured to listen on.
    """
    found = _HOST.fullmatch(host or "")
    if found is None:
        return False
    name = (found["address"] or found["name"]).lower()
    if name in LOCAL_NAMES or name == own.lower():
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def origin_allowed(origin: str | None, host: str | None) -> bool:
    """Return True if a page of this server opens the websocket; every browser sends its origin."""
    if origin is None or host is None:
        return False
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


def run(options: WebOptions) -> int:
    """Serve until SIGINT, SIGTERM or SIGHUP and return the exit code.

    Raises:
        OSError: if the address cannot be listened on.
    """
    redacted.learn(options.token)
    try:
        return asyncio.run(_serve(options))
    except KeyboardInterrupt:  # where the loop supports no signal handlers
        return ExitCode.INTERRUPTED


async def _serve(options: WebOptions) -> int:
    listening = _listening(options.host, options.port)
    received: asyncio.Queue[int] = asyncio.Queue()
    limit = options.sessions * CONNECTIONS_PER_SESSION
    with listening, signals_to(received.put_nowait):
        async with run_application(
            application(options), limit=limit, silent_give_way=True
        ) as acceptor:
            acceptor.open([listening])
            sys.stdout.write(f"{address(options, listening.getsockname()[1])}\n")
            sys.stdout.flush()
            interrupted = await received.get() == signal.SIGINT
            return ExitCode.INTERRUPTED if interrupted else ExitCode.DONE


def address(options: WebOptions, port: int) -> str:
    """Return the URL to open, with the token; wildcard addresses become loopback."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(options.host, options.host)  # noqa: S104  only read
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/{options.token}/"


def _listening(host: str, port: int) -> socket.socket:
    """Open a listening socket.

    Raises:
        OSError: if that is not possible.
    """
    family, kind, protocol, _, where = look_up(host, port)[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(where)
        made.listen(BACKLOG)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made


def application(options: WebOptions) -> web.Application:
    """Return the application; every request without the token gets status 403."""
    app = web.Application(middlewares=[_door(options)])
    app.router.add_get("/{token}/", _page)
    app.router.add_get("/{token}/static/{name}", _static)
    sessions = _Sessions(options)
    app.router.add_get("/{token}/ws", sessions.handle)
    app.on_shutdown.append(sessions.end)
    return app


def _door(options: WebOptions) -> Middleware:
    @web.middleware
    async def door(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Admit requests with the token and a valid host; all others get the same response."""
        presented = request.path.removeprefix("/").partition("/")[0]
        if not admits(options.token, presented) or not host_allowed(
            request.headers.get("Host"), options.host
        ):
            return web.Response(status=HTTPStatus.FORBIDDEN, text=FORBIDDEN, headers=HEADERS)
        return await handler(request)

    return door


async def _page(request: web.Request) -> web.Response:
    size = whole_number(request.query.get("fontsize", ""))
    font_size = size if size is not None and size in FONT_SIZES else FONT_SIZE
    scheme = "wss" if request.headers.get("X-Forwarded-Proto") == "https" else "ws"
    token = request.match_info["token"]
    text = Template(_OURS.joinpath("page.html").read_text("utf-8")).substitute(
        websocket=escape(f"{scheme}://{request.host}/{token}/ws"), font_size=font_size
    )
    return web.Response(text=text, content_type="text/html", headers=HEADERS)


async def _static(request: web.Request) -> web.Response:
    found = STATIC.get(request.match_info["name"])
    if found is None:
        return web.Response(status=HTTPStatus.NOT_FOUND, headers=HEADERS)
    file, kind = found
    body = await asyncio.to_thread(file.read_bytes)
    return web.Response(body=body, content_type=kind, headers=HEADERS)


class _Sessions:
    """Running monitors and their websockets."""

    def __init__(self, options: WebOptions) -> None:
        self._options = options
        self._running: dict[MonitorProcess, web.WebSocketResponse] = {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Run a monitor for a page of this server, unless the limit is reached."""
        if not origin_allowed(request.headers.get("Origin"), request.headers.get("Host")):
            return web.Response(status=HTTPStatus.FORBIDDEN, text=FORBIDDEN, headers=HEADERS)
        if len(self._running) >= self._options.sessions:
            text = f"{self._options.sessions} monitors run already: close one of them\n"
            return web.Response(
                status=HTTPStatus.SERVICE_UNAVAILABLE, text=text, headers={"Retry-After": "5"}
            )
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_SECONDS, max_msg_size=LARGEST_MESSAGE_BYTES
        )
        monitor = MonitorProcess(socket, self._options)
        self._running[monitor] = socket
        try:
            await socket.prepare(request)
            await monitor.start(cells(request, "width", 80), cells(request, "height", 24))
            await pass_on(socket, monitor)
        finally:
            await monitor.end()
            del self._running[monitor]
        return socket

    async def end(self, _: web.Application) -> None:
        """End every monitor at shutdown."""
        monitors, sockets = list(self._running), list(self._running.values())
        closing = [asyncio.ensure_future(each.close()) for each in sockets]
        if closing:  # an unresponsive one would take ten seconds
            await asyncio.wait(closing, timeout=SHUTDOWN_SECONDS)
        await asyncio.gather(*(monitor.end() for monitor in monitors), return_exceptions=True)
