"""Samples come out the same however a client cuts its bytes."""

import contextlib
import io
import struct
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.endpoint.server.bytestream import ByteStream, UnsupportedAudio

PAYLOADS = st.binary(max_size=400).filter(lambda data: b"RIFF" not in data and b"data" not in data)
NO_CHUNK = b"\xff\xff\1\0\2\0\3\0\4\0"
CUTS = st.lists(st.integers(1, 60), min_size=1, max_size=40)


def chunk(name: bytes, body: bytes, size: int | None = None) -> bytes:
    """A RIFF chunk, padded to an even length."""
    body_size = len(body) if size is None else size
    return name + struct.pack("<I", body_size) + body + b"\0" * (len(body) % 2)


def wave_format(rate: int = 16_000, channels: int = 1, bits: int = 16, code: int = 1) -> bytes:
    """The body of a ``fmt `` chunk."""
    frame = channels * bits // 8
    return struct.pack("<HHIIHH", code, channels, rate, rate * frame, frame, bits)


def header(*before_data: bytes, riff_size: int = 0, data_size: int = 0) -> bytes:
    """A WAV header up to its audio."""
    return (
        b"RIFF"
        + struct.pack("<I", riff_size)
        + b"WAVE"
        + b"".join(before_data)
        + chunk(b"data", b"", data_size)
    )


@st.composite
def headers(draw: st.DrawFn) -> bytes:
    """Well-formed headers with sizes that lie and chunks in any number."""
    chunks = [chunk(b"fmt ", wave_format() + draw(st.sampled_from([b"", b"\0\0", b"\0" * 24])))]
    bodies = st.binary(max_size=33).filter(lambda body: b"data" not in body)
    names = st.sampled_from([b"LIST", b"fact", b"JUNK", b"bext"])
    others = draw(st.lists(st.tuples(names, bodies), max_size=3))
    chunks.extend(chunk(name, body) for name, body in others)
    sizes = st.sampled_from([0, 7, 0x7FFFFFFF, 0xFFFFFFFF])
    return header(*chunks, riff_size=draw(sizes), data_size=draw(sizes))


def cut(data: bytes, lengths: list[int]) -> list[bytes]:
    """The data in messages of these lengths, used in turn."""
    messages, index = [], 0
    while data:
        length = lengths[index % len(lengths)]
        messages.append(data[:length])
        data, index = data[length:], index + 1
    return messages


def samples_of(messages: list[bytes], rate: int = 16_000) -> list[int]:
    """What a connection makes of these messages."""
    stream = ByteStream(rate)
    parts = [stream.feed(message) for message in messages]
    return [int(sample) for part in (*parts, stream.finish()) for sample in part]


def plain(data: bytes) -> list[int]:
    """The reference: whole samples of bytes in one piece."""
    return [value for (value,) in struct.iter_unpack("<h", data[: len(data) // 2 * 2])]


@given(PAYLOADS, CUTS)
def test_bare_audio_may_be_cut_anywhere(payload: bytes, lengths: list[int]) -> None:
    """Odd lengths too: half a sample waits for its other half."""
    assert samples_of(cut(payload, lengths)) == plain(payload)


@given(st.lists(st.tuples(headers(), PAYLOADS), max_size=5), CUTS)
def test_every_file_in_a_row_loses_its_header(
    files: list[tuple[bytes, bytes]], lengths: list[int]
) -> None:
    """As RecordRTC sends them; each file is aligned by itself."""
    messages = [m for head, payload in files for m in cut(head + payload, lengths)]
    assert samples_of(messages) == [s for _, payload in files for s in plain(payload)]


@given(st.lists(st.binary(max_size=80)))
def test_no_bytes_break_it(messages: list[bytes]) -> None:
    """Whatever arrives, samples or one line come out."""
    with contextlib.suppress(UnsupportedAudio):
        samples_of([b"RIFF\0\0\0\0WAVE" + messages[0], *messages[1:]] if messages else [])


def test_samples_are_native_and_writable() -> None:
    """Whatever comes next may compute in place."""
    samples = ByteStream(16_000).feed(b"\1\0\xff\xff")
    assert samples.dtype == np.int16
    assert samples.flags.writeable
    assert samples.tolist() == [1, -1]


def test_a_file_by_the_standard_library_loses_exactly_its_header() -> None:
    """A writer that is not ours."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(b"\1\0\2\0\3\0")
    assert samples_of([buffer.getvalue()]) == [1, 2, 3]


@pytest.mark.parametrize(
    ("messages", "samples"),
    [
        pytest.param([b"\1\0\7", header() + b"\2\0"], [1, 2], id="half a sample before a file"),
        pytest.param([header()[:30], header() + b"\1\0"], [1], id="a header cut short by the next"),
        pytest.param(
            [b"\1\0", header(chunk(b"fmt ", wave_format()))[:30]],
            [1],
            id="one cut short by the end",
        ),
        pytest.param([b"RI", b"\1\0"], plain(b"RI\1\0"), id="audio that begins like a header"),
        pytest.param([b"RI"], plain(b"RI"), id="the same at the end"),
        pytest.param([b"RI", header() + b"\1\0"], [*plain(b"RI"), 1], id="the same before a file"),
        pytest.param(
            [header(chunk(b"LIST", b"abcd", size=0xFFFFFFF0)) + b"\1\0"],
            [1],
            id="a size beyond every header, which ends at the next data",
        ),
        pytest.param(
            [b"RIFF\0\0\0\0WAVE" + NO_CHUNK],
            plain(NO_CHUNK),
            id="what cannot be a chunk is audio",
        ),
        pytest.param(
            [header(chunk(b"fmt ", bytes(16))) + b"\1\0"],
            [1],
            id="the zeros of a streaming writer as format",
        ),
    ],
)
def test_broken_headers_cost_no_sample(messages: list[bytes], samples: list[int]) -> None:
    """And nothing of them is taken for audio."""
    assert samples_of(messages) == samples


def test_an_endless_header_is_not_waited_for() -> None:
    """What is held back is bounded."""
    many = b"RIFF\0\0\0\0WAVE" + chunk(b"JUNK", b"\0" * 4000) * 100
    assert len(samples_of([many])) > 0


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (wave_format(channels=2), "the WAV header says 2 channels: send one (mono)"),
        (
            wave_format(rate=44_100),
            (
                "the WAV header says 44100 Hz and the connection 16000: "
                "add sample_rate=44100 to the address"
            ),
        ),
        (
            wave_format(bits=8),
            "the WAV header says 8 bits in encoding 1: send 16-bit signed PCM",
        ),
        (
            wave_format(bits=32, code=3),
            "the WAV header says 32 bits in encoding 3: send 16-bit signed PCM",
        ),
    ],
)
def test_a_header_that_contradicts_the_connection_is_refused(body: bytes, line: str) -> None:
    """Noise would come out, and nobody would know why."""
    with pytest.raises(UnsupportedAudio) as refusal:
        samples_of([header(chunk(b"fmt ", body)) + b"\1\0"])
    assert str(refusal.value) == line


def test_the_rate_of_the_connection_is_the_one_to_agree_with() -> None:
    """A header at the rate that was announced is fine."""
    file = header(chunk(b"fmt ", wave_format(rate=8_000))) + b"\1\0"
    assert samples_of([file], rate=8_000) == [1]
