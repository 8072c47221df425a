"""``GET /stream``: handshake, admission and life of a stream."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import WSCloseCode, web

from deeptone_tui.dsp import SAMPLE_BYTES
from deeptone_tui.endpoint.options import ServerOptions
from deeptone_tui.endpoint.server.admission import (
    Refused,
    admit,
    admits,
    no_room,
    presented_key,
    rejection,
)
from deeptone_tui.endpoint.server.conversation import (
    LOST,
    STOPPED,
    Conversation,
    ModelServing,
    StreamStats,
)
from deeptone_tui.endpoint.server.metrics import Metrics
from deeptone_tui.endpoint.server.scheduler import FairScheduler
from deeptone_tui.endpoint.server.stream_socket import (
    FAREWELL_SECONDS,
    PeerLostError,
    StreamSocket,
    close_reason,
)
from deeptone_tui.protocol import StreamParameters, encode_error

SOCKETS_PER_PLACE = 3
"""Websockets per permitted stream. Up to this number, clients over the limit get an error on their
websocket; beyond it the handshake itself is refused."""
RETRY_SECONDS = 1
"""Delay after which a client over the limit may retry."""


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """Summary of a finished stream, or of a refused attempt."""

    peer: str
    """Address and port of the client."""
    models: tuple[str, ...]
    """Names of the models; empty if the stream was not accepted."""
    seconds: float
    """Seconds of audio judged."""
    results: int
    """Number of results sent."""
    reason: str
    """Reason of the end in one line; never contains the key."""


class StreamHandler:
    """Handler of all connections to ``/stream``."""

    def __init__(
        self,
        options: ServerOptions,
        engine: ModelServing,
        figures: Metrics,
        on_ended: Callable[[StreamEnded], None],
    ) -> None:
        self._options = options
        self._engine = engine
        self._on_ended = on_ended
        self._handling: dict[StreamSocket, asyncio.Task[None]] = {}
        self._figures = figures
        self._turns = FairScheduler()
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
        socket = StreamSocket(request, self._options, self._turns)
        await socket.prepare(request)
        # A separate task: aiohttp drops its handler when the connection is lost, and the handler
        # could not be cancelled then.
        task = asyncio.create_task(self._admit(peer, request, socket))
        self._handling[socket] = task
        try:
            await task
        finally:
            task.cancel()
            del self._handling[socket]
            socket.forget()
        return socket

    async def close(self) -> None:
        """Drain all streams, then close them with code 1001.

        Audio that is not judged within ``drain_timeout`` is dropped.
        """
        self._stopping = True
        for socket in self._handling:
            socket.leave(self._options.drain_timeout / 2)
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

    async def _admit(self, peer: str, request: web.Request, socket: StreamSocket) -> None:
        """Serve the stream if admission control accepts it."""
        try:
            parameters = admit(
                self._options,
                self._engine.offered,
                self._figures.streams_open,
                len(request.rel_url.raw_query_string),
                request.query.items(),
            )
        except Refused as refused:
            self._report(
                peer, (), StreamStats(ending=f"refused: {refused}", refusal=refused.reason)
            )
            await _refuse(socket, refused)
            return
        self._figures.streams_open += 1
        self._figures.streams += 1
        socket.sends(SAMPLE_BYTES * parameters.sample_rate)
        try:
            await self._converse(peer, socket, parameters)
        finally:
            self._figures.streams_open -= 1

    async def _converse(
        self, peer: str, socket: StreamSocket, parameters: StreamParameters
    ) -> None:
        analysis = self._engine.open_stream(parameters, lambda: socket.presses)
        conversation = Conversation(socket, analysis, parameters, self._options, self._figures)
        try:
            await conversation.hold()
        finally:
            analysis.close()
            self._report(peer, parameters.models, conversation.tally)

    def _turn_away(self, peer: str, status: HTTPStatus, reason: str, line: str) -> web.Response:
        self._report(peer, (), StreamStats(ending=f"refused: {line}", refusal=reason))
        answer = _answer(status, line)
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer

    def _report(self, peer: str, models: tuple[str, ...], tally: StreamStats) -> None:
        self._figures.dropped_bytes += tally.received - tally.judged
        if tally.refusal:
            self._figures.refusals[tally.refusal] += 1
        ending = STOPPED if self._stopping and tally.ending in ("", LOST) else tally.ending
        self._on_ended(StreamEnded(peer, models, tally.seconds, tally.results, ending))


def peer_name(request: web.Request) -> str:
    """Return the client's address and port in the usual notation."""
    peer = request.get_extra_info("peername")
    if not isinstance(peer, tuple):
        return "somebody"
    host, port = peer[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def _refuse(socket: StreamSocket, refused: Refused) -> None:
    try:
        await socket.refuse(str(refused), refused.code)
    except PeerLostError:
        return  # the client left before it got the message


def _answer(status: HTTPStatus, line: str) -> web.Response:
    """Return an HTTP response whose body is an error message of the stream protocol."""
    return web.Response(status=status, text=encode_error(line), content_type="application/json")
