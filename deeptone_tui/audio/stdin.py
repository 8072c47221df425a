"""Raw PCM on a file descriptor, as ``… | deeptone-tui -`` has it."""

import asyncio
import os
import stat
import sys
import time
from typing import BinaryIO

from deeptone_tui.audio.pacing import Clock, Sleep
from deeptone_tui.audio.pcm import PcmSource
from deeptone_tui.audio.source import SourceError, SourceInfo, SourceKind
from deeptone_tui.audio.spec import SourceOptions
from deeptone_tui.audio.threads import call_in_thread

_CHUNK = 65_536
_HOW = "pipe it in: arecord -q -t raw -f S16_LE -r 16000 -c 1 | deeptone-tui -"
_UNCONNECTED = f"nothing is connected to stdin; {_HOW}"
_FOREVER = 86_400.0
"""Seconds that one read of a device or disk may take: a bound, though a sender may be quiet."""


def stdin_source(
    options: SourceOptions, *, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep
) -> PcmSource:
    """Construct the source of ``-`` over ``options.stdin_fd``."""
    info = SourceInfo(SourceKind.STDIN, "stdin", "raw 16-bit PCM")
    return PcmSource(info, PipedBytes(options.stdin_fd), options, clock=clock, sleep=sleep)


class PipedBytes:
    """The bytes of a file descriptor, which stays open: it belongs to the caller."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._reader: asyncio.StreamReader | None = None
        self._transport: asyncio.ReadTransport | None = None
        self._blocking = True
        self._closed = False

    async def open(self) -> None:
        """Look at what the descriptor is and get ready to read it.

        Raises:
            SourceError: when it is closed, or a terminal where people type.
        """
        try:
            mode = os.fstat(self._descriptor).st_mode
        except OSError as error:
            raise SourceError(_UNCONNECTED) from error
        if self._descriptor == 0 and sys.__stdin__ is None:
            # Closed before Python started: what has number 0 now is something else of ours.
            raise SourceError(_UNCONNECTED)
        if os.isatty(self._descriptor):
            raise SourceError(f"stdin is the terminal, not audio; {_HOW}")
        if stat.S_ISDIR(mode):
            raise SourceError(f"stdin is a folder, not audio; {_HOW}")
        # A regular file and most devices cannot be waited for; a thread reads those.
        if os.name == "posix" and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
            await self._connect()

    async def read(self) -> bytes:
        """The next bytes, none at the end or once closed.

        Raises:
            SourceError: when reading fails.
        """
        if self._closed:
            return b""
        try:
            if self._reader is not None:
                return await self._reader.read(_CHUNK)
            descriptor = self._descriptor
            return await call_in_thread(lambda: os.read(descriptor, _CHUNK), timeout=_FOREVER)
        except (OSError, TimeoutError) as error:
            reason = getattr(error, "strerror", None) or "no answer"
            raise SourceError(f"stdin cannot be read any more ({reason}); start again") from error

    async def close(self) -> None:
        """Stop reading. The descriptor is left open and blocking, as it was."""
        self._closed = True
        if self._transport is not None:
            self._transport.close()
            # The flag is shared by everybody who has this pipe, the shell's next command too.
            os.set_blocking(self._descriptor, self._blocking)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        self._blocking = os.get_blocking(self._descriptor)
        reader = asyncio.StreamReader(limit=_CHUNK, loop=loop)
        # The transport closes what it is given: it gets a copy.
        copy: BinaryIO = os.fdopen(os.dup(self._descriptor), "rb", buffering=0)
        self._transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader, loop=loop), copy
        )
        self._reader = reader
