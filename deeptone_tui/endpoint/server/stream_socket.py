"""Server websocket with bounded sends, own pings, fair scheduling and error messages."""

import asyncio
import struct
from typing import Final

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web
from aiohttp.abc import AbstractStreamWriter

from deeptone_tui.endpoint.options import ServerOptions
from deeptone_tui.endpoint.server import aiohttp_private
from deeptone_tui.endpoint.server.acceptor import limit_read_size
from deeptone_tui.endpoint.server.scheduler import (
    RESULT_COST_S,
    TINY_BYTES,
    FairScheduler,
    ThrottledReader,
    TimedFrameParser,
)
from deeptone_tui.protocol import encode_error

READER_CODES: Final = frozenset(
    {
        WSCloseCode.PROTOCOL_ERROR,
        WSCloseCode.INVALID_TEXT,
        WSCloseCode.MESSAGE_TOO_BIG,
    }
)
"""Close codes with which aiohttp's frame reader ends a connection by itself."""
UNSENT_LIMIT_BYTES = 64 * 1024
"""Unsent bytes above which the next send waits for the socket."""
LINGER_STEP_S = 0.02
"""Seconds between two checks whether the peer has left."""
DISCARDING_STEP_S = 0.001
"""Seconds per check for reading data that is discarded."""
DISCARDED_BYTES = 256 * 1024
"""Bytes per read while data is discarded."""
QUIET_SECONDS = 0.03
"""Pause in messages after which a draining stream is complete."""
FAREWELL_SECONDS = 0.2
"""Timeout for the answer to the close frame when the server stops."""


class PeerLostError(ConnectionError):
    """Lost or unresponsive connection; one line with the reason."""


