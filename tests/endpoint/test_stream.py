"""One connection: what goes in, what comes out, and how it ends."""

import asyncio
import json
import struct

import numpy as np
import pytest
from aiohttp import WSMsgType
from support.endpoints.served_endpoint import hear, served

SECOND = 16_000
PERIOD = 16_384
"""Samples of the default period."""
STEREO = struct.pack("<4sI8sIHHIIHH", b"RIFF", 1, b"WAVEfmt ", 16, 1, 2, SECOND, 4 * SECOND, 4, 16)
"""The header of a WAV file up to its data."""


def ramp(samples: int) -> bytes:
    """Samples that are all different from their neighbours."""
    return np.arange(samples, dtype="<i2").tobytes()


async def test_the_greeting_announces_the_end_of_audio() -> None:
    """Only then may a client use it."""
    async with served() as server, server.connect() as socket:
        text = await socket.receive_str()
    greeting = json.loads(text)
    assert greeting["message_type"] == "connection"
    assert greeting["end_of_audio"] is True
    assert "speech-rt every 1024 ms" in greeting["message"]
    assert text.endswith("\n")


async def test_an_empty_message_brings_what_is_due_and_a_clean_close() -> None:
    """The incomplete period too, because it holds a whole step."""
    async with served() as server:
        heard = await server.answers(ramp(2 * PERIOD + 1024))
    assert heard.timestamps == [0.0, 1024.0, 2048.0]
    assert (heard.code, heard.reason) == (1000, "end of audio")


@pytest.mark.parametrize(
    "sizes", [[1], [63], [3, 8192, 1, 4096], [1024], [65_536], [26_215]], ids=str
)
async def test_samples_arrive_whole_whatever_the_messages(sizes: list[int]) -> None:
    """As pipes cut them; reading is stopped and begun again many times."""
    audio = ramp(6151 if sizes == [1] else PERIOD + 7)
    ends = np.cumsum(np.resize(sizes, len(audio)))
    messages = np.split(np.frombuffer(audio, np.uint8), ends[ends < len(audio)])
    async with served() as server:
        heard = await server.answers(*map(bytes, messages), query="output_period=64")
        assert server.engine.analyses[0].samples.tobytes() == audio
    assert heard.timestamps == [64.0 * n for n in range(len(audio) // 2048)]


async def test_raw_values_stand_beside_the_results() -> None:
    """Where a client of the cloud service looks for them."""
    async with served() as server:
        (step,) = (await server.answers(ramp(PERIOD), query="include_raw_values=true")).steps
    assert set(step) == {"timestamp", "results", "raw"}


@pytest.mark.parametrize("rate", [4_000, 8_000, 44_100, 48_000])
async def test_other_rates_are_resampled(rate: int) -> None:
    """A tone keeps its frequency and level, and the length its seconds."""
    time = np.arange(4 * rate) / rate
    tone = np.round(8_000 * np.sin(2 * np.pi * 440 * time)).astype("<i2").tobytes()
    messages = [tone[start : start + 4001] for start in range(0, len(tone), 4001)]
    async with served() as server:
        heard = await server.answers(*messages, query=f"sample_rate={rate}")
        samples = server.engine.analyses[0].samples
    assert len(heard.timestamps) == 4
    assert abs(samples.size - 4 * SECOND) <= 1
    expected = 8_000 * np.sin(2 * np.pi * 440 * np.arange(samples.size) / SECOND)
    inner = slice(800, -800)
    assert np.abs(samples[inner] - expected[inner]).max() < 4


async def test_resampled_silence_stays_digital_zero() -> None:
    """No dither: muted has to look muted."""
    async with served() as server:
        await server.answers(bytes(96_000), query="sample_rate=48000")
        assert not server.engine.analyses[0].samples.any()


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ("hello", "send audio as binary messages; this was a text"),
        (
            STEREO + b"data" + bytes(4) + ramp(PERIOD),
            "the WAV header says 2 channels: send one (mono)",
        ),
    ],
    ids=["text", "stereo, which would be noise as mono"],
)
async def test_what_is_no_audio_is_answered_by_an_error_and_1003(
    sent: str | bytes, error: str
) -> None:
    """Any other payload than audio ends the connection, as documented."""
    async with served() as server, server.connect() as socket:
        await (socket.send_str(sent) if isinstance(sent, str) else socket.send_bytes(sent))
        heard = await hear(socket)
        assert (await server.next_ended()).reason.startswith(f"refused: {error}")
    assert (heard.error, heard.code) == (error, 1003)


