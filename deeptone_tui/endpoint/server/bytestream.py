"""From websocket messages, however cut, to samples at 16 kHz; a RIFF header is passed over.

Some clients send WAV files instead of bare samples: RecordRTC in the documentation's browser
page makes every message a separate file, and ``cat file.wav`` sends one header first. Neither
the size of the file nor the size of its ``data`` chunk is trusted: writers of streams cannot
know them, and RecordRTC's are wrong. Layout: "Multimedia Programming Interface and Data
Specifications 1.0", Microsoft and IBM, 1991.
"""

import struct
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import FULL_SCALE, Samples
from deeptone_tui.protocol import SAMPLE_RATE_HZ

MAGIC_BYTES = 12
"""``RIFF``, four bytes of size, ``WAVE``."""
CHUNK_BYTES = 8
"""Name and size at the start of each chunk."""
FORMAT_BYTES = 16
"""Part of ``fmt `` that every file has."""
MAX_HEADER_BYTES = 256 * 1024
"""Longest header accepted before the audio; the largest ``id3 `` pictures exceed it."""
PCM = 1
EXTENSIBLE = 0xFFFE
PRINTABLE = range(0x20, 0x7F)
SAMPLE_BYTES = 2
SAMPLE_BITS = 16
NOTHING: Final = b""


class Resampler:
    """Converter from any other rate to 16 kHz, by libsoxr at high quality.

    It computes in floats and rounds the result itself: soxr's 16-bit output is dithered, which
    would turn digital silence into noise.
    """

    def __init__(self, rate: int) -> None:
        import soxr  # noqa: PLC0415  most connections do not need it

        self._stream = soxr.ResampleStream(rate, SAMPLE_RATE_HZ, 1, dtype="float32")

    def process(self, samples: Samples, *, last: bool = False) -> Samples:
        """Return the output of the filter, which delays by about 20 ms, or all of it at the end."""
        scaled = samples.astype(np.float32) / FULL_SCALE
        out: npt.NDArray[np.float32] = self._stream.resample_chunk(scaled, last=last)
        return np.clip(np.rint(out * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)

    def flush(self) -> Samples:
        """Return the samples still inside the filter."""
        return self.process(np.zeros(0, np.int16), last=True)


class WaveFormat(NamedTuple):
    """Contents of a ``fmt `` chunk; zeros for fields unknown to the writer."""

    encoding: int
    """1 for PCM, 3 for floats, 6 and 7 for telephone codecs, 65534 for "in the extension"."""
    channels: int
    sample_rate: int
    """Hz."""
    bits: int
    """Bits per sample."""


class ParsedHeader(NamedTuple):
    """Complete WAV header."""

    audio_start: int
    """Offset of the first byte of audio."""
    format: WaveFormat | None
    """None if the header has no ``fmt `` chunk."""


def begins_header(data: bytes) -> bool:
    """Return True if the data begin with the twelve-byte magic of a WAV file."""
    return len(data) >= MAGIC_BYTES and data[:4] == b"RIFF" and data[8:12] == b"WAVE"


def may_become_header(data: bytes) -> bool:
    """Return True if the data are a proper prefix of the magic of a WAV file, at least one byte."""
    return (
        0 < len(data) < MAGIC_BYTES
        and b"RIFF".startswith(data[:4])
        and b"WAVE".startswith(data[8:12])
    )


def read_header(data: bytes) -> ParsedHeader | None:
    """Parse the header at the beginning of the data; return None while it is incomplete.

    Anything that cannot be a chunk ends the header: the audio then begins after the next ``data``
    and its size, or, without one, at that position.
    """
    position, wave = MAGIC_BYTES, None
    while len(data) >= position + CHUNK_BYTES:
        name, size = struct.unpack_from("<4sI", data, position)
        body = position + CHUNK_BYTES
        if name == b"data":
            return ParsedHeader(body, wave)
        if not all(byte in PRINTABLE for byte in name) or body + size > MAX_HEADER_BYTES:
            return _without_chunks(data, position, wave)
        if name == b"fmt " and FORMAT_BYTES <= size <= len(data) - body:
            encoding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", data, body)
            wave = WaveFormat(encoding, channels, rate, bits)
        position = body + size + size % 2
    return None


def _without_chunks(data: bytes, position: int, wave: WaveFormat | None) -> ParsedHeader | None:
    """Locate the end of the header if there is no valid chunk at ``position``."""
    found = data.find(b"data", position, MAX_HEADER_BYTES)
    if found < 0:
        return ParsedHeader(position, wave)
    if len(data) < found + CHUNK_BYTES:
        return None
    return ParsedHeader(found + CHUNK_BYTES, wave)


class UnsupportedAudio(ValueError):  # noqa: N818  named for the input, not for the failure
    """WAV header of an unsupported format; one line that says what to send instead."""


class ByteStream:
    """Decoder of one connection's messages to 16-bit little-endian mono samples.

    A message is a piece of a stream: pipes split it anywhere, even in the middle of a sample. A
    RIFF header at the beginning of a message is stripped, even if the following messages hold the
    rest of it. A header begins a new file, so a half sample left over from before it is dropped
    instead of turning everything after it into noise.
    """

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._held = NOTHING
        self._half = NOTHING

    def feed(self, message: bytes) -> Samples:
        """Return the samples that this message completes, shape (n,).

        Raises:
            UnsupportedAudio: if a header declares anything but 16-bit mono PCM at the rate of
                the connection.
        """
        before = self._released(message)
        data, self._held = self._held + message, NOTHING
        if may_become_header(data):
            self._held = data
        elif begins_header(data):
            data = self._without_header(data)
        if self._held:
            return before
        after = self._complete(data)
        return np.concatenate((before, after)) if before.size else after

    def finish(self) -> Samples:
        """Return the samples held back; a half sample and an incomplete header are dropped."""
        held, self._held = self._held, NOTHING
        return self._complete(NOTHING if begins_header(held) else held)

    def _released(self, message: bytes) -> Samples:
        """Return held samples if a new header in ``message`` shows that they were audio."""
        if not self._held or not begins_header(message):
            return self._complete(NOTHING)
        return self.finish()

    def _without_header(self, data: bytes) -> bytes:
        """Return the audio after a header; hold back an incomplete header and return no bytes."""
        header = read_header(data)
        if header is None:
            self._held = data
            return NOTHING
        self._check(header.format)
        self._half = NOTHING
        return data[header.audio_start :]

    def _complete(self, data: bytes) -> Samples:
        """Return the whole samples of the data; keep a half sample for the next call."""
        if self._half:
            data = self._half + data
        whole = len(data) - len(data) % SAMPLE_BYTES
        self._half = data[whole:]
        return np.frombuffer(data, dtype="<i2", count=whole // SAMPLE_BYTES).astype(np.int16)

    def _check(self, wave: WaveFormat | None) -> None:
        """Raise `UnsupportedAudio` for an unsupported format; fields left at zero are ignored."""
        if wave is None:
            return
        if wave.encoding not in (0, PCM, EXTENSIBLE) or wave.bits not in (0, SAMPLE_BITS):
            raise UnsupportedAudio(
                f"the WAV header says {wave.bits} bits in encoding {wave.encoding}: "
                "send 16-bit signed PCM"
            )
        if wave.channels not in (0, 1):
            raise UnsupportedAudio(f"the WAV header says {wave.channels} channels: send one (mono)")
        if wave.sample_rate not in (0, self._sample_rate):
            raise UnsupportedAudio(
                f"the WAV header says {wave.sample_rate} Hz and the connection "
                f"{self._sample_rate}: add sample_rate={wave.sample_rate} to the address"
            )
