"""Decoder of formats that libsndfile lacks: ffmpeg as a child process.

ffmpeg gets a file descriptor, never a name, and a fixed format, so that neither a name nor a
playlist can make it read anything else. It may use no protocol but files and pipes, and of our
environment it sees only a few variables. It ends when the pipe that it writes to is closed, whoever
closes it.
"""

import contextlib
import io
import os
import re
import shutil
import signal
import struct
import subprocess
import threading
from collections import deque
from typing import IO

import numpy as np

from deeptone_tui.audio.source import Frames, Opening, ReadInPart, Undecodable
from deeptone_tui.core.text import clean_line, reason_of

_HEADER_BYTES = 24
_MOST_HEADER_BYTES = 65_536
_FLOAT = 6
"""AU encoding number of 32-bit floats."""
_MOST_CHANNELS = 64
_MOST_BYTES_AT_ONCE = 256 * 2**20
_LOG_LINES = 20
_LOG_LINE_BYTES = 500
_KILL_SECONDS = 0.1
_LOG_SECONDS = 0.5
"""Seconds by which the log may lag behind the audio that it concerns."""
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "TEMP")
_PREFIXES = re.compile(r"\[[^]]*\] *|(file:/dev/fd/\d+|pipe:\d?): ")
_NO_LOSS = re.compile(r"non monotonically increasing dts")
"""Errors that do not concern the audio: the timestamps of joined streams, which start again."""
_SHORT_SECONDS = 0.1
"""Seconds by which encoders round lengths."""
_DURATION = re.compile(r"Duration: (\d+):(\d\d):(\d\d\.\d+)")


def has_ffmpeg() -> bool:
    """Return True if ffmpeg is installed, on a POSIX system."""
    return os.name == "posix" and shutil.which("ffmpeg") is not None