class StreamSocket(web.WebSocketResponse):
    """Server side of a stream's websocket.

    aiohttp's heartbeat is not used: under backpressure a client's pongs wait unread in the same
    socket as its audio, and the heartbeat would take a busy connection for a dead one.
    """

    def __init__(
        self, request: web.Request, options: ServerOptions, scheduler: FairScheduler
    ) -> None:
        # max_msg_size: aiohttp refuses this size, the option is the largest size allowed.
        # compress: PCM does not compress.
        super().__init__(
            timeout=options.close_timeout,
            autoping=False,
            compress=False,
            max_msg_size=options.max_message_bytes + 1,
            writer_limit=UNSENT_LIMIT_BYTES,
        )
        self.throttle = ThrottledReader(scheduler)
        """The stream's part in fair scheduling."""
        self._options = options
        self._request = request
        self._dismissed = False
        self._pinged_at: float | None = None
        self._wait: asyncio.Timeout | None = None
        self._wait_until = 0.0
        self._drained_by: float | None = None

    @property
    def draining(self) -> bool:
        """True while the stream drains."""
        return self._drained_by is not None

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        """Answer the handshake and put the reader under fair scheduling."""
        writer = await super().prepare(request)
        transport = request.transport
        # Until the first message is read: first frames may be tiny, and one call parses them all.
        limit_read_size(transport, TINY_BYTES)
        if transport is not None:
            aiohttp_private.intercept(
                self,
                request.protocol,
                parser=lambda parser: TimedFrameParser(parser, self.throttle.note_parsed),
                queue=lambda queue: self.throttle.attach(queue, transport),
            )
        return writer

    def start_draining(self, seconds: float) -> None:
        """Accept what the client has sent already, for at most this many seconds."""
        now = asyncio.get_running_loop().time()
        self._drained_by = now + seconds
        self._wait_until = min(self._wait_until, self._drained_by, now + QUIET_SECONDS)
        aiohttp_private.limit_close(self, FAREWELL_SECONDS)
        if self._wait is not None and not self._wait.expired():
            self._wait.reschedule(self._wait_until)

    async def next_message(self, deadline: float) -> WSMessage | None:
        """Return the next message that is no ping or pong, or None if the deadline passes first.

        The deadline is earlier while the stream drains; see `start_draining`.

        Args:
            deadline: time of the running loop.

        Raises:
            PeerLostError: if the peer does not answer pings.
        """
        clock = asyncio.get_running_loop().time
        self._wait_until = deadline
        if self._drained_by is not None:
            self._wait_until = min(deadline, self._drained_by, clock() + QUIET_SECONDS)
        while (left := self._wait_until - clock()) > 0:
            try:
                async with asyncio.timeout(min(left, self._options.ping_interval)) as self._wait:
                    message = await self.receive()
            except TimeoutError:
                if clock() < self._wait_until:
                    await self._ask(clock())
                continue
            finally:
                self._wait = None
            self._pinged_at = None
            if message.type is WSMsgType.PING:
                await self._bounded_frame(message.data, WSMsgType.PONG)
            elif message.type is not WSMsgType.PONG:
                return message
        return None

    async def send_text(self, text: str) -> None:
        """Send a text message; wait while the client leaves earlier ones unread.

        Raises:
            PeerLostError: if the client has left, or has read nothing for ``send_timeout``.
        """
        self.throttle.charge(RESULT_COST_S)
        await self._bounded_frame(text.encode(), WSMsgType.TEXT)

    async def refuse(self, message: str, code: int) -> None:
        """Send an error message of one line, then close."""
        await self.send_text(encode_error(message))
        await self.close(code=code, message=close_reason(message))

    async def close(
        self, *, code: int = WSCloseCode.OK, message: bytes = b"", drain: bool = True
    ) -> bool:
        """Close as aiohttp does, but send an error message first if a bad frame is the cause."""
        if self._dismissed:
            return False
        if code in READER_CODES and not self.closed:
            await self._dismiss(code)
            return True
        try:
            return await super().close(code=code, message=message, drain=drain)
        finally:
            aiohttp_private.forget_error(self)
            self.discard_messages()

    def discard_messages(self) -> None:
        """Discard unread messages at the end of the conversation.

        A lost connection forms a reference cycle in aiohttp; until the garbage collector frees
        it, it must not hold megabytes of messages.
        """
        aiohttp_private.discard_messages(self)

    def _drop(self) -> None:
        """Abort the connection without a close frame, which the client would not read."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def _dismiss(self, code: int) -> None:
        """Send the reason and a close frame, and wait until the peer has left.

        aiohttp would reset the connection at once, and the reset overtakes what was sent. aiohttp
        keeps reading and discarding what the peer sends, so waiting is enough.
        """
        self._dismissed = True
        limit = self._options.max_message_bytes
        reason = {
            WSCloseCode.MESSAGE_TOO_BIG: f"the message is longer than the limit of {limit} bytes",
            WSCloseCode.INVALID_TEXT: "send audio as binary messages; this was a broken text",
        }.get(WSCloseCode(code), "this is not the websocket protocol (RFC 6455)")
        await self._bounded_frame(encode_error(reason).encode(), WSMsgType.TEXT)
        farewell = struct.pack("!H", code) + close_reason(reason)
        await self._bounded_frame(farewell, WSMsgType.CLOSE)
        clock = asyncio.get_running_loop().time
        end = clock() + self._options.close_timeout
        # aiohttp has no event for the end of a transport, so this polls; incoming data is read
        # only now and then and in large pieces, because it is discarded.
        limit_read_size(self._request.transport, DISCARDED_BYTES)
        while (transport := self._request.transport) is not None and clock() < end:
            transport.pause_reading()
            await asyncio.sleep(LINGER_STEP_S)
            transport.resume_reading()
            await asyncio.sleep(DISCARDING_STEP_S)

    async def _ask(self, now: float) -> None:
        """Ping a silent peer; raise `PeerLostError` if the first unanswered ping is too old."""
        if self._pinged_at is None:
            self._pinged_at = now
        elif now - self._pinged_at >= self._options.ping_timeout:
            self._drop()
            raise PeerLostError(f"no answer to pings for {self._options.ping_timeout:g} s")
        await self._bounded_frame(b"", WSMsgType.PING)

    async def _bounded_frame(self, payload: bytes, kind: WSMsgType) -> None:
        try:
            async with asyncio.timeout(self._options.send_timeout):
                await self.send_frame(payload, kind)
        except TimeoutError:
            self._drop()
            wait = self._options.send_timeout
            raise PeerLostError(f"the client read nothing for {wait:g} s") from None
        except (ConnectionError, RuntimeError) as error:
            raise PeerLostError("the connection was lost") from error


def close_reason(text: str) -> bytes:
    """Truncate a text to fit a close frame: 123 bytes of UTF-8, no split character."""
    return text.encode()[:123].decode(errors="ignore").encode()
