"""Audio container received as a stream of bytes, from stdin or a TCP peer."""

import asyncio
import io
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import IO

from deeptone_tui.audio.chain import ENDLESS_BYTES, FileLink
from deeptone_tui.audio.containers import MP3, MP4, Container, has_index_first
from deeptone_tui.audio.decoder import Decoder
from deeptone_tui.audio.ffmpeg import FfmpegReader, has_ffmpeg
from deeptone_tui.audio.piped_sound_file import ROOM_BYTES, Inflow, PipedSoundFile, pipe_from
from deeptone_tui.audio.sound_file import SoundFileReader
from deeptone_tui.audio.source import Opening, SampleReader, SourceError, Undecodable
from deeptone_tui.core.blocking import call_in_thread
from deeptone_tui.core.text import reason_of
from deeptone_tui.dsp import Resampler, Samples

_WHOLE_SECONDS = 1.0
"""A stream that ends within this time, and fits the buffer, is decoded as a file."""
_WHOLE_BYTES = 64 * 2**20
"""Buffer size for a container whose end is needed to decode its beginning."""
_LEAST_REST_BYTES = 4_096
"""A rest of at most this size at the end counts as a tag."""
_INDEX_BYTES = 4_096
"""Bytes within which an MP4 shows whether its index comes first; a phone or camera sends as many at
once."""
_QUIET_SECONDS = 86_400.0
"""Seconds that a sender may be quiet: a bound, though closing comes long before."""
_ADVICE = "ffmpeg -i IN -ac 1 -ar 16000 OUT.wav"

Read = Callable[[], Awaitable[bytes]]


