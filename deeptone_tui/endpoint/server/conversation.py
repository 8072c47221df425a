"""Conversation on one connection after the handshake."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from aiohttp import WebSocketError, WSCloseCode, WSMessage, WSMsgType

from deeptone_tui.dsp import SAMPLE_BYTES, Resampler
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

LOST = "the connection was lost"
STOPPED = "the server was stopped"
SLICE_SAMPLES = 16_384
"""Samples resampled and judged at a time. A message may hold minutes of audio; slices let results
leave early and keep the event loop free for other connections."""


class Analysing(Protocol):
    """Analysis of one connection's audio."""

    async def feed(self, samples: npt.NDArray[np.int16]) -> Sequence[Step]:
        """Judge samples and return the results of the periods they complete, in order.

        The server reads no further message until this returns; this backpressure slows down a
        client that sends faster than the models run.

        Args:
            samples: mono at 16 kHz, shape (n,).
        """
        ...

    async def finish(self) -> Sequence[Step]:
        """Return the result of the last, incomplete period, if it holds a whole step."""
        ...

    def close(self) -> None:
        """Release the analysis; called once, also after a lost connection."""
        ...


class ModelServing(Protocol):
    """Inference engine of the process."""

    @property
    def offered(self) -> tuple[str, ...]:
        """Names of the models that run here."""
        ...

    @property
    def waiting(self) -> tuple[int, int]:
        """Numbers of streams whose audio waits to be judged: in real time, and ahead of it."""
        ...

    async def start(self) -> None:
        """Load the models."""
        ...

    async def close(self) -> None:
        """Unload the models and end their threads."""
        ...

    def open_stream(
        self, parameters: StreamParameters, presses: Callable[[], bool] = ...
    ) -> Analysing:
        """Begin the analysis of a connection.

        Args:
            parameters: parameters of the stream.
            presses: returns True if the stream demands more than real time, so that real-time
                streams take precedence; called from any thread.
        """
        ...


@dataclass(slots=True)
class StreamStats:
    """Statistics of one connection."""

    samples: int = 0
    """Samples at 16 kHz given to the models."""
    results: int = 0
    """Number of results sent."""
    ending: str = ""
    """Reason of the end; empty while the connection lasts."""
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
        analysis: Analysing,
        parameters: StreamParameters,
        options: ServerOptions,
        figures: Metrics,
    ) -> None:
        self._socket = socket
        self._analysis = analysis
        self._parameters = parameters
        self._options = options
        self._bytes = ByteStream(parameters.sample_rate)
        self._resampler = Resampler(parameters.sample_rate)
        self._heard = False
        self._figures = figures
        self._arrived = 0.0
        self.tally = StreamStats()

    async def hold(self) -> None:
        """Run from the greeting to the close frame; a lost connection raises nothing."""
        try:
            await self._socket.send_text(greeting(self._parameters))
            await self._listen()
        except PeerLostError as lost:
            self.tally.ending = str(lost)
        except UnsupportedAudio as unsupported:
            await self._refuse("format", str(unsupported), WSCloseCode.UNSUPPORTED_DATA)
        except Exception as error:  # noqa: BLE001  the models may raise anything; other streams go on
            await self._refuse(
                "failed", f"the analysis failed: {type(error).__name__}", WSCloseCode.INTERNAL_ERROR
            )
            self.tally.ending = f"failed: {type(error).__name__}: {error}"

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
                self.tally.received += len(message.data)
                self._figures.received_bytes += len(message.data)
                await self._judge(self._bytes.feed(message.data))
                self._heard = True
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
            self.tally.ending = f"closed by the client ({message.data or 'no code'})"
        elif isinstance(message.data, WebSocketError):
            self.tally.ending = f"refused: {message.data}"
            too_long = message.data.code == WSCloseCode.MESSAGE_TOO_BIG
            self.tally.refusal = "too_long" if too_long else "malformed"
        else:
            self.tally.ending = LOST

    async def _idle(self) -> None:
        """End a stream whose client sends nothing more.

        A drained stream finishes with code 1001, one that has sent audio finishes normally, and one
        that never did is refused.
        """
        wait = self._options.idle_timeout
        if self._socket.leaving:
            await self._finish(STOPPED, WSCloseCode.GOING_AWAY)
        elif self._heard:
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
        self.tally.ending = reason
        await self._socket.close(code=code, message=close_reason(reason))

    async def _refuse(self, reason: str, message: str, code: int) -> None:
        self.tally.ending = f"refused: {message}"
        self.tally.refusal = reason
        with contextlib.suppress(PeerLostError):  # the client left before it got the message
            await self._socket.refuse(message, code)

    async def _judge(self, samples: npt.NDArray[np.int16]) -> None:
        """Resample and judge the client's samples in slices of about a second."""
        for start in range(0, samples.size, SLICE_SAMPLES):
            part = samples[start : start + SLICE_SAMPLES]
            await self._answer(self._resampled(part))
            self.tally.judged += part.size * SAMPLE_BYTES

    def _resampled(self, samples: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """Return samples at 16 kHz; the work of resampling is booked to this client."""
        if self._parameters.sample_rate == SAMPLE_RATE_HZ:
            return samples
        clock = asyncio.get_running_loop().time
        began = clock()
        done = self._resampler.process_samples(samples)
        self._socket.book(clock() - began)
        return done

    async def _answer(self, samples: npt.NDArray[np.int16]) -> None:
        """Judge samples at 16 kHz and send the results."""
        for step in await self._analysis.feed(samples):
            await self._send(step)
        self.tally.samples += samples.size
        self._figures.audio_seconds += samples.size / SAMPLE_RATE_HZ

    async def _send(self, step: Step) -> None:
        await self._socket.send_text(encode_results(step))
        self.tally.results += 1
        self._figures.results += 1
        self._figures.delays.observe(asyncio.get_running_loop().time() - self._arrived)


def greeting(parameters: StreamParameters) -> str:
    """Return the first message: the models, and that an empty binary message ends the audio."""
    return encode_greeting(
        f"deeptone-tui: {', '.join(parameters.models)} every {parameters.output_period} ms, "
        f"silence under {format_threshold(parameters.volume_threshold)}",
        end_of_audio=True,
    )
