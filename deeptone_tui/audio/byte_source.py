"""Bytes from a file descriptor or a TCP peer, and the filter that takes WAV headers out of them."""

import asyncio
import os
import socket
import stat
import sys
from typing import TYPE_CHECKING, BinaryIO, Protocol

from deeptone_tui.audio.source import SenderLost, SourceError, join_address
from deeptone_tui.core.address import look_up
from deeptone_tui.core.blocking import call_in_thread
from deeptone_tui.core.text import reason_of
from deeptone_tui.dsp.wav import (
    EXTENSIBLE,
    MAGIC_BYTES,
    PCM,
    SAMPLE_BITS,
    RiffChunk,
    WaveFormat,
    chunk_at,
    format_of,
    may_become_header,
)
from deeptone_tui.protocol import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Callable

_READ_BYTES = 65_536
_HOW = "pipe it in: arecord -q -t raw -f S16_LE -r 16000 -c 1 | deeptone-tui -"
_UNCONNECTED = f"nothing is connected to stdin; {_HOW}"
_READ_TIMEOUT_S = 86_400.0
"""Timeout in seconds of one read from a device or disk: a bound, though a sender may be quiet."""
_CONNECT_TIMEOUT_S = 5.0
"""Timeout in seconds of the name lookup, and of each attempt to connect."""

_MOST_HEADER_BYTES = 4096
"""A header longer than this does not come from a sound recorder."""
_UNKNOWN_BYTES = 0x7FFF_0000
"""Sizes from here on mean 'until the stream ends'."""
_MOST_CHUNK_BYTES = 2**24
_ADVICE = "send raw 16-bit mono PCM, such as arecord -q -t raw -f S16_LE -r 16000 -c 1"


class ByteSource(Protocol):
    """Origin of a byte stream."""

    async def open(self) -> None:
        """Connect; raise `SourceError` if that fails."""
        ...

    async def read(self) -> bytes:
        """Return the next bytes, any number, none at the end; raise `SourceError` if broken."""
        ...

    async def close(self) -> None:
        """Disconnect; a waiting ``read`` returns or fails."""
        ...


class PipedBytes:
    """Bytes from a file descriptor, which stays open: it belongs to the caller."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._reader: asyncio.StreamReader | None = None
        self._transport: asyncio.ReadTransport | None = None
        self._blocking = True
        self._closed = False

    async def open(self) -> None:
        """Check the type of the descriptor and prepare to read it.

        Raises:
            SourceError: when it is closed, a terminal or a directory.
        """
        try:
            mode = os.fstat(self._descriptor).st_mode
        except OSError as error:
            raise SourceError(_UNCONNECTED) from error
        if self._descriptor == 0 and sys.__stdin__ is None:
            # Closed before Python started: descriptor 0 is now another file of ours.
            raise SourceError(_UNCONNECTED)
        if os.isatty(self._descriptor):
            raise SourceError(f"stdin is the terminal, not audio; {_HOW}")
        if stat.S_ISDIR(mode):
            raise SourceError(f"stdin is a folder, not audio; {_HOW}")
        # Regular files and most devices cannot be polled; a thread reads those.
        if os.name == "posix" and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
            await self._connect()

    async def read(self) -> bytes:
        """Return the next bytes; none at the end or after ``close``.

        Raises:
            SourceError: when reading fails.
        """
        if self._closed:
            return b""
        try:
            if self._reader is not None:
                return await self._reader.read(_READ_BYTES)
            descriptor = self._descriptor
            return await call_in_thread(
                lambda: os.read(descriptor, _READ_BYTES), timeout=_READ_TIMEOUT_S
            )
        except (OSError, TimeoutError) as error:
            reason = getattr(error, "strerror", None) or "no answer"
            raise SourceError(f"stdin cannot be read any more ({reason}); start again") from error

    async def close(self) -> None:
        """Stop reading. The descriptor stays open, in its original blocking mode."""
        self._closed = True
        if self._transport is not None:
            self._transport.close()
            # All who have this pipe share the flag, including the shell's next command.
            os.set_blocking(self._descriptor, self._blocking)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        self._blocking = os.get_blocking(self._descriptor)
        reader = asyncio.StreamReader(limit=_READ_BYTES, loop=loop)
        # The transport closes its file, so it gets a copy.
        copy: BinaryIO = os.fdopen(os.dup(self._descriptor), "rb", buffering=0)
        self._transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader, loop=loop), copy
        )
        self._reader = reader


class TcpBytes:
    """Bytes that a TCP peer sends after we connect to it."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._address = f"tcp://{join_address(host, port)}"
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        """Connect to the first of the host's addresses that answers.

        Raises:
            SenderLost: when the host is unknown, refuses or does not answer.
        """
        failure: OSError | None = None
        for address in await self._addresses():
            try:
                async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                    self._reader, self._writer = await asyncio.open_connection(
                        address, self._port, limit=_READ_BYTES
                    )
            except OSError as error:  # TimeoutError is one
                failure = failure or error
            else:
                self._keep_alive(self._writer)
                return
        raise SenderLost(self._in_words(failure)) from failure

    async def read(self) -> bytes:
        """Return the next bytes; none when the peer has ended or after ``close``.

        Raises:
            SenderLost: when the connection broke.
        """
        if self._reader is None:
            return b""
        try:
            return await self._reader.read(_READ_BYTES)
        except OSError as error:
            reason = reason_of(error)
            raise SenderLost(
                f"{self._address} broke off the connection ({reason}); start the sender again"
            ) from error

    async def close(self) -> None:
        """Disconnect at once; data in transit is dropped."""
        if self._writer is not None:
            self._writer.transport.abort()

    async def _addresses(self) -> list[str]:
        host, port = self._host, self._port
        try:
            found = await call_in_thread(lambda: look_up(host, port), timeout=_CONNECT_TIMEOUT_S)
        except TimeoutError as error:
            raise SenderLost(
                f"{self._address}: the name {host} was not found within "
                f"{_CONNECT_TIMEOUT_S:.0f} s; use the number of the host instead"
            ) from error
        except (OSError, UnicodeError) as error:
            raise SenderLost(f"{self._address}: unknown host {host}; check the name") from error
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    def _in_words(self, error: OSError | None) -> str:
        if isinstance(error, ConnectionRefusedError):
            return (
                f"nothing listens at {self._address}; start the sender there first, such as "
                f"arecord -q -t raw -f S16_LE -r 16000 -c 1 | nc -l -p {self._port}"
            )
        if isinstance(error, TimeoutError):
            return f"{self._address} does not answer; check address and firewall"
        reason = getattr(error, "strerror", None) or "no address"
        return f"{self._address} cannot be reached ({reason.lower()}); check address and network"

    @staticmethod
    def _keep_alive(writer: asyncio.StreamWriter) -> None:
        """Make the system detect a peer that vanished silently."""
        peer: socket.socket = writer.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