class ContainerStream:
    """Decoder of a container that arrives as a stream.

    It decodes in a thread, and its buffer is bounded, so that a sender has to wait for us.
    """

    def __init__(
        self, container: Container, name: str, read: Read, *, channel: int | None, seconds: float
    ) -> None:
        """Prepare to decode.

        Args:
            container: Container of the stream.
            name: Origin of the stream, for display.
            read: Returns the next bytes of the stream, none at the end.
            channel: Selected channel, counted from 0; None mixes down all.
            seconds: Seconds of audio to decode at a time.
        """
        self._container = container
        self._name = name
        self._read = read
        self._channel = channel
        self._seconds = seconds
        self._inflow = Inflow(asyncio.get_running_loop(), skips=container is MP3)
        self._opening = Opening()
        self._pump: asyncio.Task[None] | None = None
        self._decoder: Decoder | None = None
        self._closed = False
        self._is_long = asyncio.Event()
        self._index_first = False
        self._by_libsndfile = False
        """True if libsndfile decodes the stream, which it may stop reading before its end."""

    async def open(self, head: bytes) -> Decoder:
        """Start to decode.

        Args:
            head: Bytes that were already read.

        Raises:
            SourceError: when the stream is not audio, or cannot be decoded here.
        """
        if not self._container.demuxer:
            raise SourceError(
                f"what comes from {self._name} is {self._container.name}, not audio; unpack it "
                "first, or send raw 16-bit mono PCM"
            )
        self._inflow.put(head)
        if self._container is MP4 and len(head) < _INDEX_BYTES:
            more = await self._read()
            self._inflow.put(more)
            head += more
        self._index_first = has_index_first(head)
        self._pump = asyncio.create_task(self._receive())
        await self._wait_for_whole(self._pump)
        self._decoder = await call_in_thread(
            self._opened, timeout=_QUIET_SECONDS, discard=Decoder.close
        )
        if self._closed:
            self._decoder.close()
        return self._decoder

    async def samples(self) -> AsyncIterator[Samples]:
        """Yield the decoded audio at 16 kHz, in pieces of any length, to its end.

        Raises:
            SourceError: when the stream is broken, or the sender broke off.
        """
        decoder = self._decoder
        if decoder is None:
            return
        resampler = Resampler(decoder.rate)
        frames = max(1, round(decoder.rate * self._seconds))
        while not self._closed:
            waveform = await call_in_thread(partial(decoder.read, frames), timeout=_QUIET_SECONDS)
            if not len(waveform):
                break
            yield resampler.process(waveform)
        yield resampler.flush()
        if self._pump is not None and not self._closed:
            await self._end(decoder, self._pump)

    @property
    def broken(self) -> BaseException | None:
        """Exception that ended the stream early, which a decoder takes for damage; or None."""
        pump = self._pump
        return pump.exception() if pump and pump.done() and not pump.cancelled() else None

    async def close(self) -> None:
        """Stop, and release a decoder that waits for more data."""
        self._closed = True
        self._inflow.close()
        self._opening.stop()
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        if self._decoder is not None:
            self._decoder.close()

    async def _end(self, decoder: Decoder, pump: asyncio.Task[None]) -> None:
        """Check that the decoder read the stream to the end, and that the sender completed it."""
        if self._by_libsndfile and self._container.joined and self._inflow.more:
            rest = await call_in_thread(self._inflow.read_some, timeout=_QUIET_SECONDS)
            if len(rest) > _LEAST_REST_BYTES:
                raise SourceError(
                    f"only {decoder.heard_seconds:.1f} s of {self._name} could be read, another "
                    f"{self._container.name} follows; with ffmpeg installed it is heard too"
                )
        if pump.done():
            pump.result()

    async def _receive(self) -> None:
        try:
            while data := await self._read():
                self._inflow.put(data)
                if self._inflow.size >= self._limit:
                    self._is_long.set()
                await self._inflow.room(self._limit)
        finally:
            self._inflow.end()

    @property
    def _limit(self) -> int:
        """Bytes buffered ahead of the decoder, and before it starts."""
        return _WHOLE_BYTES if self._needs_end else ROOM_BYTES

    @property
    def _needs_end(self) -> bool:
        """True if the index is at the end, as phones write an MP4."""
        return self._container is MP4 and not self._index_first

    async def _wait_for_whole(self, pump: asyncio.Task[None]) -> None:
        """Wait until the stream ends or proves long; without a time limit if its end is needed."""
        is_long = asyncio.create_task(self._is_long.wait())
        await asyncio.wait(
            [pump, is_long],
            timeout=None if self._needs_end else _WHOLE_SECONDS,
            return_when=asyncio.FIRST_COMPLETED,
        )
        is_long.cancel()
        if self._needs_end and not self._inflow.ended:
            raise SourceError(
                f"what comes from {self._name} is {self._container.name} with its index at the "
                f"end and over {_WHOLE_BYTES >> 20} MB; save it to a file and name that"
            )

    def _opened(self) -> Decoder:
        try:
            reader = self._whole() if self._inflow.ended else self._live()
        except Undecodable as error:
            missing = not self._container.libsndfile and not has_ffmpeg()
            help_ = "install ffmpeg, or convert it first" if missing else "convert it first"
            raise SourceError(
                f"what comes from {self._name} is {self._container.name}, which cannot be read "
                f"here ({error}); {help_}: {_ADVICE}"
            ) from error
        self._inflow.release()
        return Decoder(self._name, reader, self._channel, advice=_ADVICE)

    def _whole(self) -> SampleReader:
        """Return a reader of the complete stream, as of a file."""
        data = self._inflow.whole()
        if self._container.libsndfile:
            try:
                return SoundFileReader(io.BytesIO(data), len(data))
            except Undecodable:
                if not has_ffmpeg():
                    raise
        _check_ffmpeg()
        try:
            file = tempfile.TemporaryFile()  # noqa: SIM115  the reader closes it
            file.write(data)
            file.flush()
        except OSError as error:
            raise Undecodable(f"{tempfile.gettempdir()}: {reason_of(error)}") from error
        return self._by_ffmpeg(file, seekable=True)

    def _by_ffmpeg(self, source: "IO[bytes] | io.FileIO", *, seekable: bool) -> SampleReader:
        demuxer, name = self._container.demuxer, self._container.name
        try:
            return FfmpegReader(demuxer, name, source, seekable=seekable, opening=self._opening)
        except Undecodable:
            source.close()
            raise

    def _live(self) -> SampleReader:
        """Return a reader of a stream that is still arriving.

        ffmpeg decodes it if another file may follow in it, or if libsndfile lacks the format.
        """
        if has_ffmpeg() and (self._container.joined or not self._container.libsndfile):
            return self._by_ffmpeg(io.FileIO(pipe_from(self._inflow)), seekable=False)
        if not self._container.libsndfile:
            _check_ffmpeg()
        self._by_libsndfile = True
        if self._container.backwards:
            return PipedSoundFile(pipe_from(self._inflow))
        return SoundFileReader(
            self._inflow, ENDLESS_BYTES, [FileLink(0, ENDLESS_BYTES, endless=True)]
        )


def _check_ffmpeg() -> None:
    if not has_ffmpeg():
        raise Undecodable("it needs ffmpeg, which is missing")
