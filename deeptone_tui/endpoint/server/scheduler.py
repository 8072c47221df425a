"""Fair scheduling of streams on the event loop, with a frame parser that measures its cost."""

import asyncio
import contextlib
import os
import struct
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from deeptone_tui.dsp import SAMPLE_BYTES
from deeptone_tui.endpoint.server.acceptor import STREAM_BYTES, limit_read_size
from deeptone_tui.endpoint.server.aiohttp_private import queued_bytes
from deeptone_tui.endpoint.virtual_clock import OverloadDetector, VirtualClock
from deeptone_tui.protocol import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from aiohttp import WSMessage

    from deeptone_tui.endpoint.server.aiohttp_private import FrameParser, MessageQueue, TextAsBytes


_SLOW_S_PER_BYTE: Final = 12e-9
"""Seconds per byte from which parsing is slow: ten times the cost of audio frames, a third of the
cost of one-byte fragments."""
_SLOW_FROM_S: Final = 100e-6
"""Parsing time in seconds below which the cost per byte does not matter."""

AHEAD_SHARE: Final = 0.15
"""Share of the event loop's time for all streams ahead of real time together."""
RECENT_S: Final = 2.0
"""Seconds after a read of a real-time stream during which `AHEAD_SHARE` applies."""
GRAIN_S: Final = 0.001
"""Seconds of work that streams ahead of real time may do at once; no timer is finer."""
FRAME_COST_S: Final = 60e-6
"""Fixed cost of a frame in seconds, from the socket to the models."""
BYTE_COST_S: Final = 3e-9
"""Cost per byte of a frame in seconds."""
RESULT_COST_S: Final = 100e-6
"""Cost of a result in seconds, from the models to the socket."""
QUEUE_BYTES: Final = 32 * 1024
"""Size of the queue of unread messages above which reading pauses; the rest waits in the kernel."""
TINY_FRAME: Final = 64
TINY_BYTES: Final = 512
"""Bytes per read after a message shorter than `TINY_FRAME` bytes or a slow parse."""
FRAME_AUDIO_S: Final = 0.01
"""Least audio in seconds booked for a frame: a hundred frames a second keep to real time."""


