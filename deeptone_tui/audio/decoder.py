"""An audio file of any format, read in pieces as one channel of float32."""

import os
import stat
import threading
from pathlib import Path
from typing import BinaryIO

import numpy as np

from deeptone_tui.audio.containers import (
    ENOUGH_BYTES,
    Container,
    container_of,
    convert_line,
    how_to_play,
)
from deeptone_tui.audio.ffmpeg import FfmpegReader, has_ffmpeg
from deeptone_tui.audio.resample import Waveform
from deeptone_tui.audio.sound_file import SoundFileReader
from deeptone_tui.audio.source import (
    Frames,
    Opening,
    ReadInPart,
    SampleReader,
    SourceError,
    Undecodable,
)
from deeptone_tui.core.text import clean_name
from deeptone_tui.dsp import ChannelFigures, ChannelMeter

_LEAST_RATE = 1_000
_MOST_RATE = 768_000
"""Below and above any audio file; a rate like that in a header means the header is broken."""
_LOUDEST = 2.0**16
"""Of a float sample; what is more is no sound and would only make sums overflow."""


def open_file(path: str, channel: int | None = None, opening: Opening | None = None) -> "Decoder":
    """Open an audio file.

    Args:
        path: Where it is; ``~`` is the home folder.
        channel: The channel wanted, counted from 0; None mixes all.
        opening: What may end this.

    Raises:
        SourceError: when it is not there, not readable, not audio, empty, or has no such
            channel; in words.
    """
    handle = _open_handle(path)
    try:
        reader = _file_reader(path, handle, opening)
    except OSError as error:
        handle.close()
        raise SourceError(f"{path} cannot be read ({_system_words(error)})") from error
    except BaseException:
        handle.close()
        raise
    return Decoder(
        clean_name(Path(path).name), reader, channel, advice=convert_line(path, reader.format)
    )


def _file_reader(path: str, handle: BinaryIO, opening: Opening | None) -> SampleReader:
    """Choose who decodes an open file; libsndfile first, as it is everywhere the same.

    Raises:
        SourceError: when nobody can; in words.
    """
    try:
        return SoundFileReader(handle, handle.seek(0, os.SEEK_END))
    except Undecodable as error:
        refused = error
    handle.seek(0)
    container = container_of(handle.read(ENOUGH_BYTES))
    if container is None or not container.demuxer or not has_ffmpeg():
        raise SourceError(how_to_play(path, container, str(refused))) from refused
    return _by_ffmpeg(path, handle, container, opening)


def _by_ffmpeg(
    path: str, handle: BinaryIO, container: Container, opening: Opening | None
) -> SampleReader:
    try:
        return FfmpegReader(
            container.demuxer, container.name, handle, seekable=True, opening=opening
        )
    except Undecodable as error:
        raise SourceError(
            f"{path} is {container.name}, of which nothing can be heard ({error})"
        ) from error


