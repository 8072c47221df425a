"""An audio file of any format of libsndfile, read in pieces as one channel of float32."""

import os
import stat
import threading
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from deeptone_tui.audio.resample import Waveform
from deeptone_tui.audio.source import SourceError
from deeptone_tui.level import ChannelFigures, ChannelMeter
from deeptone_tui.protocol.text import clean_name

_UNKNOWN_LENGTH = 2**62
"""libsndfile reports a number like this where a format does not tell the length."""

_PREROLL = 4_608
"""Frames decoded and dropped before a position in an MP3: four of its frames, which lean on each
other."""

_RAW_ENDINGS = frozenset({".raw", ".pcm", ".s16", ".s16le", ".sw", ".sln", ".sln16"})
_MOST_RATE = 768_000
"""Above any audio file; a rate like that in a header means the header is broken."""


class Decoder:
    """One open audio file. Its methods block; ``close`` may come from another thread."""

    def __init__(self, path: str, channel: int | None = None) -> None:
        """Open the file.

        Args:
            path: Where it is; ``~`` is the home folder.
            channel: The channel wanted, counted from 0; None mixes all.

        Raises:
            SourceError: when it is not there, not readable, not audio, empty, or has no such
                channel; in words.
        """
        self.name = clean_name(Path(path).name)
        self._channel = channel
        self._mixed = ChannelMeter()
        self._lock = threading.Lock()
        self._handle = _open_handle(path)
        try:
            self._file: Any = _decode(path, self._handle)
        except SourceError:
            self._handle.close()
            raise
        self._at = 0
        self.rate: int = self._file.samplerate
        self.frames: int | None = self._file.frames
        if not 0 <= self._file.frames < _UNKNOWN_LENGTH:
            self.frames = None
        try:
            self._check()
        except SourceError:
            self.close()
            raise

    @property
    def detail(self) -> str:
        """Format, rate and channels, for people: ``FLAC, 44100 Hz, 2 channels``."""
        channels = self._file.channels
        return f"{self._file.format}, {self.rate} Hz, " + (
            "mono" if channels == 1 else f"{channels} channels"
        )

    @property
    def channels(self) -> ChannelFigures | None:
        """Of the channels that were mixed so far; None where none are."""
        return self._mixed.figures

    def read(self, frames: int) -> Waveform:
        """Read the next frames, fewer at the end, none after it or after ``close``.

        Raises:
            SourceError: when the file is broken from here on.
        """
        with self._lock:
            if self._file is None:
                return np.empty(0, dtype=np.float32)
            try:
                data = self._file.read(frames, dtype="float32", always_2d=True)
            except RuntimeError as error:  # the base of what soundfile raises
                raise SourceError(
                    f"{self.name} is broken after {self._at / self.rate:.1f} s ({_reason(error)})"
                ) from error
            self._at += len(data)
        if self._channel is not None:
            return np.ascontiguousarray(data[:, self._channel])
        if data.shape[1] == 1:
            return np.ascontiguousarray(data[:, 0])
        self._mixed.feed(data)
        mixed: Waveform = data.mean(axis=1, dtype=np.float32)
        return mixed

    def seek(self, frame: int) -> None:
        """Go on from another frame, counted from the beginning.

        Raises:
            SourceError: when the format cannot.
        """
        with self._lock:
            if self._file is None:
                return
            try:
                preroll = min(frame, _PREROLL) if self._file.format == "MP3" else 0
                self._file.seek(frame - preroll)
                self._file.read(preroll)
                self._at = frame
            except RuntimeError as error:
                raise SourceError(
                    f"{self.name} cannot be played from another position ({_reason(error)})"
                ) from error

    def close(self, timeout: float = 0.05) -> None:
        """Close the file, unless a read hangs in it: then it is left to the end of the process."""
        if self._lock.acquire(timeout=timeout):
            try:
                if self._file is not None:
                    self._file.close()
                    self._file = None
                    self._handle.close()
            finally:
                self._lock.release()

    def _check(self) -> None:
        if self.frames == 0:
            raise SourceError(f"{self.name} holds no audio (0 samples); choose another file")
        if not 0 < self.rate <= _MOST_RATE:
            raise SourceError(f"{self.name} says its rate is {self.rate} Hz, which cannot be")
        channels = self._file.channels
        if self._channel is not None and not 0 <= self._channel < channels:
            has = "is mono" if channels == 1 else f"has channels 1 to {channels}"
            raise SourceError(
                f"{self.name} has no channel {self._channel + 1}; it {has}, and without a "
                "choice all are mixed"
            )


def _decode(path: str, handle: BinaryIO) -> Any:  # noqa: ANN401  soundfile ships no types
    try:
        import soundfile  # noqa: PLC0415  only who reads files needs libsndfile
    except (ImportError, OSError) as error:
        raise SourceError(
            "audio files need libsndfile, which is missing here; pip install soundfile, or "
            f"convert to raw PCM elsewhere and pipe it in as - ({error})"
        ) from error
    # By descriptor the ending of the name plays no part; Windows has no descriptor to share.
    file: int | BinaryIO = handle.fileno() if os.name == "posix" else handle
    try:
        opened = soundfile.SoundFile(file, closefd=False)
    except RuntimeError as error:  # the base of what soundfile raises
        raise SourceError(_not_audio(path, error)) from error
    # A seekable file is set anew to where it is after every read, which breaks the sound of an
    # MP3 at each of them. Seeking itself still works.
    opened.seekable = lambda: False
    return opened


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


def _not_audio(path: str, error: BaseException) -> str:
    reason = _reason(error)
    if Path(path).suffix.casefold() in _RAW_ENDINGS:
        return (
            f"{path} has no header to tell its format; raw 16-bit mono PCM goes in on stdin: "
            f"deeptone-tui - --sample-rate 16000 < {path}"
        )
    return (
        f"{path} is no audio file that can be read ({reason}); "
        "convert it first: ffmpeg -i IN -ac 1 -ar 16000 OUT.wav"
    )


def _reason(error: BaseException) -> str:
    """Shorten what libsndfile said to its first sentence, without our own descriptor number."""
    words = str(getattr(error, "error_string", error))
    return words.split(". ", maxsplit=1)[0].strip().rstrip(".") or type(error).__name__


def _system_words(error: BaseException) -> str:
    words = error.strerror if isinstance(error, OSError) else str(error)
    return (words or type(error).__name__).lower()
