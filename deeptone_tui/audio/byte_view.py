"""Bytes of a file as a file of their own, in the form that libsndfile reads."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

ReadAt = Callable[[int, int], bytes]
"""Reads so many bytes at an offset, fewer at the end."""

ENDLESS_BYTES = 2**40
"""Size that is told of bytes whose length has to be found by reading."""
_TAG_BYTES = 128
"""A tag at the end of an MP3, which its decoder looks for and which is not there."""


class Handle(Protocol):
    """What bytes are read from: a file, or a stream that is like one."""

    def seek(self, offset: int, /) -> object:
        """Go to a place."""
        ...

    def read(self, count: int, /) -> bytes:
        """Read so many bytes, fewer at the end."""
        ...


@dataclass(frozen=True, slots=True)
class FileLink:
    """Bytes that are a whole audio file by themselves; a chain of them may be joined to one."""

    start: int
    end: int
    patches: tuple[tuple[int, bytes], ...] = ()
    """Offsets in the link, and bytes that stand there in the place of what a header says."""
    endless: bool = False
    """No header tells the length: a decoder is to read as far as there is something."""
    tail_bytes: int = 0
    """At the end, behind what the header counts as sound, and of no form that is known."""


class ByteView:
    """A link, read and never written."""

    def __init__(self, handle: Handle, link: FileLink) -> None:
        """Begin at its first byte.

        Args:
            handle: The file, which nobody else moves meanwhile.
            link: The bytes.
        """
        self._handle = handle
        self._link = link
        self._size = link.end - link.start
        self.position = 0
        """Bytes from the beginning of the link."""
        self.exhausted = False
        """Whether there was less than was asked for."""
        self.error: OSError | None = None
        """What reading failed with. libsndfile can only be told that there is nothing more."""

    @property
    def unread_bytes(self) -> int:
        """How much of the link is behind the position."""
        return max(0, self._size - self.position)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to another place; what a broken header asks for may be anywhere."""
        size = ENDLESS_BYTES if self._link.endless else self._size
        base = (0, self.position, size)[whence]
        self.position = min(max(0, base + offset), ENDLESS_BYTES)
        return self.position

    def tell(self) -> int:
        """The position."""
        return self.position

    def read(self, count: int = -1) -> bytes:
        """The next bytes, fewer at the end."""
        at = self.position
        if self._link.endless and at >= ENDLESS_BYTES - _TAG_BYTES:
            data = bytes(min(count, ENDLESS_BYTES - at))
        else:
            data = self._patched(at, self._stored(at, min(count, self.unread_bytes)))
        self.position += len(data)
        return data

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer, or as much of it as there is."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def write(self, _: bytes) -> int:
        """Refuse; libsndfile wants to know that it could."""
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
