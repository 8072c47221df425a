"""WAV header that many senders put before their raw PCM (``arecord`` does by default)."""

import struct
from typing import TYPE_CHECKING

from deeptone_tui.audio.source import SourceError
from deeptone_tui.protocol import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Callable

_PCM = (0x0001, 0xFFFE)
"""Format tags of plain and extensible PCM."""
_MOST = 4096
"""A header longer than this does not come from a sound recorder."""
_UNKNOWN = 0x7FFF_0000
"""Sizes from here on mean 'until the stream ends'."""
_CHUNK_HEADER = 8
_LARGEST_CHUNK = 2**24
_PRINTABLE = range(0x20, 0x7F)
_ADVICE = "send raw 16-bit mono PCM, such as arecord -q -t raw -f S16_LE -r 16000 -c 1"


class WaveHeader:
    """Filter that removes the header of a byte stream, and what follows the audio data.

    The size in a header is a hint, as the sender of a stream cannot know it: after that many bytes
    the audio ends only if chunks, or another WAV file, follow.
    """

    def __init__(self) -> None:
        self.rate: int | None = None
        """Sample rate in Hz from the header; None without a header."""
        self._pending = b""
        """Bytes that are not classified yet."""
        self._step: Callable[[], bytes | None] = self._begin
        self._left: int | None = None
        """Bytes of audio data that the header still counts; None: to the end."""
        self._skipped = 0
        """Bytes of chunks still to be dropped."""

    def strip(self, data: bytes) -> bytes:
        """Take the next bytes of the stream and return those that are audio.

        Raises:
            SourceError: when a header is too long, announces anything but 16-bit mono PCM, or
                gives a sample rate that is out of range or differs from that of the previous one.
        """
        self._pending += data
        sound = b""
        while (piece := self._step()) is not None:
            sound += piece
        return sound

    def _take(self, count: int) -> bytes:
        taken, self._pending = self._pending[:count], self._pending[count:]
        return taken

    def _begin(self) -> bytes | None:
        """Remove a header, or find audio without one; return None if more bytes are needed."""
        if not _may_begin(self._pending):
            self._step, self._left = self._sound, None
            return b""
        begin = self._audio_begins(self._pending)
        if begin is None:
            if len(self._pending) > _MOST:
                raise SourceError(f"what came in is a WAV file with a strange header; {_ADVICE}")
            return None
        size = struct.unpack_from("<I", self._pending, begin - 4)[0]
        self._left = size if 0 < size < _UNKNOWN else None
        self._take(begin)
        self._step = self._sound
        return b""

    def _sound(self) -> bytes | None:
        if not self._pending:
            return None
        if self._left is None:
            return self._take(len(self._pending))
        piece = self._take(self._left)
        self._left -= len(piece)
        if not self._left:
            self._step = self._behind
        return piece

    def _behind(self) -> bytes | None:
        """Determine what follows the audio data that the header counts."""
        if len(self._pending) < _CHUNK_HEADER:
            return None
        if self._pending.startswith(b"RIFF"):
            self._step = self._begin
        elif _is_chunk(self._pending):
            self._step = self._chunks
        else:
            self._step, self._left = self._sound, None
        return b""

    def _chunks(self) -> bytes | None:
        """Drop chunks; another file may follow them, and nothing else is audio."""
        if self._skipped:
            self._skipped -= len(self._take(self._skipped))
        if len(self._pending) < _CHUNK_HEADER:
            return None
        if self._pending.startswith(b"RIFF"):
            self._step = self._begin
        elif _is_chunk(self._pending):
            size = struct.unpack_from("<I", self._pending, 4)[0]
            self._skipped = _CHUNK_HEADER + size + size % 2
        else:
            self._pending = b""
            return None
        return b""

    def _audio_begins(self, head: bytes) -> int | None:
        """Return the offset of the audio data in ``data``; None if more bytes are needed."""
        at = 12
        while at + 8 <= len(head):
            name, size = head[at : at + 4], struct.unpack_from("<I", head, at + 4)[0]
            at += 8
            if name == b"data":
                return at
            if name == b"fmt " and at + 16 <= len(head):
                rate = _rate(head, at)
                if self.rate not in (None, rate):
                    raise SourceError(
                        f"a WAV file of {rate} Hz follows one of {self.rate} Hz; {_ADVICE}"
                    )
                self.rate = rate
            at += size + size % 2
        return None


def _is_chunk(data: bytes) -> bool:
    """Return True if a chunk may begin here: four letters, and a size that audio would not give."""
    size = struct.unpack_from("<I", data, 4)[0]
    return all(byte in _PRINTABLE for byte in data[:4]) and size < _LARGEST_CHUNK


def _may_begin(head: bytes) -> bool:
    """Return True if the bytes are, or could become, the beginning of a WAV file."""
    return b"RIFF".startswith(head[:4]) and b"WAVE".startswith(head[8:12])


def _rate(head: bytes, at: int) -> int:
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", head, at)
    if tag not in _PCM or channels != 1 or bits != 16:  # noqa: PLR2004  16-bit is what we take
        raise SourceError(
            f"what came in is a WAV file with {channels} channels of {bits} bits; {_ADVICE}"
        )
    if not MIN_SAMPLE_RATE <= rate <= MAX_SAMPLE_RATE:
        # If trusted, 1 Hz would turn a kilobyte into eight minutes of audio.
        raise SourceError(f"what came in is a WAV file that says its rate is {rate} Hz; {_ADVICE}")
    return int(rate)
