"""From websocket messages, however cut, to samples; a RIFF header is passed over.

Some clients send WAV files instead of bare samples: RecordRTC in the documentation's browser
page makes every message a separate file, and ``cat file.wav`` sends one header first. Neither
the size of the file nor the size of its ``data`` chunk is trusted: writers of streams cannot
know them, and RecordRTC's are wrong.
"""

from typing import Final

import numpy as np

from deeptone_tui.dsp import SAMPLE_BYTES, Samples, from_bytes
from deeptone_tui.dsp.wav import (
    CHUNK_BYTES,
    EXTENSIBLE,
    FORMAT_BYTES,
    MAGIC_BYTES,
    PCM,
    SAMPLE_BITS,
    WaveFormat,
    begins_header,
    chunk_at,
    format_of,
    may_become_header,
)

MAX_HEADER_BYTES = 256 * 1024
"""Longest header accepted before the audio; the largest ``id3 `` pictures exceed it."""
NOTHING: Final = b""


def read_header(data: bytes) -> tuple[int, WaveFormat | None] | None:
    """Parse the header at the beginning of the data; return None while it is incomplete.

    Anything that cannot be a chunk ends the header: the audio then begins after the next ``data``
    and its size, or, without one, at that position.

    Returns:
        Offset of the first byte of audio, and the format, None if the header has none.
    """
    position, wave = MAGIC_BYTES, None
    while chunk := chunk_at(data, position):
        if chunk.name == b"data":
            return chunk.body, wave
        if not chunk.is_named or chunk.body + chunk.size > MAX_HEADER_BYTES:
            start = _audio_without_chunks(data, position)
            return None if start is None else (start, wave)
        if chunk.size >= FORMAT_BYTES:
            wave = format_of(data, chunk) or wave
        position = chunk.end
    return None


def _audio_without_chunks(data: bytes, position: int) -> int | None:
    """Locate the end of the header if there is no valid chunk at ``position``."""
    found = data.find(b"data", position, MAX_HEADER_BYTES)
    if found < 0:
        return position
    return None if len(data) < found + CHUNK_BYTES else found + CHUNK_BYTES


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
        if begins_header(data):
            data = self._without_header(data)
        elif may_become_header(data):
            self._held = data
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
        start, wave = header
        self._check(wave)
        self._half = NOTHING
        return data[start:]

    def _complete(self, data: bytes) -> Samples:
        """Return the whole samples of the data; keep a half sample for the next call."""
        if self._half:
            data = self._half + data
        self._half = data[len(data) - len(data) % SAMPLE_BYTES :]
        return from_bytes(data)

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
