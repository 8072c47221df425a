"""Conversation on one connection after the handshake."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import WebSocketError, WSCloseCode, WSMessage, WSMsgType

from deeptone_tui.dsp import SAMPLE_BYTES, Resampler, Samples
from deeptone_tui.endpoint.options import ServerOptions
from deeptone_tui.endpoint.server.bytestream import ByteStream, UnsupportedAudio
from deeptone_tui.endpoint.server.metrics import Metrics
from deeptone_tui.endpoint.server.stream_socket import PeerLostError, StreamSocket, close_reason
from deeptone_tui.protocol import (
    END_OF_AUDIO,
    SAMPLE_RATE_HZ,
    Step,
    StreamParameters,
    encode_greeting,
    encode_results,
    format_threshold,
)

if TYPE_CHECKING:
    from deeptone_tui.endpoint.engine import Analysis

LOST = "the connection was lost"
STOPPED = "the server was stopped"
SLICE_SAMPLES = 16_384
"""Samples resampled and judged at a time. A message may hold minutes of audio; slices let results
leave early and keep the event loop free for other connections."""


@dataclass(slots=True)
class StreamStats:
    """Statistics of one stream, or of a refused attempt."""

    peer: str
    """Address and port of the client."""
    models: tuple[str, ...] = ()
    """Names of the models; empty if the stream was not accepted."""
    samples: int = 0
    """Samples at 16 kHz given to the models."""
    results: int = 0
    """Number of results sent."""
    reason: str = ""
    """Reason of the end in one line, without the key; empty while the connection lasts."""
    refusal: str = ""
    """Reason of a refusal in one word; empty if the stream was not refused."""
    received: int = 0
    """Bytes of audio received."""
    judged: int = 0
    """Bytes of received audio given to the models."""

    @property
    def seconds(self) -> float:
        """Duration of the judged audio."""
        return self.samples / SAMPLE_RATE_HZ


class Conversation:
    """Protocol of one stream: greeting, audio and results, end of audio, close frame.

    It reads a message only after the previous one is judged and its results are handed to the
    socket. So TCP backpressure slows down a client that sends faster than the models run, and a
    client that does not read cannot make the server buffer results for it.
    """

    def __init__(
        self,
        socket: StreamSocket,
        analysis: "Analysis",
        parameters: StreamParameters,
        options: ServerOptions,
        *,
        metrics: Metrics,
        stats: StreamStats,
    ) -> None:
        self._socket = socket
        self._analysis = analysis
        self._parameters = parameters
        self._options = options
        self._bytes = ByteStream(parameters.sample_rate)
        self._resampler = Resampler(parameters.sample_rate)
        self._metrics = metrics
        self._stats = stats
        self._arrived = 0.0

    async def hold(self) -> None:
        """Run from the greeting to the close frame; a lost connection raises nothing."""
        try:
            await self._socket.send_text(greeting(self._parameters))
            await self._listen()
        except PeerLostError as lost:
            self._stats.reason = str(lost)
        except UnsupportedAudio as unsupported:
            await self._refuse("format", str(unsupported), WSCloseCode.UNSUPPORTED_DATA)
        except Exception as error:  # noqa: BLE001  the models may raise anything; other streams go on
            await self._refuse(
                "failed", f"the analysis failed: {type(error).__name__}", WSCloseCode.INTERNAL_ERROR
            )
            self._stats.reason = f"failed: {type(error).__name__}: {error}"

    async def _listen(self) -> None:
        """Judge message after message until the stream ends."""
        clock = asyncio.get_running_loop().time
        while True:
            message = await self._socket.next_message(clock() + self._options.idle_timeout)
            if message is None:
                await self._idle()
                return
            self._arrived = clock()
            if message.type is WSMsgType.BINARY and message.data != END_OF_AUDIO:
                self._stats.received += len(message.data)
                self._metrics.received_bytes += len(message.data)
                await self._judge(self._bytes.feed(message.data))
                continue
            await self._end(message)
            return

    async def _end(self, message: WSMessage) -> None:
        """End the stream on a message that is not audio."""
        if message.type is WSMsgType.BINARY:
            await self._finish("end of audio")
        elif message.type is WSMsgType.TEXT:
            await self._refuse(
                "text",
                "send audio as binary messages; this was a text",
                WSCloseCode.UNSUPPORTED_DATA,
            )
        elif message.type is WSMsgType.CLOSE:
            self._stats.reason = f"closed by the client ({message.data or 'no code'})"
        elif isinstance(message.data, WebSocketError):
            self._stats.reason = f"refused: {message.data}"
            too_long = message.data.code == WSCloseCode.MESSAGE_TOO_BIG
            self._stats.refusal = "too_long" if too_long else "malformed"
        else:
            self._stats.reason = LOST

    async def _idle(self) -> None:
        """End a stream whose client sends nothing more.

        A drained stream finishes with code 1001, one that has sent audio finishes normally, and one
        that never did is refused.
        """
        wait = self._options.idle_timeout
        if self._socket.draining:
            await self._finish(STOPPED, WSCloseCode.GOING_AWAY)
        elif self._stats.received:
            await self._finish(f"no audio for {wait:g} s")
        else:
            await self._refuse(
                "idle",
                f"no audio came for {wait:g} s, the limit of an idle connection",
                WSCloseCode.POLICY_VIOLATION,
            )

    async def _finish(self, reason: str, code: int = WSCloseCode.OK) -> None:
        """Send all remaining results, then perform the close handshake."""
        await self._judge(self._bytes.finish())
        await self._answer(self._resampler.flush())
        for step in await self._analysis.finish():
            await self._send(step)
        self._stats.reason = reason
        await self._socket.close(code=code, message=close_reason(reason))

    async def _refuse(self, reason: str, message: str, code: int) -> None:
        self._stats.reason = f"refused: {message}"
        self._stats.refusal = reason
        with contextlib.suppress(PeerLostError):  # the client left before it got the message
            await self._socket.refuse(message, code)

    async def _judge(self, samples: Samples) -> None:
        """Resample and judge the client's samples in slices of about a second."""
        for start in range(0, samples.size, SLICE_SAMPLES):
            part = samples[start : start + SLICE_SAMPLES]
            await self._answer(self._resampled(part))
            self._stats.judged += part.size * SAMPLE_BYTES

    def _resampled(self, samples: Samples) -> Samples:
        """Return samples at 16 kHz; the work of resampling is booked to this client."""
        if self._parameters.sample_rate == SAMPLE_RATE_HZ:
            return samples
        clock = asyncio.get_running_loop().time
        began = clock()
        resampled = self._resampler.process_samples(samples)
        self._socket.throttle.charge(clock() - began)
        return resampled

    async def _answer(self, samples: Samples) -> None:
        """Judge samples at 16 kHz and send the results."""
        for step in await self._analysis.feed(samples):
            await self._send(step)
        self._stats.samples += samples.size
        self._metrics.audio_seconds += samples.size / SAMPLE_RATE_HZ

    async def _send(self, step: Step) -> None:
        await self._socket.send_text(encode_results(step))
        self._stats.results += 1
        self._metrics.results += 1
        self._metrics.delays.observe(asyncio.get_running_loop().time() - self._arrived)


def greeting(parameters: StreamParameters) -> str:
    """Return the first message: the models, and that an empty binary message ends the audio."""
    return encode_greeting(
        f"deeptone-tui: {', '.join(parameters.models)} every {parameters.output_period} ms, "
        f"silence under {format_threshold(parameters.volume_threshold)}",
        end_of_audio=True,
    )
