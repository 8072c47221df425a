"""``GET /stream``: handshake, admission and life of a stream."""

import asyncio
import contextlib
import hmac
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import WSCloseCode, web

from deeptone_tui.dsp import SAMPLE_BYTES
from deeptone_tui.endpoint.options import ServerOptions
from deeptone_tui.endpoint.server.acceptor import RETRY_SECONDS
from deeptone_tui.endpoint.server.conversation import LOST, STOPPED, Conversation, StreamStats
from deeptone_tui.endpoint.server.metrics import Metrics
from deeptone_tui.endpoint.server.scheduler import FairScheduler
from deeptone_tui.endpoint.server.stream_socket import (
    FAREWELL_SECONDS,
    PeerLostError,
    StreamSocket,
    close_reason,
)
from deeptone_tui.protocol import ParameterError, StreamParameters, encode_error

if TYPE_CHECKING:
    from deeptone_tui.endpoint.engine import Engine

KEY_HEADER = "X-Api-Key"
KEY_PARAMETER = "api_key"
SOCKETS_PER_PLACE = 3
"""Websockets per permitted stream. Up to this number, clients over the limit get an error on their
websocket; beyond it the handshake itself is refused."""


class Refused(Exception):  # noqa: N818  named for the outcome
    """Stream that is refused: the message to send, the close code, and the reason in one word."""

    def __init__(
        self,
        message: str,
        code: WSCloseCode = WSCloseCode.POLICY_VIOLATION,
        reason: str = "parameters",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


def no_room(options: ServerOptions) -> str:
    """Return the message for a client over the limit of streams."""
    return f"the limit of {options.max_connections} connections is reached: try again later"


def presented_key(headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """Return the key that a client presents, or None.

    The header takes precedence over the query, because no proxy writes it into its log. Prometheus
    and other scrapers send a bearer token.

    Args:
        headers: headers of the handshake; a case-insensitive mapping.
        query: decoded query parameters.
    """
    header = headers.get(KEY_HEADER)
    if header is not None:
        return header
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else query.get(KEY_PARAMETER)


def admits(api_key: str | None, presented: str | None) -> bool:
    """Return True if the presented key matches, or if the server has no key.

    Compares in constant time, however much of a wrong key is right.
    """
    if api_key is None:
        return True
    if presented is None:
        return False
    shown = presented.encode("utf-8", "surrogateescape")
    return hmac.compare_digest(shown, api_key.encode("utf-8"))


def rejection(presented: str | None) -> str:
    """Return the message for a client without the right key; never contains the presented key."""
    if presented is None:
        return f"no API key: send it as header {KEY_HEADER} or as parameter {KEY_PARAMETER}"
    return "the API key is wrong"


class StreamHandler:
    """Handler of all connections to ``/stream``."""

    def __init__(
        self,
        options: ServerOptions,
        engine: "Engine",
        metrics: Metrics,
        on_ended: Callable[[StreamStats], None],
    ) -> None:
        self._options = options
        self._engine = engine
        self._on_ended = on_ended
        self._handling: dict[StreamSocket, asyncio.Task[None]] = {}
        self._metrics = metrics
        self._scheduler = FairScheduler()
        self._stopping = False

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer the handshake and serve the stream."""
        if request.headers.get("Upgrade", "").lower() != "websocket":
            answer = _answer(HTTPStatus.UPGRADE_REQUIRED, "this address speaks websocket only")
            answer.headers["Upgrade"] = "websocket"
            return answer
        peer = peer_name(request)  # read now: a lost connection has no peer name
        presented = presented_key(request.headers, request.query)
        if not admits(self._options.api_key, presented):
            return self._turn_away(peer, HTTPStatus.UNAUTHORIZED, "key", rejection(presented))
        if self._stopping:
            return self._turn_away(peer, HTTPStatus.SERVICE_UNAVAILABLE, "stopping", STOPPED)
        if len(self._handling) >= self._options.max_connections * SOCKETS_PER_PLACE:
            line = no_room(self._options)
            return self._turn_away(peer, HTTPStatus.SERVICE_UNAVAILABLE, "no_room", line)
        socket = StreamSocket(request, self._options, self._scheduler)
        await socket.prepare(request)
        # A separate task: aiohttp drops its handler when the connection is lost, and the handler
        # could not be cancelled then.
        task = asyncio.create_task(self._serve(peer, request, socket))
        self._handling[socket] = task
        try:
            await task
        finally:
            task.cancel()
            del self._handling[socket]
            socket.discard_messages()
        return socket

    async def close(self) -> None:
        """Drain all streams, then close them with code 1001.

        Audio that is not judged within ``drain_timeout`` is dropped.
        """
        self._stopping = True
        for socket in self._handling:
            socket.start_draining(self._options.drain_timeout / 2)
        if self._handling:
            await asyncio.wait(self._handling.values(), timeout=self._options.drain_timeout)
        reason = close_reason(STOPPED)
        goodbyes = [
            asyncio.ensure_future(socket.close(code=WSCloseCode.GOING_AWAY, message=reason))
            for socket in self._handling
        ]
        for task in (*goodbyes, *self._handling.values()):
            asyncio.get_running_loop().call_later(FAREWELL_SECONDS, task.cancel)
        await asyncio.gather(*goodbyes, *self._handling.values(), return_exceptions=True)

    async def _serve(self, peer: str, request: web.Request, socket: StreamSocket) -> None:
        """Serve the stream if it is admitted."""
        try:
            parameters = self._admitted(request)
        except Refused as refused:
            self._report(StreamStats(peer, reason=f"refused: {refused}", refusal=refused.reason))
            with contextlib.suppress(PeerLostError):  # the client left before it got the message
                await socket.refuse(str(refused), refused.code)
            return
        socket.throttle.bytes_per_second = SAMPLE_BYTES * parameters.sample_rate
        stats = StreamStats(peer, parameters.models)
        analysis = self._engine.open_stream(parameters, lambda: socket.throttle.backlogged)
        self._metrics.streams_open += 1
        self._metrics.streams += 1
        try:
            await Conversation(
                socket, analysis, parameters, self._options, metrics=self._metrics, stats=stats
            ).hold()
        finally:
            analysis.close()
            self._metrics.streams_open -= 1
            self._report(stats)

    def _admitted(self, request: web.Request) -> StreamParameters:
        """Return the parameters of an admitted stream.

        Raises:
            Refused: if a limit is reached or a parameter is not allowed.
        """
        options, offered = self._options, self._engine.offered
        if self._metrics.streams_open >= options.max_connections:
            raise Refused(no_room(options), WSCloseCode.TRY_AGAIN_LATER, "no_room")
        length, longest = len(request.rel_url.raw_query_string), options.max_query_length
        if length > longest:
            raise Refused(f"the query has {length} characters, the limit is {longest}")
        try:
            parameters = StreamParameters.from_query(request.query.items())
        except ParameterError as error:
            raise Refused(str(error)) from error
        for model in parameters.models:
            if model not in offered:
                raise Refused(f"model {model} does not run here; these do: {', '.join(offered)}")
        return parameters

    def _turn_away(self, peer: str, status: HTTPStatus, refusal: str, line: str) -> web.Response:
        self._report(StreamStats(peer, reason=f"refused: {line}", refusal=refusal))
        answer = _answer(status, line)
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer

    def _report(self, stats: StreamStats) -> None:
        self._metrics.dropped_bytes += stats.received - stats.judged
        if stats.refusal:
            self._metrics.refusals[stats.refusal] += 1
        if self._stopping and stats.reason in ("", LOST):
            stats.reason = STOPPED
        self._on_ended(stats)


def peer_name(request: web.Request) -> str:
    """Return the client's address and port in the usual notation."""
    peer = request.get_extra_info("peername")
    if not isinstance(peer, tuple):
        return "somebody"
    host, port = peer[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _answer(status: HTTPStatus, line: str) -> web.Response:
    """Return an HTTP response whose body is an error message of the stream protocol."""
    return web.Response(status=status, text=encode_error(line), content_type="application/json")
