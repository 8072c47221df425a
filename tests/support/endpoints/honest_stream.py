"""A stream that behaves: real time, small messages, every result read at once and timed."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from aiohttp import ClientSession, WSMsgType

MESSAGE_SAMPLES = 1024
"""What most of the documentation's clients send at once: 64 ms."""
SAMPLE_RATE = 16_000


@dataclass
class Answered:
    """What the stream got back."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    """The inner objects of the results, in order."""
    delays: list[float] = field(default_factory=list)
    """Seconds from the sending of a period's last byte until its result was there."""
    code: int | None = None
    """With which the stream was closed."""

    @property
    def timestamps(self) -> list[float]:
        """Of the results, in order."""
        return [step["timestamp"] for step in self.steps]


async def stream(
    url: str, samples: npt.NDArray[np.int16], *, period: int, pace: float = 1.0
) -> Answered:
    """Stream the samples and end the audio.

    Args:
        url: of the endpoint, without a query.
        samples: mono at 16 kHz.
        period: of the results, in milliseconds.
        pace: times real time.
    """
    answered, sent = Answered(), dict[int, float]()
    async with (
        ClientSession() as session,
        session.ws_connect(f"{url}?output_period={period}") as socket,
    ):
        listening = asyncio.create_task(_listen(socket, answered, sent, period))
        began = time.perf_counter()
        for start in range(0, len(samples), MESSAGE_SAMPLES):
            part = samples[start : start + MESSAGE_SAMPLES]
            end = start + len(part)
            due = began + end / SAMPLE_RATE / pace
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await socket.send_bytes(part.astype("<i2").tobytes())
            sent[end] = time.perf_counter()
        await socket.send_bytes(b"")
        await listening
        answered.code = socket.close_code
    return answered


async def _listen(socket: Any, answered: Answered, sent: dict[int, float], period: int) -> None:  # noqa: ANN401  aiohttp's
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            continue
        received = json.loads(message.data)
        if received["message_type"] != "results":
            continue
        step = received["results"]["channels"]["0"]
        end = int((step["timestamp"] + period) * SAMPLE_RATE / 1000)
        if end in sent:
            answered.delays.append(time.perf_counter() - sent[end])
        answered.steps.append(step)
