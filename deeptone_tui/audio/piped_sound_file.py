"""Audio stream that libsndfile reads from a pipe; in a file it would look for the end."""

import asyncio
import contextlib
import os
import threading
from contextlib import suppress

from deeptone_tui.audio.sound_file import library_words, load_soundfile
from deeptone_tui.audio.source import Frames, Undecodable

ROOM_BYTES = 8 * 2**20
"""Bytes ahead of the decoder at which the sender has to wait."""
_BEHIND_BYTES = 2**20
"""Bytes kept behind the decoder, for one that seeks back a little."""
_PIECE_BYTES = 65_536

_LEAST_REST_BYTES = 4_096


class Inflow:
    """A bounded window on a stream, which reads like a file that is still being written.

    Until ``release`` it keeps all bytes, so that they can be read from the beginning.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, skips: bool = False) -> None:
        """Start empty.

        Args:
            loop: Event loop of the writer.
            skips: True if a read at an offset that is yet to come waits for it, as after a
                picture. Otherwise such a read looks for data after the audio and finds none.
        """
        self._loop = loop
        self._skips = skips
        self._skipped = False
        self._changed = threading.Condition()
        self._taken = asyncio.Event()
        self._data = bytearray()
        self._first = 0
        """Offset in the stream of the first byte kept."""
        self._at = 0
        """Offset of the next byte to read."""
        self._kept = True
        self.ended = False
        self._closed = False

    @property
    def size(self) -> int:
        """Number of bytes received."""
        return self._first + len(self._data)

    @property
    def more(self) -> bool:
        """True if unread bytes exist or may still arrive."""
        return not self.ended or self._at < self.size

    def put(self, data: bytes) -> None:
        """Append received bytes; never wait."""
        with self._changed:
            self._data += data
            self._changed.notify_all()

    def end(self) -> None:
        """Mark the end of the stream."""
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    async def room(self, limit: int = ROOM_BYTES) -> None:
        """Wait until fewer than ``limit`` bytes are ahead of the decoder."""
        while not self._closed and self.size - self._at >= limit:
            self._taken.clear()
            if self.size - self._at >= limit:
                await self._taken.wait()

    def release(self) -> None:
        """Drop bytes far behind the decoder from now on."""
        self._kept = False

    def whole(self) -> bytes:
        """Return everything received; only valid before ``release``."""
        return bytes(self._data)

    def close(self) -> None:
        """Make the reader end and the writer continue."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._wake()

    def seek(self, offset: int) -> None:
        """Move to another offset."""
        if offset != self._at:
            self._skipped = offset > self._at
        self._at = offset

    def read(self, count: int) -> bytes:
        """Wait for ``count`` bytes and return them.

        Return fewer at the end, at an offset yet to come that is not waited for, or if bytes were
        dropped.
        """
        with self._changed:
            while not self._over and self.size < self._at + count:
                if self._skipped and not self._skips:
                    break
                self._changed.wait()
            return self._take(count)

    def read_some(self) -> bytes:
        """Wait for any bytes and return them; none at the end."""
        with self._changed:
            while not self._over and self.size <= self._at:
                self._changed.wait()
            return self._take(_PIECE_BYTES)

    @property
    def _over(self) -> bool:
        return self.ended or self._closed

    def _take(self, count: int) -> bytes:
        if self._closed or self._at < self._first:
            return b""
        begin = self._at - self._first
        data = bytes(self._data[begin : begin + count])
        self._at += len(data)
        self._skipped = self._skipped and not data
        behind = self._at - _BEHIND_BYTES - self._first
        if behind > _BEHIND_BYTES and not self._kept:  # only now and then, as it moves all the rest
            del self._data[:behind]
            self._first += behind
        self._wake()
        return data

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed: there is no writer any more
            self._loop.call_soon_threadsafe(self._taken.set)


FEEDER = "stream feeder"
"""Name of the thread of `pipe_from`."""


def pipe_from(inflow: Inflow) -> int:
    """Return the read end of a pipe into which a thread writes a stream from its position on.

    The thread ends with the stream, or when the user of the pipe closes it.
    """
    output, entry = os.pipe()

    def feed() -> None:
        try:
            while data := inflow.read_some():
                while data:
                    data = data[os.write(entry, data) :]
        except OSError:
            pass  # the reader has closed it
        finally:
            os.close(entry)

    threading.Thread(target=feed, name=FEEDER, daemon=True).start()
    return output


class PipedSoundFile:
    """Reader of one Ogg stream."""

    def __init__(self, pipe: int) -> None:
        """Wait for the beginning of the stream.

        Args:
            pipe: Read end of the pipe through which the stream comes; ``close`` closes it.

        Raises:
            Undecodable: when libsndfile cannot read it.
        """
        self._pipe = pipe
        try:
            with library_words():
                self._file = load_soundfile().SoundFile(pipe, closefd=False)
        except BaseException:
            os.close(pipe)
            raise
        self._file.seekable = lambda: False
        self.rate: int = self._file.samplerate
        self.channels: int = self._file.channels
        self.format: str = self._file.format
        self.frames: int | None = None
        self.seconds: float | None = None

    def read(self, frames: int) -> Frames:
        """Return the next frames, none at the end."""
        with library_words():
            data: Frames = self._file.read(frames, dtype="float32", always_2d=True)
        if not len(data) and self._more():
            raise Undecodable("another one follows; with ffmpeg installed it is heard too")
        return data

    def _more(self) -> bool:
        """Return True if libsndfile left more than a tag unread."""
        left = 0
        while left <= _LEAST_REST_BYTES and (rest := os.read(self._pipe, _PIECE_BYTES)):
            left += len(rest)
        return left > _LEAST_REST_BYTES

    def seek(self, frame: int) -> bool:
        """Raise `Undecodable`: a pipe cannot seek."""
        raise Undecodable(f"there is no frame {frame} in a pipe")

    def interrupt(self) -> None:
        """Do nothing: closing the stream already ends a read."""

    def close(self) -> None:
        """Close the reader and the pipe."""
        self._file.close()
        with suppress(OSError):
            os.close(self._pipe)
