"""Audio files decoded by libsndfile, one behind the other where several were joined."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from deeptone_tui.audio.byte_view import ENDLESS_BYTES, ByteView, FileLink, Handle
from deeptone_tui.audio.chain import find_links, flac_links_near
from deeptone_tui.audio.mp3 import constant_kbit
from deeptone_tui.audio.source import Frames, ReadInPart, SourceError, Undecodable
from deeptone_tui.core.errors import reason_of

_UNKNOWN_LENGTH = 2**62
"""libsndfile reports a number like this where a format does not tell the length."""
_PREROLL = 4_608
"""Frames decoded and dropped before a position in an MP3: four of its frames, which lean on each
other."""
_SEQUENTIAL = frozenset({"MP3", "OGG", "FLAC"})
"""Formats that are read from the first byte to the last, so that what is left was not heard."""
_LEAST_UNREAD_BYTES = 4_096
_LEAST_UNREAD_SHARE = 0.01
"""Tags of less than both, at the end, are not spoken of."""
_READ_AHEAD_BYTES = 65_536
"""At most so much behind its end has a decoder read."""
_APE_FOOTER_BYTES = 32
_ID3V1_BYTES = 128


class SoundFileReader:
    """One audio file of a format of libsndfile."""

    def __init__(self, handle: Handle, size: int, links: Sequence[FileLink] | None = None) -> None:
        """Open it and learn what it is.

        Args:
            handle: The file, which stays open as long as this.
            size: Its size in bytes.
            links: The files in it; None: they are to be found.

        Raises:
            Undecodable: when libsndfile cannot read it.
            SourceError: when there is no libsndfile.
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
        """Go on from another frame; tell whether it was there."""
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
        if not there:  # what a header counts need not be there either
            self._reopen(0)
        return there

    def interrupt(self) -> None:
        """A disk that hangs cannot be interrupted."""

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
        if not 0 <= at < self._size:  # a broken header asks for any place
            return b""
        self._handle.seek(at)
        return self._handle.read(max(0, count))

    def _next(self) -> bool:
        """Go on with the next link; raise what was left of this one and those before at the end."""
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
        """Bytes of this link that the decoder has not read and that are no tag."""
        link = self._links[self._number]
        if link.tail_bytes or self.format not in _SEQUENTIAL or self._size == ENDLESS_BYTES:
            return link.tail_bytes
        left = self._view.unread_bytes
        if left < max(_LEAST_UNREAD_BYTES, _LEAST_UNREAD_SHARE * (link.end - link.start)):
            return 0
        left -= self._tag_bytes(link.end)
        return left if left >= _LEAST_UNREAD_BYTES else 0

    def _left_before_further(self, left: int) -> int:
        """Look for files behind the last that is known, and return what is left before them.

        The search at the beginning does not come to the end of a long file.
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
        """Bytes of an APE tag, which may hold a picture, at the end of a link."""
        for before in (0, _ID3V1_BYTES):
            footer = self._read_at(end - before - _APE_FOOTER_BYTES, _APE_FOOTER_BYTES)
            if footer.startswith(b"APETAGEX"):
                return before + _APE_FOOTER_BYTES + int.from_bytes(footer[12:16], "little")
        return 0

    def _link_of(self, frame: int) -> tuple[int, int]:
        """Number and first frame of the link that a frame is in."""
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
    """Import soundfile. Raises `SourceError` where there is no libsndfile."""
    try:
        import soundfile  # noqa: PLC0415  only who reads files needs libsndfile
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
    # A seekable file is set anew to where it is after every read, which breaks the sound of an
    # MP3 at each of them. Seeking itself still works.
    opened.seekable = lambda: False
    return opened, view


def _sum(lengths: list[int | None]) -> int | None:
    known = [length for length in lengths if length is not None]
    return sum(known) if len(known) == len(lengths) else None


@contextmanager
def library_words() -> Iterator[None]:
    """Say what libsndfile raises in its first sentence."""
    try:
        yield
    except RuntimeError as error:  # the base of what soundfile raises
        words = str(getattr(error, "error_string", error))
        reason = words.split(". ", maxsplit=1)[0].strip().rstrip(".")
        raise Undecodable(reason or type(error).__name__) from error
