"""A stream that libsndfile reads from a pipe, where it would look for the end of a file."""

import asyncio
import contextlib
import os
import threading
from contextlib import suppress

from deeptone_tui.audio.sound_file import library_words, load_soundfile
from deeptone_tui.audio.source import Frames, Undecodable

ROOM_BYTES = 8 * 2**20
"""Bytes ahead of the decoder, at which the sender has to wait."""
_BEHIND_BYTES = 2**20
"""Bytes behind the decoder that are kept, for one that goes back a little."""
_PIECE_BYTES = 65_536

_LEAST_REST_BYTES = 4_096


class Inflow:
    """A bounded window on a stream, which reads like a file that is still being written.

    Until ``release`` all is kept, so that who has to may see it from its beginning.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, skips: bool = False) -> None:
        """Begin with nothing.

        Args:
            loop: Who puts.
            skips: Whether a place that is yet to come is waited for, as behind a picture.
                Otherwise who goes there looks for what may be behind the sound: nothing is.
        """
        self._loop = loop
        self._skips = skips
        self._skipped = False
        self._changed = threading.Condition()
        self._taken = asyncio.Event()
        self._data = bytearray()
        self._first = 0
        """Offset in the stream of the first byte that is kept."""
        self._at = 0
        """Offset of the byte that is read next."""
        self._kept = True
        self.ended = False
        self._closed = False

    @property
    def size(self) -> int:
        """Bytes that have come."""
        return self._first + len(self._data)

    @property
    def more(self) -> bool:
        """Whether there is something that was not read, or may yet come."""
        return not self.ended or self._at < self.size

    def put(self, data: bytes) -> None:
        """Append what has come; never waits."""
        with self._changed:
            self._data += data
            self._changed.notify_all()

    def end(self) -> None:
        """Nothing more comes."""
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    async def room(self, limit: int = ROOM_BYTES) -> None:
        """Wait until less than so many bytes are ahead of the decoder."""
        while not self._closed and self.size - self._at >= limit:
            self._taken.clear()
            if self.size - self._at >= limit:
                await self._taken.wait()

    def release(self) -> None:
        """From now on what is far behind the decoder is dropped."""
        self._kept = False

    def whole(self) -> bytes:
        """All that has come, before ``release``."""
        return bytes(self._data)

    def close(self) -> None:
        """Let who reads come to an end, and who puts go on."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._wake()

    def seek(self, offset: int) -> None:
        """Go to another place."""
        if offset != self._at:
            self._skipped = offset > self._at
        self._at = offset

    def read(self, count: int) -> bytes:
        """Wait for so many bytes; fewer at the end, or where they were dropped."""
        with self._changed:
            while not self._over and self.size < self._at + count:
                if self._skipped and not self._skips:
                    break
                self._changed.wait()
            return self._take(count)

    def read_some(self) -> bytes:
        """Wait for any bytes; none at the end."""
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
        if behind > _BEHIND_BYTES and not self._kept:  # now and then, as it moves all the rest
            del self._data[:behind]
            self._first += behind
        self._wake()
        return data

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody puts any more
            self._loop.call_soon_threadsafe(self._taken.set)


class Feeder:
    """A thread that writes a stream into a pipe, until one of the two ends."""

    def __init__(self, inflow: Inflow) -> None:
        """Begin.

        Args:
            inflow: What is written, from where it is.
        """
        self._inflow = inflow
        self.output, self._input = os.pipe()
        """The end that is read; who takes it closes it, which ends the thread."""
        self._thread = threading.Thread(target=self._run, name="stream feeder", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            while data := self._inflow.read_some():
                while data:
                    data = data[os.write(self._input, data) :]
        except OSError:
            pass  # who reads has closed it
        finally:
            os.close(self._input)

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self._thread.is_alive()


class PipedSoundFile:
    """One Ogg stream."""

    def __init__(self, feeder: Feeder) -> None:
        """Wait for its beginning.

        Args:
            feeder: Writes into the pipe.

        Raises:
            Undecodable: when libsndfile cannot read it.
        """
        self._feeder = feeder
        try:
            with library_words():
                self._file = load_soundfile().SoundFile(feeder.output, closefd=False)
        except BaseException:
            os.close(feeder.output)
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
        """Whether what libsndfile has left is more than a tag."""
        left = 0
        while left <= _LEAST_REST_BYTES and (rest := os.read(self._feeder.output, _PIECE_BYTES)):
            left += len(rest)
        return left > _LEAST_REST_BYTES

    def seek(self, frame: int) -> bool:
        """Refuse."""
        raise Undecodable(f"there is no frame {frame} in a pipe")

    def interrupt(self) -> None:
        """Who closes the stream has ended what is read."""

    def close(self) -> None:
        """Close the pipe."""
        self._file.close()
        with suppress(OSError):
            os.close(self._feeder.output)