async def test_results_before_a_text_are_still_sent() -> None:
    """An error does not take back what was judged."""
    async with served() as server, server.connect() as socket:
        await socket.send_bytes(ramp(PERIOD))
        await socket.send_str("{}")
        assert (await hear(socket)).timestamps == [0.0]


async def test_who_stops_sending_gets_what_is_due_and_a_clean_close() -> None:
    """Websocat with ``-n`` and the documentation's file script never say that they are done."""
    async with served(idle_timeout=0.3) as server, server.connect() as socket:
        await socket.send_bytes(ramp(PERIOD + 5000))
        heard = await hear(socket)
    assert heard.timestamps == [0.0, 1024.0]
    assert (heard.code, heard.reason) == (1000, "no audio for 0.3 s")


async def test_a_slow_but_steady_client_is_not_idle() -> None:
    """The clock starts anew with each message."""
    async with served(idle_timeout=0.4) as server, server.connect("output_period=64") as socket:
        for _ in range(6):
            await socket.send_bytes(ramp(1024))
            await asyncio.sleep(0.15)
        await socket.send_bytes(b"")
        heard = await hear(socket)
    assert len(heard.timestamps) == 6
    assert heard.reason == "end of audio"


async def test_pings_do_not_count_as_audio() -> None:
    """They are answered, but a stream is for audio."""
    async with served(idle_timeout=0.3) as server, server.connect(autoping=False) as socket:
        await socket.receive()
        await socket.ping(b"you")
        message = await socket.receive()
        assert (message.type, message.data) == (WSMsgType.PONG, b"you")
        heard = await hear(socket)
    assert heard.code == 1008


async def test_a_close_after_audio_brings_the_complete_periods_before_it() -> None:
    """The incomplete one is lost: after a close frame nothing may follow."""
    async with served() as server, server.connect() as socket:
        await socket.send_bytes(ramp(2 * PERIOD + 4096))
        await socket.close()
        ended = await server.next_ended()
    assert (ended.results, ended.reason) == (2, "closed by the client (1000)")
    assert server.engine.analyses[0].closed == 1


async def test_a_lost_connection_is_cleaned_up() -> None:
    """No task, no analysis and no place stays behind."""
    async with served(max_connections=1) as server:
        async with server.connect() as socket:
            await socket.send_bytes(ramp(PERIOD))
            await socket.receive()
            await socket.receive()
            socket._response.connection.transport.abort()
            ended = await server.next_ended()
        assert ended.reason == "the connection was lost"
        assert ended.peer.startswith("127.0.0.1:")
        assert server.engine.analyses[0].closed == 1
        assert (await server.answers()).code == 1000


async def test_a_failure_of_the_models_is_an_error_and_1011() -> None:
    """The client hears that it is not its fault, and other streams go on."""

    async def fail() -> None:
        raise ZeroDivisionError("in the network")

    async with served() as server:
        server.engine.before_feeding = fail
        async with server.connect() as socket:
            await socket.send_bytes(ramp(PERIOD))
            heard = await hear(socket)
        ended = await server.next_ended()
    assert heard.error == "the analysis failed: ZeroDivisionError"
    assert heard.code == 1011
    assert ended.reason == "failed: ZeroDivisionError: in the network"
    assert server.engine.analyses[0].closed == 1
