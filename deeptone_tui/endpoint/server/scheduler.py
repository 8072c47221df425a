"""aiohttp's parser of websocket frames, watched for what takes it long."""

import asyncio
import contextlib
import os
import struct
import time
from typing import TYPE_CHECKING, Final

from deeptone_tui.endpoint.server.acceptor import STREAM_BYTES, read_at_a_time
from deeptone_tui.endpoint.virtual_clock import OverloadDetector, VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import WSMessage
    from aiohttp._websocket.models import WSMessageTextBytes
    from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader
    from aiohttp.web_protocol import RequestHandler


_SLOW_S_PER_BYTE: Final = 12e-9
"""Seconds a byte: ten times what frames of audio take, a third of what fragments of a byte do."""
_SLOW_FROM_S: Final = 100e-6
"""Seconds under which it does not matter."""

SHARE: Final = 0.15
"""Of the event loop's time for all the streams that are ahead of real time, together."""
RECENT_S: Final = 2.0
"""Seconds since a stream in real time was read; without one, nobody needs the rest."""
GRAIN_S: Final = 0.001
"""Seconds of work that they may do at once; no timer is finer."""
FRAME_COST_S: Final = 60e-6
"""Seconds of work for a frame of any size, from the socket to the models."""
BYTE_COST_S: Final = 3e-9
"""Seconds of work for each byte of it."""
RESULT_COST_S: Final = 100e-6
"""Seconds of work for a result, from the models to the socket."""
QUEUE_BYTES: Final = 32 * 1024
"""Of messages that wait their turn in memory; the rest waits in the kernel."""
TINY_FRAME: Final = 64
TINY_BYTES: Final = 512
"""Of frames under so many bytes only so many bytes are read at a time."""
FRAME_AUDIO_S: Final = 0.01
"""Seconds of audio for which a frame counts at least: a hundred frames a second are in time."""


class TimedFrameParser:
    """Tells whether the newest bytes took long to parse for what they are.

    A message in a million fragments is none to anybody until it is whole, so only here can it
    be seen, and what was read is parsed in one go.

    Args:
        parser: does it.
        clock: seconds that only grow; those of the thread, whatever else the machine does.
    """

    def __init__(
        self, parser: "WebSocketReader", clock: "Callable[[], float]" = time.thread_time
    ) -> None:
        self._parser = parser
        self._clock = clock
        self.on_parsed: Callable[[float], None] | None = None
        """Hears how many seconds they took."""
        self.slow = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._parser, name)

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """As the parser's."""
        begun = self._clock()
        try:
            return self._parser.feed_data(data)
        finally:
            cost = self._clock() - begun
            self.slow = cost > max(_SLOW_FROM_S, _SLOW_S_PER_BYTE * len(data))
            if self.on_parsed is not None:
                self.on_parsed(cost)


def watched(protocol: "RequestHandler") -> TimedFrameParser | None:
    """Watch the parser of a connection that has become a websocket; None when it has ended."""
    parser = protocol._payload_parser  # noqa: SLF001  set_parser takes none after the first
    if parser is None:
        return None
    careful = TimedFrameParser(parser)
    protocol._payload_parser = careful  # noqa: SLF001  as above
    return careful


class FairScheduler:
    """The turns of the streams that are ahead of real time; the others need none.

    They come one after another, and together take a share of the loop's time, so that a stream
    in real time always finds it free soon; while there is none, they take all, a grain at a
    time: the next one may be about to come in. Nothing is dropped: what is not read yet waits
    at its sender.
    """

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()
        self._free_at = 0.0
        self._contended_until = 0.0
        self._at_once = 0.0  # seconds of work since anything else had the loop

    def go_first(self) -> None:
        """Note that a stream in real time is being read."""
        self._contended_until = asyncio.get_running_loop().time() + RECENT_S

    async def wait(self) -> None:
        """Wait for a turn."""
        if not self._contended:
            if self._at_once > GRAIN_S:  # messages that are there are read without a pause
                self._at_once = 0.0
                await asyncio.sleep(0)
            return
        async with self._one_at_a_time:
            wait = self._free_at - asyncio.get_running_loop().time()
            if wait > GRAIN_S:
                await asyncio.sleep(wait)

    @property
    def delay(self) -> float:
        """Seconds until it is anybody's turn; none while nobody needs the loop in real time."""
        return self._free_at - asyncio.get_running_loop().time() if self._contended else 0.0

    def spend(self, seconds: float) -> None:
        """Book work that is being done on the loop; while nobody needs the rest, it is free."""
        self._at_once += seconds
        if self._contended:
            now = asyncio.get_running_loop().time()
            self._free_at = max(self._free_at, now) + seconds / SHARE

    @property
    def _contended(self) -> bool:
        """Whether a stream in real time was read lately."""
        return asyncio.get_running_loop().time() <= self._contended_until


