"""Header of a WAV file: the chunks and the format that it holds, and the one that is written here.

Layout: "Multimedia Programming Interface and Data Specifications 1.0", Microsoft and IBM, 1991.
"""

import struct
from typing import Final, NamedTuple

from deeptone_tui.dsp.samples import SAMPLE_BYTES
from deeptone_tui.protocol.parameters import SAMPLE_RATE_HZ

MAGIC_BYTES: Final = 12
"""``RIFF``, four bytes of size, ``WAVE``."""
CHUNK_BYTES: Final = 8
"""Name and size at the start of each chunk."""
FORMAT_BYTES: Final = 16
"""Part of ``fmt `` that every file has."""
HEADER_BYTES: Final = 44
"""Length of the header that `header` writes."""
SAMPLE_BITS: Final = 8 * SAMPLE_BYTES
PCM: Final = 1
EXTENSIBLE: Final = 0xFFFE
"""Encoding that is given in the extension of the format, nearly always PCM."""

_PRINTABLE = range(0x20, 0x7F)
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


class RiffChunk(NamedTuple):
    """Beginning of a chunk; the size is as its writer gave it."""

    name: bytes
    size: int
    body: int
    """Offset of its content in the data."""

    @property
    def end(self) -> int:
        """Offset after the content, which is padded to an even length."""
        return self.body + self.size + self.size % 2

    @property
    def is_named(self) -> bool:
        """True if the name can be one: four printable characters."""
        return all(byte in _PRINTABLE for byte in self.name)


class WaveFormat(NamedTuple):
    """Contents of a ``fmt `` chunk; zeros for fields unknown to the writer."""

    encoding: int
    """1 for PCM, 3 for floats, 6 and 7 for telephone codecs, 65534 for "in the extension"."""
    channels: int
    sample_rate: int
    """Hz."""
    bits: int
    """Bits per sample."""


def begins_header(data: bytes) -> bool:
    """Return True if the data begin with the magic of a WAV file."""
    return len(data) >= MAGIC_BYTES and may_become_header(data)


def may_become_header(data: bytes) -> bool:
    """Return True if the data are, or could become, the beginning of a WAV file."""
    return b"RIFF".startswith(data[:4]) and b"WAVE".startswith(data[8:MAGIC_BYTES])


def chunk_at(data: bytes, offset: int = 0) -> RiffChunk | None:
    """Return the chunk that begins at an offset; None if its name and size are not all there."""
    if len(data) < offset + CHUNK_BYTES:
        return None
    name, size = struct.unpack_from("<4sI", data, offset)
    return RiffChunk(name, size, offset + CHUNK_BYTES)


def format_of(data: bytes, chunk: RiffChunk) -> WaveFormat | None:
    """Return the format that a ``fmt `` chunk holds; None for another one, or if it is cut."""
    if chunk.name != b"fmt " or len(data) < chunk.body + FORMAT_BYTES:
        return None
    encoding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", data, chunk.body)
    return WaveFormat(encoding, channels, rate, bits)


def header(samples: int) -> bytes:
    """Return the 44-byte header of a file with ``samples`` samples: 16 bit, mono, 16 kHz."""
    data_bytes = samples * SAMPLE_BYTES
    bytes_per_second = SAMPLE_RATE_HZ * SAMPLE_BYTES
    encoding = (PCM, 1, SAMPLE_RATE_HZ, bytes_per_second, SAMPLE_BYTES, SAMPLE_BITS)
    return _HEADER.pack(
        *(b"RIFF", data_bytes + HEADER_BYTES - 8, b"WAVE"),
        *(b"fmt ", FORMAT_BYTES, *encoding),
        *(b"data", data_bytes),
    )
