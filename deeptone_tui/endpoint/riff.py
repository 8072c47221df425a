"""Where the audio begins in bytes that begin with a RIFF/WAVE header.

Some clients send WAV files instead of bare samples: RecordRTC in the documentation's browser
page makes every message a file of its own, and ``cat file.wav`` sends one header first. Neither
the size of the file nor the size of its ``data`` chunk is believed: writers of streams cannot
know them, and RecordRTC's are wrong. Layout: "Multimedia Programming Interface and Data
Specifications 1.0", Microsoft and IBM, 1991.
"""

import struct
from dataclasses import dataclass

MAGIC_BYTES = 12
"""``RIFF``, four bytes of size, ``WAVE``."""
CHUNK_BYTES = 8
"""Name and size before each chunk."""
FORMAT_BYTES = 16
"""The part of ``fmt `` that every file has."""
MAX_HEADER_BYTES = 256 * 1024
"""More than this before the audio is no header; the largest pictures in ``id3 `` are left out."""
PCM = 1
EXTENSIBLE = 0xFFFE
PRINTABLE = range(0x20, 0x7F)


@dataclass(frozen=True, slots=True)
class WaveFormat:
    """What a ``fmt `` chunk says; zeros where the writer did not know."""

    encoding: int
    """1 for PCM, 3 for floats, 6 and 7 for telephone codecs, 65534 for "see the extension"."""
    channels: int
    sample_rate: int
    """Hz."""
    bits: int
    """Of each sample."""


@dataclass(frozen=True, slots=True)
class WaveHeader:
    """A header that is complete."""

    audio_start: int
    """Offset of the first byte of audio."""
    format: WaveFormat | None
    """None when the header ends without saying it."""


def begins_header(data: bytes) -> bool:
    """Whether the data begin with the twelve bytes of a WAV file."""
    return len(data) >= MAGIC_BYTES and data[:4] == b"RIFF" and data[8:12] == b"WAVE"


def may_become_header(data: bytes) -> bool:
    """Whether the data are the beginning of those twelve bytes and no more."""
    return (
        0 < len(data) < MAGIC_BYTES
        and b"RIFF".startswith(data[:4])
        and b"WAVE".startswith(data[8:12])
    )


def read_header(data: bytes) -> WaveHeader | None:
    """The header at the beginning of the data, or None when its end is still to come.

    What cannot be a chunk ends the header: the audio then begins behind the next ``data`` and
    its size, or, without one, right there.
    """
    position, wave = MAGIC_BYTES, None
    while len(data) >= position + CHUNK_BYTES:
        name, size = struct.unpack_from("<4sI", data, position)
        body = position + CHUNK_BYTES
        if name == b"data":
            return WaveHeader(body, wave)
        if not all(byte in PRINTABLE for byte in name) or body + size > MAX_HEADER_BYTES:
            return _without_chunks(data, position, wave)
        if name == b"fmt " and FORMAT_BYTES <= size <= len(data) - body:
            encoding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", data, body)
            wave = WaveFormat(encoding, channels, rate, bits)
        position = body + size + size % 2
    return None


def _without_chunks(data: bytes, position: int, wave: WaveFormat | None) -> WaveHeader | None:
    """The header's end when what stands at ``position`` is no chunk."""
    found = data.find(b"data", position, MAX_HEADER_BYTES)
    if found < 0:
        return WaveHeader(position, wave)
    if len(data) < found + CHUNK_BYTES:
        return None
    return WaveHeader(found + CHUNK_BYTES, wave)
