"""An endpoint that keeps the bytes it gets and judges every whole step as silence."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from aiohttp import WSMsgType, web

from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.protocol import (
    Answer,
    Step,
    StreamParameters,
    encode_greeting,
    encode_results,
)


class RecordingEndpoint:
    """A websocket server in a thread of its own."""

    def __init__(self) -> None:
        self.connections: list[bytearray] = []
        """What each connection has sent, in order of their beginning."""
        self.headers: list[dict[str, str]] = []
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recording endpoint", daemon=True)

    def start(self) -> None:
        """Listen on a free port of this machine."""
        self._thread.start()
        assert self._listening.wait(10)

    def stop(self) -> None:
        """Close every connection and end the thread."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        app = web.Application()
        app.router.add_get("/stream", self._stream)
        runner = web.AppRunner(app, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"ws://127.0.0.1:{runner.addresses[0][1]}/stream"
        self._listening.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _stream(self, request: web.Request) -> web.WebSocketResponse:
        parameters = StreamParameters.from_query(request.query.items())
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        got = bytearray()
        self.connections.append(got)
        self.headers.append(dict(request.headers))
        await socket.send_str(encode_greeting("recording", end_of_audio=True))
        period, answered = parameters.period_samples * 2, 0
        async for message in socket:
            if message.type is not WSMsgType.BINARY:
                break
            got += message.data
            ends = not message.data
            due = (len(got) + (period - STEP_SAMPLES * 2 if ends else 0)) // period
            for number in range(answered, due):
                silence = {name: Answer("silence", 1.0) for name in parameters.models}
                timestamp = float(number * parameters.output_period)
                await socket.send_str(encode_results(Step(timestamp, silence)))
            answered = due
            if ends:
                break
        await socket.close()
        return socket


@contextlib.contextmanager
def recording_endpoint() -> Iterator[RecordingEndpoint]:
    """A running one, stopped in the end."""
    endpoint = RecordingEndpoint()
    endpoint.start()
    try:
        yield endpoint
    finally:
        endpoint.stop()
