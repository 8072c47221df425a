"""Reader of audio files with libsndfile, in sequence if several were joined into one."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from deeptone_tui.audio.chain import (
    ENDLESS_BYTES,
    FileLink,
    constant_kbit,
    find_links,
    flac_links_near,
)
from deeptone_tui.audio.source import Frames, ReadInPart, SourceError, Undecodable
from deeptone_tui.core.text import reason_of

_UNKNOWN_LENGTH = 2**62
"""Bound on frame counts: libsndfile reports one like this if a format gives no length."""
_PREROLL = 4_608
"""Frames decoded and dropped before a position in an MP3: four of its frames, which depend on each
other."""
_SEQUENTIAL = frozenset({"MP3", "OGG", "FLAC"})
"""Formats read from the first byte to the last, so that unread bytes were not decoded."""
_LEAST_UNREAD_BYTES = 4_096
_LEAST_UNREAD_SHARE = 0.01
"""Unread bytes at the end below the larger of the two bounds, such as tags, are not reported."""
_READ_AHEAD_BYTES = 65_536
"""Bytes that a decoder has read beyond its end, at most."""
_APE_FOOTER_BYTES = 32
_ID3V1_BYTES = 128
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


class SoundFileReader:
    """Reader of one audio file in a format of libsndfile."""

    def __init__(self, handle: Handle, size: int, links: Sequence[FileLink] | None = None) -> None:
        """Open the file and read its format.

        Args:
            handle: The file; it has to stay open as long as the reader.
            size: Size of the file in bytes.
            links: Links of the file; None searches for them.

        Raises:
            Undecodable: when libsndfile cannot read it.
            SourceError: when libsndfile is missing.
        """
        self._handle = handle
        self._size = size
        self._links = find_links(self._read_at, size) if links is None else links
        self._number = 0
        self._unread_bytes = 0
        self._file, self._view = _open(handle, self._links[0])
        self.rate: int = self._file.samplerate
        self.channels: int = self._file.channels
        self.format: str = self._file.format
        self._lengths = [self._length(self._file, self._links[0]), *self._lengths_from(1)]
        self.frames = _sum(self._lengths)
        self.seconds = None if self.frames is None or not self.rate else self.frames / self.rate
        if links is None and self.seconds is None and len(self._links) == 1:
            kbit = constant_kbit(self._read_at, 0, size)
            self.seconds = None if kbit is None else size / (125 * kbit)

    def read(self, frames: int) -> Frames:
        """Return the next frames, none at the end."""
        while True:
            data = self._decode(frames)
            if self._view.error is not None:
                raise Undecodable(reason_of(self._view.error))
            if len(data):
                return data
            if not self._next():
                return np.empty((0, self.channels), dtype=np.float32)

    def seek(self, frame: int) -> bool:
        """Continue from another frame; return True if it was reached, else restart."""
        number, first = self._link_of(frame)
        if number != self._number:
            self._reopen(number)
        self._unread_bytes = 0
        wanted = frame - first
        preroll = min(wanted, _PREROLL if self.format == "MP3" else int(self.frames is None))
        try:
            with library_words():
                self._file.seek(wanted - preroll)
                there = len(self._file.read(preroll, dtype="float32")) == preroll
        except Undecodable:
            there = False
        if not there:  # frames that a header counts may be missing
            self._reopen(0)
        return there

    def interrupt(self) -> None:
        """Do nothing: a read from a disk that hangs cannot be interrupted."""

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        if isinstance(self._handle, io.IOBase):
            self._handle.close()

    def _decode(self, frames: int) -> Frames:
        try:
            with library_words():
                data: Frames = self._file.read(frames, dtype="float32", always_2d=True)
        except Undecodable:
            if not (self._links[self._number].endless and self._view.exhausted):
                raise
            return np.empty((0, self.channels), dtype=np.float32)  # it ends with half a frame
        return data

    def _read_at(self, at: int, count: int) -> bytes:
        if not 0 <= at < self._size:  # a broken header may request any offset
            return b""
        self._handle.seek(at)
        return self._handle.read(max(0, count))

    def _next(self) -> bool:
        """Continue with the next link; after the last, raise `ReadInPart` for all unread bytes."""
        left = self._left()
        if left and self.format == "FLAC" and self._number + 1 == len(self._links):
            left = self._left_before_further(left)
        self._unread_bytes += left
        if self._number + 1 < len(self._links):
            self._reopen(self._number + 1)
            if self._file.samplerate != self.rate:
                raise Undecodable(f"{self.rate} Hz becomes {self._file.samplerate} Hz")
            if self._file.channels != self.channels:
                raise Undecodable(f"channels: {self.channels} become {self._file.channels}")
            return True
        unread, self._unread_bytes = self._unread_bytes, 0
        if unread:
            raise ReadInPart(unread / self._size)
        return False

    def _left(self) -> int:
        """Return the number of unread bytes of this link that are no tag."""
        link = self._links[self._number]
        if link.tail_bytes or self.format not in _SEQUENTIAL or self._size == ENDLESS_BYTES:
            return link.tail_bytes
        left = self._view.unread_bytes
        if left < max(_LEAST_UNREAD_BYTES, _LEAST_UNREAD_SHARE * (link.end - link.start)):
            return 0
        left -= self._tag_bytes(link.end)
        return left if left >= _LEAST_UNREAD_BYTES else 0

    def _left_before_further(self, left: int) -> int:
        """Look for files after the last known link; return the bytes left before them.

        The initial search does not reach the end of a long file.
        """
        last = self._links[-1]
        position = last.start + self._view.position
        at = max(last.start + 1, position - _READ_AHEAD_BYTES)
        further = flac_links_near(self._read_at, self._size, at)
        if not further:
            return left
        begin = further[0].start
        self._links = [*self._links[:-1], replace(last, end=begin), *further]
        self._lengths += self._lengths_from(len(self._links) - len(further))
        gap = begin - position
        return gap if gap >= _LEAST_UNREAD_BYTES else 0

    def _tag_bytes(self, end: int) -> int:
        """Return the size of an APE tag, which may hold a picture, at the end of a link."""
        for before in (0, _ID3V1_BYTES):
            footer = self._read_at(end - before - _APE_FOOTER_BYTES, _APE_FOOTER_BYTES)
            if footer.startswith(b"APETAGEX"):
                return before + _APE_FOOTER_BYTES + int.from_bytes(footer[12:16], "little")
        return 0

    def _link_of(self, frame: int) -> tuple[int, int]:
        """Return number and first frame of the link that contains a frame."""
        first = 0
        for number, length in enumerate(self._lengths):
            if length is None or frame < first + length or number + 1 == len(self._lengths):
                return number, first
            first += length
        raise AssertionError

    def _reopen(self, number: int) -> None:
        self._file.close()
        self._number = number
        self._file, self._view = _open(self._handle, self._links[number])

    def _lengths_from(self, number: int) -> Iterator[int | None]:
        for link in self._links[number:]:
            try:
                file, _ = _open(self._handle, link)
            except Undecodable:
                yield None
                continue
            yield self._length(file, link)
            file.close()

    @staticmethod
    def _length(file: Any, link: FileLink) -> int | None:  # noqa: ANN401  soundfile ships no types
        known = 0 <= file.frames < _UNKNOWN_LENGTH and not link.endless
        return int(file.frames) if known else None


def load_soundfile() -> Any:  # noqa: ANN401  soundfile ships no types
    """Import soundfile; raise `SourceError` if libsndfile is missing."""
    try:
        import soundfile  # noqa: PLC0415  only files need libsndfile
    except (ImportError, OSError) as error:
        raise SourceError(
            "audio files need libsndfile, which is missing here; pip install soundfile, or "
            f"convert to raw PCM elsewhere and pipe it in as - ({error})"
        ) from error
    return soundfile


def _open(handle: Handle, link: FileLink) -> tuple[Any, ByteView]:
    view = ByteView(handle, link)
    with library_words():
        opened = load_soundfile().SoundFile(view)
    # After every read, soundfile seeks a seekable file to its current position, which breaks the
    # audio of an MP3 each time. Seeking itself still works.
    opened.seekable = lambda: False
    return opened, view


def _sum(lengths: list[int | None]) -> int | None:
    known = [length for length in lengths if length is not None]
    return sum(known) if len(known) == len(lengths) else None


@contextmanager
def library_words() -> Iterator[None]:
    """Raise an error of libsndfile as `Undecodable`, with the first sentence of its message."""
    try:
        yield
    except RuntimeError as error:  # the base of what soundfile raises
        words = str(getattr(error, "error_string", error))
        reason = words.split(". ", maxsplit=1)[0].strip().rstrip(".")
        raise Undecodable(reason or type(error).__name__) from error