class Decoder:
    """One audio file or stream. Its methods block; ``close`` may come from another thread."""

    def __init__(
        self, name: str, reader: SampleReader, channel: int | None = None, *, advice: str = ""
    ) -> None:
        """Take over what is open.

        Args:
            name: For people.
            reader: Decodes it.
            channel: The channel wanted, counted from 0; None mixes all.
            advice: What to type where it can be read in part only.

        Raises:
            SourceError: when it is empty or has no such channel; in words. It is closed then.
        """
        self.name = name
        self._reader: SampleReader | None = reader
        self._channel = channel
        self._advice = advice
        self._mixed = ChannelMeter()
        self._lock = threading.Lock()
        self._at = 0
        self._no_numbers = False
        """Samples that are none come next."""
        self.rate = reader.rate
        self.frames = reader.frames
        self.seconds = reader.seconds
        self._channels = reader.channels
        self._format = reader.format
        try:
            self._check()
        except SourceError:
            self.close()
            raise

    @property
    def detail(self) -> str:
        """Format, rate and channels, for people: ``FLAC, 44100 Hz, 2 channels``."""
        return f"{self._format}, {self.rate} Hz, " + (
            "mono" if self._channels == 1 else f"{self._channels} channels"
        )

    @property
    def channels(self) -> ChannelFigures | None:
        """Of the channels that were mixed so far; None where none are."""
        return self._mixed.figures

    @property
    def heard_seconds(self) -> float:
        """How far from the beginning it is."""
        return self._at / self.rate

    def read(self, frames: int) -> Waveform:
        """Read the next frames, fewer at the end, none after it or after ``close``.

        Raises:
            SourceError: when the file is broken from here on, or was heard in part only.
        """
        with self._lock:
            if self._reader is None:
                return np.empty(0, dtype=np.float32)
            try:
                data = self._read(self._reader, frames)
            except Undecodable as error:
                raise SourceError(
                    f"{self.name} is broken after {self.heard_seconds:.1f} s ({error})"
                ) from error
            except ReadInPart as error:
                raise SourceError(self._in_part(error)) from error
            self._at += len(data)
        if self._channel is not None:
            return np.ascontiguousarray(data[:, self._channel])
        if data.shape[1] == 1:
            return np.ascontiguousarray(data[:, 0])
        self._mixed.feed(data)
        mixed: Waveform = data.mean(axis=1, dtype=np.float32)
        return mixed

    def seek(self, frame: int) -> bool:
        """Go on from another frame, counted from the beginning; tell whether it was there.

        Where a file of unknown length has no such frame, or cannot be moved in, it goes on from
        the beginning.

        Raises:
            SourceError: when the format cannot.
        """
        with self._lock:
            if self._reader is None:
                return True
            try:
                reached = self._reader.seek(frame)
            except Undecodable as error:
                raise SourceError(
                    f"{self.name} cannot be played from another position ({error})"
                ) from error
            self._at = frame if reached else 0
            self._no_numbers = False
            return reached

    def close(self, timeout: float = 0.05) -> None:
        """Close the file, unless a read hangs in it: then it is left to the end of the process."""
        if (reader := self._reader) is not None:
            reader.interrupt()
        if self._lock.acquire(timeout=timeout):
            try:
                if self._reader is not None:
                    self._reader.close()
                    self._reader = None
            finally:
                self._lock.release()

    def _read(self, reader: SampleReader, frames: int) -> Frames:
        """The next frames before any that are no numbers, which are the end of it."""
        data = (
            np.empty((0, 1), np.float32) if self._no_numbers else self._numbers(reader.read(frames))
        )
        if self._no_numbers and not len(data):
            raise Undecodable("samples that are no numbers")
        return data

    def _numbers(self, data: Frames) -> Frames:
        """What may be reckoned with. Samples that are no numbers would be heard as anything."""
        peak = np.abs(data).max(initial=0.0)  # NaN where any is
        if peak <= _LOUDEST:
            return data
        broken = np.flatnonzero(~np.isfinite(data).all(axis=1))
        if len(broken):
            self._no_numbers = True
            data = data[: broken[0]]
        return np.clip(data, -_LOUDEST, _LOUDEST)

    def _in_part(self, error: ReadInPart) -> str:
        if error.reason:
            length = "" if self.seconds is None else f" of {self.seconds:.1f} s"
            heard = f"only a part of {self.name} could be read, {self.heard_seconds:.1f} s{length}"
            return f"{heard} ({error.reason}); it is cut or damaged, get a whole copy"
        heard = f"only {self.heard_seconds:.1f} s of {self.name} could be read"
        rest = f"{error.unread:.0%}".replace("%", " %")
        return f"{heard}, {rest} of the file is something else; convert it first: {self._advice}"

    def _check(self) -> None:
        if self.frames == 0:
            raise SourceError(f"{self.name} holds no audio (0 samples); choose another file")
        if not _LEAST_RATE <= self.rate <= _MOST_RATE:
            raise SourceError(f"{self.name} says its rate is {self.rate} Hz, which cannot be")
        if self._channel is not None and not 0 <= self._channel < self._channels:
            has = "is mono" if self._channels == 1 else f"has channels 1 to {self._channels}"
            raise SourceError(
                f"{self.name} has no channel {self._channel + 1}; it {has}, and without a "
                "choice all are mixed"
            )


def _open_handle(path: str) -> BinaryIO:
    """Open the file ourselves, so that the system's own errors keep their meaning."""
    try:
        name = Path(path).expanduser()
        if name.is_dir():  # Windows calls opening a folder a lack of permission
            raise SourceError(f"{path} is a folder; name one audio file in it")
        # Non-blocking, or a FIFO without a writer would hold us before we see what it is.
        handle = open(name, "rb", opener=_open_without_waiting)  # noqa: SIM115  Decoder closes it
    except FileNotFoundError as error:
        raise SourceError(f"there is no file {path}; check the path") from error
    except PermissionError as error:
        raise SourceError(f"{path} may not be read by this user; chmod +r it") from error
    except (OSError, ValueError, RuntimeError) as error:
        raise SourceError(f"{path} cannot be opened ({_system_words(error)})") from error
    problem = _problem(path, os.fstat(handle.fileno()))
    if problem:
        handle.close()
        raise SourceError(problem)
    return handle


def _open_without_waiting(name: str, flags: int) -> int:
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _problem(path: str, status: os.stat_result) -> str | None:
    if not stat.S_ISREG(status.st_mode):
        return f"{path} is no regular file; pipe raw 16-bit PCM into deeptone-tui - instead"
    if status.st_size == 0:
        return f"{path} is empty (0 bytes); choose another file"
    return None


def _system_words(error: BaseException) -> str:
    words = error.strerror if isinstance(error, OSError) else str(error)
    return (words or type(error).__name__).lower()
