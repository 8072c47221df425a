"""A container of audio that comes as a stream of bytes, from stdin or a TCP peer."""

import asyncio
import io
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import IO

from deeptone_tui.audio.byte_view import ENDLESS_BYTES, FileLink
from deeptone_tui.audio.containers import MP3, MP4, Container, has_index_first
from deeptone_tui.audio.decoder import Decoder
from deeptone_tui.audio.ffmpeg import FfmpegReader, has_ffmpeg
from deeptone_tui.audio.piped_sound_file import ROOM_BYTES, Feeder, Inflow, PipedSoundFile
from deeptone_tui.audio.resample import Resampler
from deeptone_tui.audio.sound_file import SoundFileReader
from deeptone_tui.audio.source import Opening, SampleReader, Samples, SourceError, Undecodable
from deeptone_tui.audio.threads import call_in_thread
from deeptone_tui.core.errors import reason_of

_WHOLE_SECONDS = 1.0
"""What ends in this time, and fits the room, is decoded as a file is."""
_WHOLE_BYTES = 64 * 2**20
"""The same where the end has to be known before the beginning can be understood."""
_LEAST_REST_BYTES = 4_096
"""Fewer at the end are a tag."""
_INDEX_BYTES = 4_096
"""In which an MP4 says whether its index comes first; a phone or camera sends as much at once."""
_QUIET_SECONDS = 86_400.0
"""Seconds that a sender may be quiet: a bound, though closing comes long before."""
_ADVICE = "ffmpeg -i IN -ac 1 -ar 16000 OUT.wav"

Read = Callable[[], Awaitable[bytes]]


class ContainerStream:
    """Decodes it in a thread while it comes; bounded, so that a sender has to wait for us."""

    def __init__(
        self, container: Container, name: str, read: Read, *, channel: int | None, seconds: float
    ) -> None:
        """Prepare.

        Args:
            container: What it is.
            name: Where it comes from, for people.
            read: The next bytes of it.
            channel: The channel wanted, counted from 0; None mixes all.
            seconds: Of audio that is decoded at a time.
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
        """As a stream, of which libsndfile may end before its end."""

    async def open(self, head: bytes) -> Decoder:
        """Begin to decode.

        Args:
            head: What was read already.

        Raises:
            SourceError: when it is no audio, or none that can be decoded here.
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
        """Yield what it holds at 16 kHz, in pieces of any length, to its end.

        Raises:
            SourceError: when it is broken, or the sender has broken off.
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
        """What ended the stream before its end, which a decoder takes for damage."""
        pump = self._pump
        return pump.exception() if pump and pump.done() and not pump.cancelled() else None

    async def close(self) -> None:
        """Stop: a decoder that waits for more is let go."""
        self._closed = True
        self._inflow.close()
        self._opening.stop()
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        if self._decoder is not None:
            self._decoder.close()

    async def _end(self, decoder: Decoder, pump: asyncio.Task[None]) -> None:
        """See that the end of what was decoded is that of what was sent."""
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
        """Bytes that are kept for a decoder that has not begun."""
        return _WHOLE_BYTES if self._needs_end else ROOM_BYTES

    @property
    def _needs_end(self) -> bool:
        """Whether its index is at the end, as a telephone writes an MP4."""
        return self._container is MP4 and not self._index_first

    async def _wait_for_whole(self, pump: asyncio.Task[None]) -> None:
        """Wait for the end, unless it is clear that it is far."""
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
        """Decode what is all there as a file."""
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
        """Decode what is still coming; by ffmpeg where another file may follow in it."""
        if has_ffmpeg() and (self._container.joined or not self._container.libsndfile):
            return self._by_ffmpeg(io.FileIO(Feeder(self._inflow).output), seekable=False)
        if not self._container.libsndfile:
            _check_ffmpeg()
        self._by_libsndfile = True
        if self._container.backwards:
            return PipedSoundFile(Feeder(self._inflow))
        return SoundFileReader(
            self._inflow, ENDLESS_BYTES, [FileLink(0, ENDLESS_BYTES, endless=True)]
        )


def _check_ffmpeg() -> None:
    if not has_ffmpeg():
        raise Undecodable("it needs ffmpeg, which is missing")
