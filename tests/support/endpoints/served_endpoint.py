"""The server of the endpoint inside a test, on a free port of this machine."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType
from support.endpoints.fake_engine import FakeEngine

from deeptone_tui.endpoint.options import ServerOptions
from deeptone_tui.endpoint.server.conversation import StreamStats
from deeptone_tui.endpoint.server.server import serve

PATIENCE = 20
"""Seconds after which a test hangs."""


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that announces itself to nobody."""
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110  see above
            await asyncio.sleep(0.01)


@dataclass
class Served:
    """A running server, and a client's session to it."""

    port: int
    engine: FakeEngine
    session: ClientSession
    stop: asyncio.Event
    ended: asyncio.Queue[StreamStats]

    @property
    def stream(self) -> str:
        """Address of the stream, without a query."""
        return f"ws://127.0.0.1:{self.port}/stream"

    def connect(self, query: str = "", **options: Any) -> Any:  # noqa: ANN401  as aiohttp's
        """Open a websocket, to be used with ``async with``."""
        return self.session.ws_connect(f"{self.stream}?{query}", **options)

    async def answers(self, *messages: bytes, query: str = "", **options: Any) -> "Heard":  # noqa: ANN401  as aiohttp's
        """What a client hears that sends these messages and ends its audio."""
        async with self.connect(query, **options) as socket:
            for message in (*messages, b""):
                await socket.send_bytes(message)
            return await hear(socket)

    async def engine_was_fed(self) -> None:
        """Wait until the models have got audio."""
        await until(lambda: any(one.samples.size for one in self.engine.analyses))

    async def next_ended(self) -> StreamStats:
        """The report of the connection that is over first."""
        async with asyncio.timeout(PATIENCE):
            return await self.ended.get()


@contextlib.asynccontextmanager
async def served(engine: FakeEngine | None = None, **options: Any) -> AsyncIterator[Served]:  # noqa: ANN401  fields of ServerOptions
    """A server with these options, stopped in the end."""
    ports: asyncio.Queue[int] = asyncio.Queue(1)
    ended: asyncio.Queue[StreamStats] = asyncio.Queue()
    engine, stop = engine or FakeEngine(), asyncio.Event()
    task = asyncio.create_task(
        serve(
            ServerOptions(**{"port": 0, "close_timeout": 1.0} | options),
            on_listening=ports.put_nowait,
            stop=stop,
            engine=engine,  # type: ignore[arg-type]  # as much of it as the server uses
            on_ended=ended.put_nowait,
        )
    )
    getting = asyncio.create_task(ports.get())
    await asyncio.wait([task, getting], return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        getting.cancel()
        task.result()
    try:
        async with ClientSession() as session:
            yield Served(await getting, engine, session, stop, ended)
    finally:
        stop.set()
        async with asyncio.timeout(PATIENCE):
            await task


@dataclass
class Heard:
    """Everything a client got until the connection was closed."""

    messages: list[dict[str, Any]]
    code: int | None
    reason: str | None

    @property
    def greeting(self) -> dict[str, Any]:
        """The first message."""
        return self.messages[0]

    @property
    def error(self) -> str:
        """The line of the one error message."""
        (error,) = [m for m in self.messages if m["message_type"] == "error"]
        return str(error["message"])

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The inner objects of the results, in order."""
        results = [m for m in self.messages if m["message_type"] == "results"]
        return [m["results"]["channels"]["0"] for m in results]

    @property
    def timestamps(self) -> list[float]:
        """Of the results, in order."""
        return [step["timestamp"] for step in self.steps]


async def hear(socket: ClientWebSocketResponse) -> Heard:
    """Read until the server closes."""
    messages: list[dict[str, Any]] = []
    reason = None
    async with asyncio.timeout(PATIENCE):
        while True:
            message = await socket.receive()
            if message.type is WSMsgType.CLOSE:
                reason = message.extra
            if message.type is not WSMsgType.TEXT:
                return Heard(messages, socket.close_code, reason)
            messages.append(message.json())
