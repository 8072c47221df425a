"""Decoder of an audio file of any format, in pieces, to one channel of float32."""

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
from deeptone_tui.dsp import ChannelFigures, ChannelMeter, Waveform

_LEAST_RATE = 1_000
_MOST_RATE = 768_000
"""Bounds in Hz of the sample rate; a rate outside them in a header means that the header is
broken."""
_LOUDEST = 2.0**16
"""Largest magnitude of a float sample; more is not audio and would only make sums overflow."""


def open_file(path: str, channel: int | None = None, opening: Opening | None = None) -> "Decoder":
    """Open an audio file.

    Args:
        path: Path of the file; ``~`` is the home directory.
        channel: Selected channel, counted from 0; None mixes down all.
        opening: Lets another thread interrupt the call.

    Raises:
        SourceError: when the file is missing, not readable, not audio or empty, or lacks the
            channel.
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
    """Return a reader of an open file: libsndfile first, as it is the same on every system.

    Raises:
        SourceError: when no decoder can read it.
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
    """Decoder of one audio file or stream.

    Its methods block; ``close`` may be called from another thread.
    """

    def __init__(
        self, name: str, reader: SampleReader, channel: int | None = None, *, advice: str = ""
    ) -> None:
        """Take over an open reader.

        Args:
            name: Name for display.
            reader: Reader of the file or stream.
            channel: Selected channel, counted from 0; None mixes down all.
            advice: Command to suggest if only a part can be read.

        Raises:
            SourceError: when the audio is empty, has an impossible sample rate or lacks the
                channel. The reader is closed then.
        """
        self.name = name
        self._reader: SampleReader | None = reader
        self._channel = channel
        self._advice = advice
        self._mixed = ChannelMeter()
        self._lock = threading.Lock()
        self._at = 0
        self._no_numbers = False
        """True if the next samples are not finite."""
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
        """Format, sample rate and channels, for display: ``FLAC, 44100 Hz, 2 channels``."""
        return f"{self._format}, {self.rate} Hz, " + (
            "mono" if self._channels == 1 else f"{self._channels} channels"
        )

    @property
    def channels(self) -> ChannelFigures | None:
        """Figures of the channels mixed down so far; None without a mix."""
        return self._mixed.figures

    @property
    def heard_seconds(self) -> float:
        """Position in seconds from the beginning."""
        return self._at / self.rate

    def read(self, frames: int) -> Waveform:
        """Read the next frames, fewer at the end, none after it or after ``close``.

        Raises:
            SourceError: when the file is broken from here on, or could only be read in part.
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
        """Continue from another frame, counted from the beginning; return True if it was reached.

        If a file of unknown length has no such frame, or seeking in it fails, it continues from the
        beginning.

        Raises:
            SourceError: when the format cannot seek.
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
        """Close the file, unless a read hangs in it: then it stays open until the process ends."""
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
        """Return the next frames, up to the first that is not finite, which ends the audio."""
        data = (
            np.empty((0, 1), np.float32) if self._no_numbers else self._numbers(reader.read(frames))
        )
        if self._no_numbers and not len(data):
            raise Undecodable("samples that are no numbers")
        return data

    def _numbers(self, data: Frames) -> Frames:
        """Clip the frames, and cut them at the first that is not finite.

        Samples that are not finite could be heard as anything.
        """
        peak = np.abs(data).max(initial=0.0)  # NaN if any sample is
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
        if name.is_dir():  # Windows reports a folder as a missing permission
            raise SourceError(f"{path} is a folder; name one audio file in it")
        # Non-blocking: a FIFO without a writer would block before its type is checked.
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