class FfmpegReader:
    """Reader of one file or stream in a container that ffmpeg decodes."""

    def __init__(
        self,
        demuxer: str,
        name: str,
        source: IO[bytes] | io.FileIO,
        *,
        seekable: bool,
        opening: Opening | None = None,
    ) -> None:
        """Start ffmpeg and wait for its description of the audio.

        Args:
            demuxer: ffmpeg's demuxer for the container.
            name: Name of the container, for display.
            source: A file, or the read end of a pipe; ``close`` closes it.
            seekable: True if the source is a file.
            opening: Lets another thread interrupt the start.

        Raises:
            Undecodable: when the source holds no audio that can be decoded, or ffmpeg cannot be
                started.
        """
        self._demuxer, self._source, self._seekable = demuxer, source, seekable
        self.format = f"{name} by ffmpeg"
        self.frames: int | None = None
        self.seconds: float | None = None
        self._interrupted = False
        self._heard_frames = 0
        """Frames decoded, including those before a seek position."""
        self._opening = opening or Opening()
        self._start(0.0)

    def read(self, frames: int) -> Frames:
        """Return the next frames, none at the end."""
        size = 4 * self.channels
        data = self._out.read(frames * size)
        whole = len(data) // size
        if not whole and not self._interrupted:
            self._check_end()
        self._heard_frames += whole
        values = np.frombuffer(data[: whole * size], dtype=">f4").reshape(whole, self.channels)
        return values.astype(np.float32)

    def seek(self, frame: int) -> bool:
        """Continue from another frame, in a new process; return True if it was reached."""
        if not self._seekable:
            raise Undecodable("it comes through a pipe")
        self._end()
        self._heard_frames = frame
        try:
            self._start(frame / self.rate)
        except Undecodable:
            self._heard_frames = 0
            self._start(0.0)
            return frame == 0
        if self._out.peek(1):
            return True
        self._end()
        self._heard_frames = 0
        self._start(0.0)
        return frame == 0

    def interrupt(self) -> None:
        """Kill ffmpeg: a waiting read returns."""
        self._interrupted = True
        self._kill()

    def close(self) -> None:
        """End ffmpeg and close the source."""
        self._interrupted = True
        self._end()
        self._source.close()

    def _start(self, seconds: float) -> None:
        descriptor = self._source.fileno()
        place = f"file:/dev/fd/{descriptor}" if self._seekable else "pipe:0"
        try:
            self._process = subprocess.Popen(  # noqa: S603  no shell, and no file name
                _command(self._demuxer, place, seconds),
                stdin=subprocess.DEVNULL if self._seekable else descriptor,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(descriptor,) if self._seekable else (),
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                start_new_session=True,  # keeps the terminal's ctrl+c and ctrl+z from it
            )
        except OSError as error:
            raise Undecodable(f"ffmpeg cannot be started: {reason_of(error)}") from error
        out, err = self._process.stdout, self._process.stderr
        assert out is not None  # noqa: S101  both are pipes
        assert err is not None  # noqa: S101
        self._out = os.fdopen(os.dup(out.fileno()), "rb")
        out.close()
        self._errors: deque[str] = deque(maxlen=_LOG_LINES)
        """Log errors of this process; one that was ended may still have lines left."""
        self._introduced = threading.Event()
        """Set once ffmpeg's description of the input has been read."""
        self._log = threading.Thread(
            target=self._read_log, args=(err, self._errors), name="ffmpeg log", daemon=True
        )
        self._log.start()
        self._opening.interrupts = self.interrupt
        if self._opening.stopped:  # before the callback was set
            self._kill()
        try:
            self._read_header()
        except Undecodable:
            self._end()
            raise

    def _read_header(self) -> None:
        """Read the AU header that ffmpeg writes before the samples."""
        head = self._out.read(_HEADER_BYTES)
        if len(head) < _HEADER_BYTES:
            raise Undecodable(self._reason())
        magic, start, _, encoding, rate, channels = struct.unpack(">4sIIIII", head)
        fit = _HEADER_BYTES <= start <= _MOST_HEADER_BYTES and 0 < channels <= _MOST_CHANNELS
        if magic != b".snd" or encoding != _FLOAT or not fit:
            raise Undecodable("ffmpeg wrote something else than was asked for")
        self._out.read(start - _HEADER_BYTES)
        self.rate, self.channels = int(rate), int(channels)
        self._introduced.wait(_LOG_SECONDS)

    def _read_log(self, lines: IO[bytes], errors: deque[str]) -> None:
        """Keep the last errors and the duration; read every line, so that ffmpeg never waits."""
        with lines:
            while line := lines.readline(_LOG_LINE_BYTES):
                words = line.decode(errors="replace")
                if found := _DURATION.search(words):
                    hours, minutes, seconds = found.groups()
                    self.seconds = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
                if "Output #0" in words:
                    self._introduced.set()
                if _is_error(words):
                    errors.append(clean_line(_PREFIXES.sub("", words)))

    def _check_end(self) -> None:
        """Raise if ffmpeg ended for another reason than the end of the audio.

        After input that is cut, or damaged in its middle, it exits successfully and only logs an
        error.
        """
        if self._failed():
            raise Undecodable(self._reason())
        self._log.join(1.0)
        if self._errors and not self._harmless():
            raise ReadInPart(reason=self._reason())

    def _harmless(self) -> bool:
        """Return True if the logged errors are no sign of loss."""
        if self._seekable:
            return False
        if self._demuxer == "mp3":  # it reports data between the files of a radio stream
            return True
        if self.seconds is None:
            return False
        missing = self.seconds - self._heard_frames / self.rate
        return missing < _SHORT_SECONDS  # it has only failed at a tag after the audio

    def _failed(self) -> bool:
        """Return True if ffmpeg exited with an error or has not exited."""
        try:
            return self._process.wait(1.0) != 0
        except subprocess.TimeoutExpired:
            return True

    def _reason(self) -> str:
        self._log.join(1.0)
        return f"ffmpeg: {self._errors[-1] if self._errors else 'no audio in it'}"

    def _kill(self) -> None:
        """Kill ffmpeg and its child processes, which would go on writing."""
        if self._process.returncode is not None:  # its process number may be in use again
            return
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _end(self) -> None:
        self._kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_KILL_SECONDS)
        self._out.close()
        self._log.join(_KILL_SECONDS)


def _is_error(words: str) -> bool:
    levels = ("[error]", "[fatal]", "[panic]")
    return any(level in words for level in levels) and not _NO_LOSS.search(words)


def _command(demuxer: str, place: str, seconds: float) -> list[str]:
    """Return the command line; an option has to precede the file it applies to."""
    program = shutil.which("ffmpeg") or "ffmpeg"
    bounds = ["-max_alloc", str(_MOST_BYTES_AT_ONCE), "-threads", "1"]
    return [
        *(program, "-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+info"),
        *(*bounds, "-protocol_whitelist", "file,pipe"),
        *(["-ss", f"{seconds:.6f}"] if seconds else []),
        *("-f", demuxer, "-i", place),
        *("-map", "0:a:0", "-map_metadata", "-1", "-c:a", "pcm_f32be", "-f", "au", "pipe:1"),
    ]