class TimedFrameParser:
    """Frame parser that measures whether the newest bytes were slow to parse for their size.

    A message in a million fragments is delivered only once it is complete, so its cost shows only
    here; and all bytes of one read are parsed in one call.

    Args:
        parser: aiohttp's parser, which does the work.
        on_parsed: called with the parsing time in seconds, and True if it was slow.
        clock: monotonic seconds; CPU time of the thread, independent of the machine's load.
    """

    def __init__(
        self,
        parser: "FrameParser",
        on_parsed: Callable[[float, bool], None],
        clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self._parser = parser
        self._on_parsed = on_parsed
        self._clock = clock

    def __getattr__(self, name: str) -> object:
        return getattr(self._parser, name)

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Parse data like aiohttp's parser, and measure the time."""
        begun = self._clock()
        try:
            return self._parser.feed_data(data)
        finally:
            cost = self._clock() - begun
            self._on_parsed(cost, cost > max(_SLOW_FROM_S, _SLOW_S_PER_BYTE * len(data)))


class FairScheduler:
    """Fair scheduler of the streams ahead of real time; real-time streams need no time slots.

    Streams ahead of real time run one at a time and together get `AHEAD_SHARE` of the event
    loop's time, so that a real-time stream never waits long for the loop. Without real-time streams
    they get all of it, in slices of `GRAIN_S`, as a real-time stream may arrive at any moment.
    Nothing is dropped: backpressure keeps unread data at its sender.
    """

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()
        self._free_at = 0.0
        self._contended_until = 0.0
        self._at_once = 0.0  # seconds of work since the loop was last yielded

    def note_real_time(self) -> None:
        """Record that a real-time stream is being read."""
        self._contended_until = asyncio.get_running_loop().time() + RECENT_S

    async def wait(self) -> None:
        """Wait for a time slot."""
        if not self._contended:
            if self._at_once > GRAIN_S:  # queued messages are read without yielding to the loop
                self._at_once = 0.0
                await asyncio.sleep(0)
            return
        async with self._one_at_a_time:
            if self.delay > GRAIN_S:
                await asyncio.sleep(self.delay)

    @property
    def delay(self) -> float:
        """Seconds until the next time slot; 0 without real-time streams."""
        return self._free_at - asyncio.get_running_loop().time() if self._contended else 0.0

    def charge(self, seconds: float) -> None:
        """Book work on the event loop; free while no real-time stream is active."""
        self._at_once += seconds
        if self._contended:
            now = asyncio.get_running_loop().time()
            self._free_at = max(self._free_at, now) + seconds / AHEAD_SHARE

    @property
    def _contended(self) -> bool:
        """True if a real-time stream was read within `RECENT_S`."""
        return asyncio.get_running_loop().time() <= self._contended_until


class ThrottledReader:
    """Reader of one stream's messages, throttled by fair scheduling once it is attached.

    Args:
        scheduler: scheduler shared by all streams.
    """

    _queue: "MessageQueue"
    _transport: asyncio.Transport

    def __init__(self, scheduler: FairScheduler) -> None:
        self.bytes_per_second = SAMPLE_BYTES * SAMPLE_RATE_HZ
        """Bytes in a second of audio; at 16 kHz until the parameters are known."""
        self._scheduler = scheduler
        self._lead = VirtualClock(asyncio.get_running_loop().time)
        self._overload = OverloadDetector()
        self._slow = False  # the newest bytes were slow to parse
        self._fragments = False  # parsing has been slow and no message complete since
        self._paused = False

    def attach(self, queue: "MessageQueue", transport: asyncio.Transport) -> "ThrottledReader":
        """Stand in for a queue of messages, which the transport fills through the parser."""
        self._queue = queue
        self._transport = transport
        return self

    def __getattr__(self, name: str) -> object:
        return getattr(self._queue, name)

    @property
    def backlogged(self) -> bool:
        """True if the stream demands more than real time; may be read from any thread."""
        return self._overload.backlogged

    @property
    def _ahead(self) -> bool:
        return self.backlogged or not self._lead.in_time

    async def read(self) -> "WSMessage | TextAsBytes":
        """Return the next message once the stream has a time slot."""
        ahead = self._ahead
        if ahead:
            waiting = bool(queued_bytes(self._queue)) or has_bytes(self._transport)
            self._overload.note(ahead=not self._lead.in_time, waiting=waiting)
            ahead = self._ahead
        if ahead:  # before the message is taken: a cancellation here loses nothing
            await self._scheduler.wait()
        elif self._lead.steady:
            self._scheduler.note_real_time()
        if self._paused and not queued_bytes(self._queue):
            self._paused = False
            self._transport.resume_reading()
        message = await self._queue.read()
        size = len(message.data) if isinstance(message.data, bytes | str) else 0
        self._lead.book(max(FRAME_AUDIO_S, size / self.bytes_per_second))
        if ahead:
            self._scheduler.charge(FRAME_COST_S + size * BYTE_COST_S)
        self._apply_backpressure(size)
        return message

    def charge(self, seconds: float) -> None:
        """Book further work on the event loop; free for a real-time stream."""
        if self._ahead:
            self._scheduler.charge(seconds)

    def note_parsed(self, seconds: float, slow: bool) -> None:
        """Book the cost of fragments and pause reading until the next time slot.

        A million fragments may never form a message that `read` could charge for.

        Args:
            seconds: time that the newest bytes took to parse.
            slow: True if that was much for their number.
        """
        self._slow = slow
        if slow:
            self._fragments = True
            limit_read_size(self._transport, TINY_BYTES)
        if not self._fragments:
            return
        self._scheduler.charge(FRAME_COST_S + seconds)
        delay = self._scheduler.delay
        if delay > GRAIN_S and not self._paused:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(delay, self._resume)

    def _apply_backpressure(self, size: int) -> None:
        """Limit the size of reads, and pause them, so that data waits in the kernel.

        aiohttp's queue takes 4000 tiny messages, each an object that the garbage collector visits.
        """
        self._fragments = self._slow and size < STREAM_BYTES
        tiny = self._fragments or size < TINY_FRAME
        limit_read_size(self._transport, TINY_BYTES if tiny else STREAM_BYTES)
        if not self._paused and queued_bytes(self._queue) > QUEUE_BYTES:
            self._paused = True
            self._transport.pause_reading()

    def _resume(self) -> None:
        """Resume reading unless the queue is over its limit."""
        if not self._paused:
            self._transport.resume_reading()


def has_bytes(transport: asyncio.BaseTransport) -> bool:
    """Return True if the kernel holds unread bytes; False where it does not report them."""
    if os.name != "posix":
        return False
    import fcntl  # noqa: PLC0415  POSIX only
    import termios  # noqa: PLC0415

    connection = transport.get_extra_info("socket")
    with contextlib.suppress(OSError, AttributeError):  # the socket is closed
        answer = fcntl.ioctl(connection.fileno(), termios.FIONREAD, bytes(4))
        return bool(struct.unpack("i", answer)[0])
    return False