class WaveHeaderFilter:
    """Filter that removes a WAV header from a byte stream, and what follows the audio data.

    Many senders put one before their PCM; ``arecord`` does by default.

    The size in a header is a hint, as the sender of a stream cannot know it: after that many bytes
    the audio ends only if chunks, or another WAV file, follow.
    """

    def __init__(self) -> None:
        self.rate: int | None = None
        """Sample rate in Hz from the header; None without a header."""
        self._pending = b""
        """Bytes that are not classified yet."""
        self._step: Callable[[], bytes | None] = self._begin
        self._left: int | None = None
        """Bytes of audio data that the header still counts; None: to the end."""
        self._skipped = 0
        """Bytes of chunks still to be dropped."""

    def strip(self, data: bytes) -> bytes:
        """Take the next bytes of the stream and return those that are audio.

        Raises:
            SourceError: when a header is too long, announces anything but 16-bit mono PCM, or
                gives a sample rate that is out of range or differs from that of the previous one.
        """
        self._pending += data
        sound = b""
        while (piece := self._step()) is not None:
            sound += piece
        return sound

    def _take(self, count: int) -> bytes:
        taken, self._pending = self._pending[:count], self._pending[count:]
        return taken

    def _begin(self) -> bytes | None:
        """Remove a header, or find audio without one; return None if more bytes are needed."""
        if not may_become_header(self._pending):
            self._step, self._left = self._sound, None
            return b""
        data = self._data_chunk(self._pending)
        if data is None:
            if len(self._pending) > _MOST_HEADER_BYTES:
                raise SourceError(f"what came in is a WAV file with a strange header; {_ADVICE}")
            return None
        self._left = data.size if 0 < data.size < _UNKNOWN_BYTES else None
        self._take(data.body)
        self._step = self._sound
        return b""

    def _sound(self) -> bytes | None:
        if not self._pending:
            return None
        if self._left is None:
            return self._take(len(self._pending))
        piece = self._take(self._left)
        self._left -= len(piece)
        if not self._left:
            self._step = self._behind
        return piece

    def _behind(self) -> bytes | None:
        """Determine what follows the audio data that the header counts."""
        chunk = chunk_at(self._pending)
        if chunk is None:
            return None
        if chunk.name == b"RIFF":
            self._step = self._begin
        elif _is_plausible(chunk):
            self._step = self._chunks
        else:
            self._step, self._left = self._sound, None
        return b""

    def _chunks(self) -> bytes | None:
        """Drop chunks; another file may follow them, and nothing else is audio."""
        if self._skipped:
            self._skipped -= len(self._take(self._skipped))
        chunk = chunk_at(self._pending)
        if chunk is None:
            return None
        if chunk.name == b"RIFF":
            self._step = self._begin
        elif _is_plausible(chunk):
            self._skipped = chunk.end
        else:
            self._pending = b""
            return None
        return b""

    def _data_chunk(self, head: bytes) -> RiffChunk | None:
        """Return the chunk ``data`` of a header; None if more bytes are needed."""
        at = MAGIC_BYTES
        while chunk := chunk_at(head, at):
            if chunk.name == b"data":
                return chunk
            if wave := format_of(head, chunk):
                _check(wave)
                if self.rate not in (None, wave.sample_rate):
                    raise SourceError(
                        f"a WAV file of {wave.sample_rate} Hz follows one of {self.rate} Hz; "
                        f"{_ADVICE}"
                    )
                self.rate = wave.sample_rate
            at = chunk.end
        return None


def _is_plausible(chunk: RiffChunk) -> bool:
    """Return True if it may be a chunk: its name is one, and its size is none of audio samples."""
    return chunk.is_named and chunk.size < _MOST_CHUNK_BYTES


def _check(wave: WaveFormat) -> None:
    """Raise `SourceError` for anything but 16-bit mono PCM at a possible rate."""
    mono = wave.channels == 1 and wave.bits == SAMPLE_BITS
    if wave.encoding not in (PCM, EXTENSIBLE) or not mono:
        raise SourceError(
            f"what came in is a WAV file with {wave.channels} channels of {wave.bits} bits; "
            f"{_ADVICE}"
        )
    rate = wave.sample_rate
    if not MIN_SAMPLE_RATE <= rate <= MAX_SAMPLE_RATE:
        # If trusted, 1 Hz would turn a kilobyte into eight minutes of audio.
        raise SourceError(f"what came in is a WAV file that says its rate is {rate} Hz; {_ADVICE}")
