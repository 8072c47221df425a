"""An aiohttp websocket to an endpoint; the module that does the session's network I/O."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from deeptone_tui.core.address import displayed, is_loopback
from deeptone_tui.core.redaction import redacted, short_line
from deeptone_tui.protocol import (
    Message,
    StreamParameters,
    parse_message,
)
from deeptone_tui.session.causes import LONGEST_CHARS, Redirected, failure_of, frame_fault
from deeptone_tui.session.failures import ConnectionFailed
from deeptone_tui.session.interfaces import LinkClosed
from deeptone_tui.session.target import Target
from deeptone_tui.session.transport import Route, connector_for, limit_send_buffer, route_to

GRAIN_S: Final = 0.005
"""Seconds of work on messages between two yields to the event loop."""
BURST_S: Final = 0.1
"""Seconds of owed work above which the limiter sleeps for as long; results that arrive together, as
after a pause of the endpoint, are not delayed."""

SEND_QUEUE_LIMIT_BYTES = 64 * 1024
"""Bytes that may be queued in the process before ``send`` waits: two seconds of audio."""
SEND_POLL_INTERVAL_S = 0.01
"""Seconds between polls of a full buffer. aiohttp itself drains only once every 256 KiB."""
LARGEST_MESSAGE_BYTES = 4 * 1024 * 1024
"""Bytes of the largest message accepted; results are some hundred."""

_UNSPECIFIED = ("0.0.0.0", "::")  # noqa: S104  only compared
GOODBYE = (1000).to_bytes(2, "big")
"""Payload of a close frame with code 1000, a normal closure."""


class LoopShare:
    """Limiter that keeps messages from taking more than half of the event loop's time.

    Reading a message that has already arrived does not yield to the loop, so an endpoint that
    sends without pause would monopolise it. Unread messages wait at the sender.

    Args:
        work: Returns seconds of work: CPU time of the thread, whatever else the machine does.
        clock: Returns monotonic time in seconds.
        sleep: Yields the loop for some seconds.
    """

    def __init__(
        self,
        work: Callable[[], float] = time.thread_time,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._work = work
        self._clock = clock
        self._sleep = sleep
        self._begun: float | None = None
        self._spent_s = 0.0
        self._looked = clock()
        self._owed_s = 0.0

    def begin(self) -> None:
        """Record that a message was received and that work on it begins."""
        self._begun = self._work()

    async def end(self) -> None:
        """Record that the work is done; after much work, yield the loop for as long."""
        if self._begun is not None:
            self._spent_s += self._work() - self._begun
            self._begun = None
        if self._spent_s > GRAIN_S:
            now = self._clock()
            left_s = now - self._looked - self._spent_s  # used by others, or idle
            self._owed_s = max(0.0, self._owed_s - max(0.0, left_s)) + self._spent_s
            self._looked, self._spent_s = now, 0.0
            await self._sleep(self._owed_s if self._owed_s > BURST_S else 0.0)


@dataclass(frozen=True, slots=True)
class ConnectionOptions:
    """Timeouts and keep-alive interval of a connection, in seconds."""

    connect_timeout: float = 10.0
    heartbeat: float = 30.0
    """Time without a message until a keep-alive ping; the pong has half as long. Generous: an
    endpoint that is busy with inference answers late, and is not dead."""
    close_timeout: float = 1.0


class _Websocket(aiohttp.ClientWebSocketResponse):
    """aiohttp's websocket, with the transport and response that are needed to abort it."""

    def __init__(
        self,
        reader: Any,  # noqa: ANN401  aiohttp names these types only in private modules
        writer: Any,  # noqa: ANN401  the same
        protocol: str | None,
        response: aiohttp.ClientResponse,
        *args: Any,  # noqa: ANN401  the same
        **kwargs: Any,  # noqa: ANN401  the same
    ) -> None:
        super().__init__(reader, writer, protocol, response, *args, **kwargs)
        self.transport: asyncio.Transport = writer.transport
        self.response = response