class ThrottledReader:
    """The messages of one stream, at the pace that others leave to it.

    Args:
        queue: where they come from.
        transport: that fills it.
        parser: that fills it too.
        turns: those of all streams.
        bytes_per_second: of the audio, as far as it is known yet.
    """

    def __init__(
        self,
        queue: "WebSocketDataQueue",
        transport: asyncio.Transport,
        parser: TimedFrameParser,
        turns: FairScheduler,
        bytes_per_second: int,
    ) -> None:
        self._queue = queue
        self._transport = transport
        self._parser = parser
        self._fragments = False  # what comes is parsed slowly, and no message is whole since
        parser.on_parsed = self._parsed
        self._turns = turns
        self.bytes_per_second = bytes_per_second
        self._lead = VirtualClock(asyncio.get_running_loop().time)
        self._pressure = OverloadDetector()
        self._held = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._queue, name)

    @property
    def presses(self) -> bool:
        """Whether it wants more than real time; to be asked from any thread."""
        return self._pressure.felt

    @property
    def _ahead(self) -> bool:
        return self.presses or not self._lead.in_time

    async def read(self) -> "WSMessage | WSMessageTextBytes":
        """The next message, when it is this stream's turn."""
        ahead = self._ahead
        if ahead:
            waiting = bool(self._queue._size) or has_bytes(self._transport)  # noqa: SLF001  as below
            self._pressure.note(ahead=not self._lead.in_time, waiting=waiting)
            ahead = self._ahead
        if ahead:  # before the message is taken: who is cancelled here has lost nothing
            await self._turns.wait()
        elif self._lead.steady:
            self._turns.go_first()
        if self._held and not self._queue._size:  # noqa: SLF001  no other way to know
            self._held = False
            self._transport.resume_reading()
        message = await self._queue.read()
        size = len(message.data) if isinstance(message.data, bytes | str) else 0
        self._lead.book(max(FRAME_AUDIO_S, size / self.bytes_per_second))
        if ahead:
            self._turns.spend(FRAME_COST_S + size * BYTE_COST_S)
        self._hold_back(size)
        return message

    def book(self, seconds: float) -> None:
        """Note work on the loop besides the messages; in real time it is free."""
        if self._ahead:
            self._turns.spend(seconds)

    def forget(self) -> None:
        """Throw away what nobody will read.

        A lost connection refers to itself in aiohttp, and waits for the collector of garbage:
        not with megabytes of messages.
        """
        self._queue._buffer.clear()  # noqa: SLF001  as above

    def _hold_back(self, size: int) -> None:
        """Let the kernel keep what would wait here: aiohttp's queue takes 4000 tiny messages.

        Each of them is an object, and the collector of garbage visits them all.
        """
        self._fragments = self._parser.slow and size < STREAM_BYTES
        tiny = self._fragments or size < TINY_FRAME
        read_at_a_time(self._transport, TINY_BYTES if tiny else STREAM_BYTES)
        if not self._held and self._queue._size > QUEUE_BYTES:  # noqa: SLF001  as above
            self._held = True
            self._transport.pause_reading()

    def _parsed(self, seconds: float) -> None:
        """Some of what was read is no message yet: perhaps a million fragments that never are one.

        Those take turns too, here, because nobody reads them.
        """
        if self._parser.slow:
            self._fragments = True
            read_at_a_time(self._transport, TINY_BYTES)
        if not self._fragments:
            return
        self._turns.spend(FRAME_COST_S + seconds)
        delay = self._turns.delay
        if delay > GRAIN_S and not self._held:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(delay, self._go_on)

    def _go_on(self) -> None:
        """Read again, unless messages wait for whoever takes them."""
        if not self._held:
            self._transport.resume_reading()


def has_bytes(transport: asyncio.BaseTransport) -> bool:
    """Whether the system holds bytes that were not read yet, where it tells."""
    if os.name != "posix":
        return False
    import fcntl  # noqa: PLC0415  not everywhere
    import termios  # noqa: PLC0415

    connection = transport.get_extra_info("socket")
    with contextlib.suppress(OSError, AttributeError):  # it has been closed
        answer = fcntl.ioctl(connection.fileno(), termios.FIONREAD, bytes(4))
        return bool(struct.unpack("i", answer)[0])
    return False
