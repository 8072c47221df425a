"""Byte range of a file as a file object of its own, in the form that libsndfile reads."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

ReadAt = Callable[[int, int], bytes]
"""Reads a number of bytes at an offset; fewer at the end."""

ENDLESS_BYTES = 2**40
"""Reported size of a byte range whose length is only found by reading."""
_TAG_BYTES = 128
"""Size of the tag that an MP3 decoder looks for at the end; an endless link has none and reads as
zeros there."""


class Handle(Protocol):
    """A file, or a stream that behaves like one, to read bytes from."""

    def seek(self, offset: int, /) -> object:
        """Move to an offset."""
        ...

    def read(self, count: int, /) -> bytes:
        """Read up to ``count`` bytes; fewer at the end."""
        ...


@dataclass(frozen=True, slots=True)
class FileLink:
    """Byte range that is a complete audio file; a file may be a chain of several."""

    start: int
    end: int
    patches: tuple[tuple[int, bytes], ...] = ()
    """Offsets in the link, and the bytes that replace what a header says there."""
    endless: bool = False
    """True if no header gives the length: the decoder reads until the data ends."""
    tail_bytes: int = 0
    """Bytes at the end, after what the header counts as audio data, of no known format."""


class ByteView:
    """Read-only file object over a link."""

    def __init__(self, handle: Handle, link: FileLink) -> None:
        """Start at the first byte.

        Args:
            handle: The file; nothing else moves its position during a read.
            link: The byte range.
        """
        self._handle = handle
        self._link = link
        self._size = link.end - link.start
        self.position = 0
        """Offset from the beginning of the link."""
        self.exhausted = False
        """True if the last read found less data than requested, or was already at the end of the
        link."""
        self.error: OSError | None = None
        """Error of a failed read. libsndfile itself can only be told that no more data follows."""

    @property
    def unread_bytes(self) -> int:
        """Number of bytes in the link after the position."""
        return max(0, self._size - self.position)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to another position and return it; a broken header may request any."""
        size = ENDLESS_BYTES if self._link.endless else self._size
        base = (0, self.position, size)[whence]
        self.position = min(max(0, base + offset), ENDLESS_BYTES)
        return self.position

    def tell(self) -> int:
        """Return the position."""
        return self.position

    def read(self, count: int = -1) -> bytes:
        """Return the next bytes, fewer at the end."""
        at = self.position
        if self._link.endless and at >= ENDLESS_BYTES - _TAG_BYTES:
            data = bytes(min(count, ENDLESS_BYTES - at))
        else:
            data = self._patched(at, self._stored(at, min(count, self.unread_bytes)))
        self.position += len(data)
        return data

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer as far as the data reaches, and return the number of bytes."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def write(self, _: bytes) -> int:
        """Write nothing; only completes the interface that libsndfile expects."""
        return 0

    def _stored(self, at: int, count: int) -> bytes:
        try:
            self._handle.seek(self._link.start + at)
            data = self._handle.read(count)
        except OSError as error:
            self.error = error
            return b""
        self.exhausted = len(data) < count or not count
        return data

    def _patched(self, at: int, data: bytes) -> bytes:
        for offset, patch in self._link.patches:
            begin, end = max(offset, at), min(offset + len(patch), at + len(data))
            if begin < end:
                piece = patch[begin - offset : end - offset]
                data = data[: begin - at] + piece + data[end - at :]
        return data
