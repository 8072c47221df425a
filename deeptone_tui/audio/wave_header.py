"""The WAV header that many a sender puts before its raw PCM (``arecord`` does unless told)."""

import struct

from deeptone_tui.audio.source import SourceError
from deeptone_tui.protocol import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE

_PCM = (0x0001, 0xFFFE)
"""Format tags of plain and of extensible PCM."""
_MOST = 4096
"""A header longer than this is none of a sound recorder's."""
_ADVICE = "send raw 16-bit mono PCM, such as arecord -q -t raw -f S16_LE -r 16000 -c 1"


class WaveHeader:
    """Takes the header off the front of a byte stream, if it begins with one."""

    def __init__(self) -> None:
        self.rate: int | None = None
        """The sample rate in Hz that the header gave; None without a header."""
        self._waiting: bytes | None = b""
        """Bytes that may still be part of the header; None once that is settled."""

    def strip(self, data: bytes) -> bytes:
        """Return what of the stream so far is audio.

        Raises:
            SourceError: when the header announces something else than 16-bit mono PCM.
        """
        if self._waiting is None:
            return data
        head = self._waiting + data
        if not _may_begin(head):
            self._waiting = None
            return head
        end = self._audio_begins(head)
        if end is None:
            if len(head) > _MOST:
                raise SourceError(f"what came in is a WAV file with a strange header; {_ADVICE}")
            self._waiting = head
            return b""
        self._waiting = None
        return head[end:]

    def _audio_begins(self, head: bytes) -> int | None:
        """Walk the chunks up to ``data``; None where more bytes are needed."""
        at = 12
        while at + 8 <= len(head):
            name, size = head[at : at + 4], struct.unpack_from("<I", head, at + 4)[0]
            at += 8
            if name == b"data":
                return at
            if name == b"fmt " and at + 16 <= len(head):
                self.rate = _rate(head, at)
            at += size + size % 2
        return None


def _may_begin(head: bytes) -> bool:
    """Whether the bytes are, or could become, the beginning of a WAV file."""
    return b"RIFF".startswith(head[:4]) and b"WAVE".startswith(head[8:12])


def _rate(head: bytes, at: int) -> int:
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", head, at)
    if tag not in _PCM or channels != 1 or bits != 16:  # noqa: PLR2004  16-bit is what we take
        raise SourceError(
            f"what came in is a WAV file with {channels} channels of {bits} bits; {_ADVICE}"
        )
    if not MIN_SAMPLE_RATE <= rate <= MAX_SAMPLE_RATE:
        # Believed, 1 Hz would turn a kilobyte into eight minutes of audio.
        raise SourceError(f"what came in is a WAV file that says its rate is {rate} Hz; {_ADVICE}")
    return int(rate)
