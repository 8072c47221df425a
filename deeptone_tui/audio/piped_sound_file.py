"""A stream that libsndfile reads from a pipe, where it would look for the end of a file."""

import os
from contextlib import suppress

from deeptone_tui.audio.inflow import Feeder
from deeptone_tui.audio.reader import Frames, Undecodable
from deeptone_tui.audio.sound_file import library_words, load_soundfile

_LEAST_REST_BYTES = 4_096
_PIECE_BYTES = 65_536


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