class Connection:
    """One open websocket; see ``Link``."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        websocket: _Websocket,
        *,
        close_timeout: float,
    ) -> None:
        self._session = session
        self._websocket = websocket
        self._close_timeout = close_timeout
        self._ended = asyncio.Event()  # ``receive`` has reported the end
        self._share = LoopShare()

    @property
    def congested(self) -> bool:
        """True if sent data still waits for the network; see ``Link``."""
        return bool(self._websocket.transport.get_write_buffer_size())

    async def send(self, payload: bytes) -> None:
        """Send one binary message; see ``Link``."""
        await self._websocket.send_bytes(payload)
        while self._websocket.transport.get_write_buffer_size() > SEND_QUEUE_LIMIT_BYTES:  # noqa: ASYNC110  no event tells
            await asyncio.sleep(SEND_POLL_INTERVAL_S)

    async def receive(self) -> Message | LinkClosed:
        """Return the next message or the end; see ``Link``."""
        received = await self._received()
        if isinstance(received, LinkClosed):
            self._ended.set()
        return received

    async def _received(self) -> Message | LinkClosed:
        try:
            frame = await self._next_frame()
        except (aiohttp.ClientError, OSError, RuntimeError) as error:
            return LinkClosed(1006, short_line(str(error), LONGEST_CHARS))
        if frame.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            return parse_message(frame.data, redacted)
        if frame.type is aiohttp.WSMsgType.CLOSE:
            # aiohttp reports a close frame without a code as code 0.
            return LinkClosed(frame.data or 1005, short_line(frame.extra or "", LONGEST_CHARS))
        return self._broken(frame.data if isinstance(frame.data, BaseException) else None)

    async def _next_frame(self) -> aiohttp.WSMessage:
        """Return the next frame other than a ping or pong; answer pings.

        aiohttp's automatic pong is not used: it does not yield for as long as more pings come.
        """
        while True:
            await self._share.end()
            frame = await self._websocket.receive()
            self._share.begin()
            if frame.type is aiohttp.WSMsgType.PING:
                # Audio alone never fills the buffer so far: a peer that does not read the pongs
                # gets no more. If it is gone by now, its earlier messages are still to be read.
                if self._websocket.transport.get_write_buffer_size() < 2 * SEND_QUEUE_LIMIT_BYTES:
                    with contextlib.suppress(aiohttp.ClientError, OSError, RuntimeError):
                        await self._websocket.pong(frame.data)
            elif frame.type is not aiohttp.WSMsgType.PONG:
                return frame

    def _broken(self, error: BaseException | None) -> LinkClosed:
        """Return the end of a connection without a close frame."""
        error = error or self._websocket.exception()
        if isinstance(error, aiohttp.ServerTimeoutError):
            return LinkClosed(1006, "no answer to a ping")
        if isinstance(error, aiohttp.WebSocketError):
            # Its code is the one sent by this side, not by the endpoint.
            return LinkClosed(1006, short_line(frame_fault(error), LONGEST_CHARS), malformed=True)
        code = self._websocket.close_code
        return LinkClosed(code if code not in (None, 1000) else 1006)

    async def close(self) -> None:
        """Send a close frame with code 1000 and wait for the answer; see ``Link``.

        aiohttp's ``close`` is not used: if a message arrives at that moment, both it and
        ``receive`` wait for the answer, for as long as the endpoint keeps sending.
        """
        # Sending the close frame may itself wait for room in a buffer that nobody drains.
        with contextlib.suppress(aiohttp.ClientError, OSError, RuntimeError):
            async with asyncio.timeout(self._close_timeout):
                await self._websocket.send_frame(GOODBYE, aiohttp.WSMsgType.CLOSE)
                await self._ended.wait()
        _abort(self._websocket.transport)

    async def abort(self) -> None:
        """Release everything at once; see ``Link``. A close frame is sent if nothing is queued."""
        if not self._websocket.closed and not self._websocket.transport.get_write_buffer_size():
            with contextlib.suppress(aiohttp.ClientError, OSError, RuntimeError):
                await self._websocket.send_frame(GOODBYE, aiohttp.WSMsgType.CLOSE)
        _abort(self._websocket.transport)
        self._websocket.response.close()
        await self._session.close()


def _abort(transport: asyncio.Transport) -> None:
    """Abort a transport, whatever its state."""
    # CPython's transport raises if it is aborted after it has closed by itself, which it does
    # after the other side's end of file once its last bytes are sent: it has no loop then.
    with contextlib.suppress(AttributeError):
        transport.abort()


async def connect(
    target: Target,
    parameters: StreamParameters,
    *,
    options: ConnectionOptions | None = None,
    tls: ssl.SSLContext | None = None,
) -> Connection:
    """Open a websocket. The key goes into the header ``X-Api-Key`` and nowhere else.

    Certificates are verified against the system's authorities (or ``SSL_CERT_FILE``); proxies
    come from the environment, except for addresses of this machine.

    Args:
        target: The endpoint.
        parameters: The requested parameters.
        options: Timeouts and keep-alive interval.
        tls: Context that replaces the default verification.

    Raises:
        ConnectionFailed: With the reason in words.
    """
    options = options or ConnectionOptions()
    route = Route()
    try:
        async with asyncio.timeout(options.connect_timeout):
            if not _on_this_machine(target.url):
                route = await route_to(target.url)
            return await _open(target, parameters, route, options, tls)
    except ConnectionFailed:
        raise
    except Exception as error:  # noqa: BLE001  libraries raise more than can be listed
        raise ConnectionFailed(failure_of(error, target, route.proxy)) from None


async def _open(
    target: Target,
    parameters: StreamParameters,
    route: Route,
    options: ConnectionOptions,
    tls: ssl.SSLContext | None,
) -> Connection:
    """Open a websocket by a route; exceptions of the libraries propagate."""
    session = await _client(route)
    try:
        websocket = await session.ws_connect(
            _address(target, parameters),
            headers=route.headers | ({"X-Api-Key": target.api_key} if target.api_key else {}),
            timeout=aiohttp.ClientWSTimeout(ws_close=options.close_timeout),
            heartbeat=options.heartbeat,
            autoclose=False,
            autoping=False,
            max_msg_size=LARGEST_MESSAGE_BYTES,
            ssl=tls if tls is not None else True,
            **route.arguments,
        )
    except BaseException:
        await session.close()
        raise
    assert isinstance(websocket, _Websocket)  # noqa: S101  set in _client
    limit_send_buffer(websocket.transport.get_extra_info("socket"))
    return Connection(session, websocket, close_timeout=options.close_timeout)


async def _client(route: Route) -> aiohttp.ClientSession:
    """Create an HTTP client for one connection."""
    tracing = aiohttp.TraceConfig()
    tracing.on_request_redirect.append(_refuse_redirect)
    return aiohttp.ClientSession(
        connector=await connector_for(route),
        ws_response_class=_Websocket,
        trust_env=False,  # the route holds the environment's settings, and their origin
        trace_configs=[tracing],
        timeout=aiohttp.ClientTimeout(total=None),
    )


async def _refuse_redirect(
    _session: aiohttp.ClientSession,
    _context: object,
    params: aiohttp.TraceRequestRedirectParams,
) -> None:
    """Reject a redirect: following it would send the key to an address of the endpoint's choice."""
    raise Redirected(displayed(params.response.headers.get("Location", "")))


def _address(target: Target, parameters: StreamParameters) -> URL:
    """Return the target's URL with the parameters.

    The scheme becomes ``http`` or ``https``, by which proxies in the environment are named.
    """
    url = URL(target.url, encoded=True)
    query = "&".join(filter(None, (url.raw_query_string, parameters.to_query())))
    scheme = "https" if url.scheme == "wss" else "http"
    return URL(f"{scheme}://{url.raw_authority}{url.raw_path}?{query}", encoded=True)


def _on_this_machine(url: str) -> bool:
    """Return True for a loopback or unspecified address, which a proxy could not reach."""
    host = urlsplit(url).hostname or ""
    return is_loopback(host) or host in _UNSPECIFIED
