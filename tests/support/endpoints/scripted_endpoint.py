"""An endpoint that does what a test tells it, connection by connection."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from deeptone_tui.protocol import (
    Answer,
    Step,
    StreamParameters,
    encode_greeting,
    encode_results,
)

Verdict = Callable[[bytes], Answer]
"""What an endpoint says of the audio of a period."""


def speech(_audio: bytes) -> Answer:
    """Whatever it is."""
    return Answer("speech", 1.0)


class Peer:
    """The endpoint's side of one connection."""

    def __init__(
        self, request: web.Request, socket: web.WebSocketResponse, verdict: Verdict = speech
    ) -> None:
        self.request = request
        self.socket = socket
        self.verdict = verdict
        self.parameters = StreamParameters.from_query(request.query.items())
        self.audio = bytearray()
        """Everything received so far that is not forgotten."""
        self.forgets = False
        """Whether audio that was answered is forgotten."""
        self.forgotten = 0
        """Bytes of it."""
        self.ended = False
        """Whether the empty message came."""
        self.answered = 0
        """Periods answered."""

    async def greet(self, *, end_of_audio: bool = True, message: str = "hello") -> None:
        """Send the greeting."""
        await self.socket.send_str(encode_greeting(message, end_of_audio=end_of_audio))

    async def answer(self, timestamp: float, result: str = "speech") -> None:
        """Send one result."""
        answers = {name: Answer(result, 1.0) for name in self.parameters.models}
        await self.socket.send_str(encode_results(Step(timestamp, answers)))

    async def judge(self, period: int) -> None:
        """Send the result of a period, made from its audio."""
        size = 2 * self.parameters.period_samples
        first = period * size - self.forgotten
        answer = self.verdict(bytes(self.audio[first : first + size]))
        answers = dict.fromkeys(self.parameters.models, answer)
        timestamp = float(period * self.parameters.output_period)
        await self.socket.send_str(encode_results(Step(timestamp, answers)))

    async def listen(self, until: int | None = None) -> bool:
        """Take audio up to so many bytes, or to its end; whether more can come."""
        while until is None or self.received < until:
            message = await self.socket.receive()
            if message.type is not WSMsgType.BINARY:
                return False
            if not message.data:
                self.ended = True
                return False
            self.audio += message.data
        return True

    async def answer_all(self, *, last: bool = True) -> None:
        """Answer each period when its audio is there, until the audio ends.

        Args:
            last: also the last incomplete period, if it holds a step.
        """
        size = 2 * self.parameters.period_samples
        while await self.listen((self.answered + 1) * size):
            await self._answer_next()
        while self.received >= (self.answered + 1) * size:
            await self._answer_next()
        if last and self.received - self.answered * size >= 2048:
            await self._answer_next()

    @property
    def received(self) -> int:
        """Bytes received so far."""
        return self.forgotten + len(self.audio)

    async def _answer_next(self) -> None:
        await self.judge(self.answered)
        self.note_answered(1)

    def note_answered(self, periods: int) -> None:
        """So many more periods are answered, and their audio is not needed any more."""
        self.answered += periods
        if self.forgets:
            answered = self.answered * 2 * self.parameters.period_samples
            del self.audio[: answered - self.forgotten]
            self.forgotten = answered

    async def answer_each(self, periods: int) -> None:
        """Answer so many periods, each when its audio is there."""
        for _ in range(periods):
            await self.listen((self.answered + 1) * 2 * self.parameters.period_samples)
            await self._answer_next()

    async def complain(self, words: str) -> None:
        """Send an error message."""
        await self.socket.send_str(f'{{"message_type":"error","message":"{words}"}}')

    @property
    def transport(self) -> asyncio.Transport:
        """For bytes against the rules, and for standing still."""
        transport = self.request.transport
        assert isinstance(transport, asyncio.Transport)
        return transport

    def reset(self) -> None:
        """Break the connection without a close frame."""
        self.transport.abort()


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Script = Callable[[Peer], Awaitable[None]]


async def behave(peer: Peer) -> None:
    """What a proper endpoint does."""
    await peer.greet()
    await peer.answer_all()
    await peer.socket.close()


@dataclass(frozen=True, slots=True)
class Refusal:
    """No websocket at all: an answer of HTTP."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


class ScriptedEndpoint:
    """A server that plays one script for each connection; the last one goes on."""

    def __init__(self, scripts: Sequence[Script | Refusal], verdict: Verdict = speech) -> None:
        self._scripts = list(scripts) or [behave]
        self._verdict = verdict
        self.peers: list[Peer] = []
        self.handshakes: list[web.Request] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection."""
        self.handshakes.append(request)
        script = self._scripts[min(len(self.handshakes), len(self._scripts)) - 1]
        if isinstance(script, Refusal):
            return web.Response(status=script.status, headers=script.headers)
        socket = web.WebSocketResponse(autoclose=False)
        try:
            await socket.prepare(request)
        except ConnectionError:  # who called is gone
            return web.Response()
        peer = Peer(request, socket, self._verdict)
        self.peers.append(peer)
        with contextlib.suppress(ConnectionError):
            await script(peer)
            await socket.close()
        return socket


@contextlib.asynccontextmanager
async def served(
    *scripts: Script | Refusal,
    verdict: Verdict = speech,
    handler: Handler | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[ScriptedEndpoint]:
    """A running endpoint.

    Args:
        scripts: for the first connection, the second and so on; ``behave`` by default.
        verdict: what ``Peer.judge`` says of audio.
        handler: answers the requests instead of the scripts.
        tls: speak TLS.
    """
    endpoint = ScriptedEndpoint(scripts, verdict)
    app = web.Application()
    app.router.add_get("/stream", handler or endpoint.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    scheme = "wss" if tls else "ws"
    endpoint.url = f"{scheme}://127.0.0.1:{runner.addresses[0][1]}/stream"
    try:
        yield endpoint
    finally:
        await asyncio.wait_for(runner.cleanup(), 10)
