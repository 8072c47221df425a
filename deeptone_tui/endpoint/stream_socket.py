"""One websocket, with what aiohttp leaves open: last words, bounded sends, pings of our own."""

import asyncio
import struct
from typing import Final

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from deeptone_tui.endpoint.options import ServerOptions
from deeptone_tui.protocol import encode_error

READER_CODES: Final = frozenset(
    {
        WSCloseCode.PROTOCOL_ERROR,
        WSCloseCode.INVALID_TEXT,
        WSCloseCode.MESSAGE_TOO_BIG,
    }
)
"""Codes with which aiohttp's frame reader ends a connection without asking us."""
UNSENT_LIMIT = 64 * 1024
"""Bytes written before the next send waits for the socket."""
LINGER_STEP = 0.02
"""Seconds between two looks at whether the peer has gone."""


class PeerLostError(ConnectionError):
    """The connection is gone, or as good as gone: one line, why."""


class StreamSocket(web.WebSocketResponse):
    """The server's side of a stream.

    aiohttp's own heartbeat is not used: while a client is slowed down its pongs wait unread in
    the same socket as its audio, and the heartbeat would take a busy connection for a dead one.
    """

    def __init__(self, request: web.Request, options: ServerOptions) -> None:
        # max_msg_size: aiohttp refuses from this size on, the option names the largest allowed.
        # compress: PCM does not get smaller.
        super().__init__(
            timeout=options.close_timeout,
            autoping=False,
            compress=False,
            max_msg_size=options.max_message_bytes + 1,
            writer_limit=UNSENT_LIMIT,
        )
        self._options = options
        self._request = request
        self._dismissed = False
        self._pinged_at: float | None = None

    async def next_message(self, deadline: float) -> WSMessage | None:
        """The next message that is no ping, or None when the deadline passes first.

        Args:
            deadline: in the time of the running loop.

        Raises:
            PeerLostError: when the peer does not answer pings.
        """
        clock = asyncio.get_running_loop().time
        while (left := deadline - clock()) > 0:
            try:
                message = await self.receive(timeout=min(left, self._options.ping_interval))
            except TimeoutError:
                if clock() < deadline:
                    await self._ask(clock())
                continue
            self._pinged_at = None
            if message.type is WSMsgType.PING:
                await self._bounded_frame(message.data, WSMsgType.PONG)
            elif message.type is not WSMsgType.PONG:
                return message
        return None

    async def send_text(self, text: str) -> None:
        """Send a message; wait while the client leaves earlier ones unread.

        Raises:
            PeerLostError: when it has gone, or read nothing for the time of the options.
        """
        await self._bounded_frame(text.encode(), WSMsgType.TEXT)

    async def refuse(self, message: str, code: int) -> None:
        """Say in one line what is wrong, then close."""
        await self.send_text(encode_error(message))
        await self.close(code=code, message=close_reason(message))

    async def close(
        self, *, code: int = WSCloseCode.OK, message: bytes = b"", drain: bool = True
    ) -> bool:
        """Close as aiohttp does, but never because of a bad frame without saying so first."""
        if self._dismissed:
            return False
        if code in READER_CODES and not self.closed:
            await self._dismiss(code)
            return True
        return await super().close(code=code, message=message, drain=drain)

    def drop(self) -> None:
        """Cut the connection without a word, where words are not read."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def _dismiss(self, code: int) -> None:
        """Name the reason, close, and wait until the peer has read it.

        aiohttp would reset the connection at once, and the reset overtakes what was sent. It
        goes on reading and forgetting what the peer still sends, so waiting is enough.
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
        # aiohttp has no event for the end of a transport, so it is looked at.
        while self._request.transport is not None and clock() < end:  # noqa: ASYNC110
            await asyncio.sleep(LINGER_STEP)

    async def _ask(self, now: float) -> None:
        """Ping a silent peer, or give it up when the last ping is too old."""
        if self._pinged_at is None:
            self._pinged_at = now
        elif now - self._pinged_at >= self._options.ping_timeout:
            self.drop()
            raise PeerLostError(f"no answer to pings for {self._options.ping_timeout:g} s")
        await self._bounded_frame(b"", WSMsgType.PING)

    async def _bounded_frame(self, payload: bytes, kind: WSMsgType) -> None:
        try:
            async with asyncio.timeout(self._options.send_timeout):
                await self.send_frame(payload, kind)
        except TimeoutError:
            self.drop()
            wait = self._options.send_timeout
            raise PeerLostError(f"the client read nothing for {wait:g} s") from None
        except (ConnectionError, RuntimeError) as error:
            raise PeerLostError("the connection was lost") from error


def close_reason(text: str) -> bytes:
    """As much of the text as fits into a close frame: 123 bytes of UTF-8, no split character."""
    return text.encode()[:123].decode(errors="ignore").encode()
