"""A websocket of aiohttp to an endpoint. The only module of the session that does network I/O."""

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

from deeptone_tui.core.address import displayed
from deeptone_tui.core.loopback import is_loopback
from deeptone_tui.core.output import short_line
from deeptone_tui.core.redaction import redacted
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
"""Seconds of work on messages that may be done at once."""
BURST_S: Final = 0.1
"""Seconds of it before the loop is left to others for as long: results that come together, as
after a pause of the endpoint, are not held up."""

SEND_QUEUE_LIMIT_BYTES = 64 * 1024
"""Bytes that may wait in the process before ``send`` waits: two seconds of audio."""
SEND_POLL_INTERVAL_S = 0.01
"""Seconds between looks at a full buffer. aiohttp itself drains only once in 256 KiB."""
LARGEST_MESSAGE_BYTES = 4 * 1024 * 1024
"""Bytes of the largest message taken; results are some hundred."""

_UNSPECIFIED = ("0.0.0.0", "::")  # noqa: S104  only compared
GOODBYE = (1000).to_bytes(2, "big")
"""Payload of a close frame that says that all is well."""


class LoopShare:
    """Keeps messages from taking more than half of the loop, however fast they come.

    A message that is there is read without giving the loop away, so that an endpoint that goes on
    and on would have it for itself. What is not read yet waits at its sender.

    Args:
        work: seconds of work; those of the thread, whatever else the machine does.
        clock: seconds that only grow.
        sleep: gives the loop away for some seconds.
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
        """Note that a message was taken, and that the work on it begins."""
        self._begun = self._work()

    async def end(self) -> None:
        """Note that the work is done, and leave the loop to others for as long, if it was much."""
        if self._begun is not None:
            self._spent_s += self._work() - self._begun
            self._begun = None
        if self._spent_s > GRAIN_S:
            now = self._clock()
            left_s = now - self._looked - self._spent_s  # to others, or to nobody
            self._owed_s = max(0.0, self._owed_s - max(0.0, left_s)) + self._spent_s
            self._looked, self._spent_s = now, 0.0
            await self._sleep(self._owed_s if self._owed_s > BURST_S else 0.0)


@dataclass(frozen=True, slots=True)
class ConnectionOptions:
    """How patient a connection is, in seconds."""

    connect_timeout: float = 10.0
    heartbeat: float = 30.0
    """A ping after this long without a message; the answer has half as long. Generous: an
    endpoint that is busy with inference answers late, and is not dead."""
    close_timeout: float = 1.0


class _Websocket(aiohttp.ClientWebSocketResponse):
    """aiohttp's websocket, with a hold of what is needed to abort it."""

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
        self._ended = asyncio.Event()  # ``receive`` has told of the end
        self._share = LoopShare()

    @property
    def congested(self) -> bool:
        """Whether something waits for the network; see ``Link``."""
        return bool(self._websocket.transport.get_write_buffer_size())

    async def send(self, payload: bytes) -> None:
        """Send one binary message; see ``Link``."""
        await self._websocket.send_bytes(payload)
        while self._websocket.transport.get_write_buffer_size() > SEND_QUEUE_LIMIT_BYTES:  # noqa: ASYNC110  no event tells
            await asyncio.sleep(SEND_POLL_INTERVAL_S)

    async def receive(self) -> Message | LinkClosed:
        """The next message or the end; see ``Link``."""
        received = await self._received()
        if isinstance(received, LinkClosed):
            self._ended.set()
        return received

    async def _received(self) -> Message | LinkClosed:
        """What the websocket gives."""
        try:
            frame = await self._next_frame()
        except (aiohttp.ClientError, OSError, RuntimeError) as error:
            return LinkClosed(1006, short_line(str(error), LONGEST_CHARS))
        if frame.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            return parse_message(frame.data, redacted)
        if frame.type is aiohttp.WSMsgType.CLOSE:
            # Code 0 is aiohttp's word for a close frame without a code.
            return LinkClosed(frame.data or 1005, short_line(frame.extra or "", LONGEST_CHARS))
        return self._broken(frame.data if isinstance(frame.data, BaseException) else None)

    async def _next_frame(self) -> aiohttp.WSMessage:
        """The next frame that is no ping; pings are answered.

        Not by aiohttp: it goes on without a pause for as long as there are more of them.
        """
        while True:
            await self._share.end()
            frame = await self._websocket.receive()
            self._share.begin()
            if frame.type is aiohttp.WSMsgType.PING:
                # Audio alone never fills so much: who does not read the answers gets no more.
                # Where it has gone meanwhile, what it said before is still to be read.
                if self._websocket.transport.get_write_buffer_size() < 2 * SEND_QUEUE_LIMIT_BYTES:
                    with contextlib.suppress(aiohttp.ClientError, OSError, RuntimeError):
                        await self._websocket.pong(frame.data)
            elif frame.type is not aiohttp.WSMsgType.PONG:
                return frame

    def _broken(self, error: BaseException | None) -> LinkClosed:
        """The end without a close frame."""
        error = error or self._websocket.exception()
        if isinstance(error, aiohttp.ServerTimeoutError):
            return LinkClosed(1006, "no answer to a ping")
        if isinstance(error, aiohttp.WebSocketError):
            # Its code is what we have closed with, not what the endpoint has said.
            return LinkClosed(1006, short_line(frame_fault(error), LONGEST_CHARS), malformed=True)
        code = self._websocket.close_code
        return LinkClosed(code if code not in (None, 1000) else 1006)

    async def close(self) -> None:
        """Say goodbye with 1000; see ``Link``.

        Not by aiohttp's ``close``: where a message arrives in that moment, it and ``receive``
        wait for the answer both, as long as an endpoint goes on talking.
        """
        # The goodbye itself may wait for room in a buffer that nobody empties.
        with contextlib.suppress(aiohttp.ClientError, OSError, RuntimeError):
            async with asyncio.timeout(self._close_timeout):
                await self._websocket.send_frame(GOODBYE, aiohttp.WSMsgType.CLOSE)
                await self._ended.wait()
        _abort(self._websocket.transport)

    async def abort(self) -> None:
        """Let go at once; see ``Link``. A goodbye goes out if there is room for it."""
        if not self._websocket.closed and not self._websocket.transport.get_write_buffer_size():
            with contextlib.suppress(aiohttp.ClientError, OSError, RuntimeError):
                await self._websocket.send_frame(GOODBYE, aiohttp.WSMsgType.CLOSE)
        _abort(self._websocket.transport)
        self._websocket.response.close()
        await self._session.close()


def _abort(transport: asyncio.Transport) -> None:
    """Drop a connection, whatever state it is in."""
    # CPython's transport cannot be aborted again when it has closed by itself after the other
    # side's end of file, once its last bytes were out: it has no loop then, and raises.
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
        target: where to.
        parameters: what is asked for.
        options: how patient to be.
        tls: instead of the default verification.

    Raises:
        ConnectionFailed: with the reason in words.
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
    except Exception as error:  # noqa: BLE001  libraries raise more than anybody can name
        raise ConnectionFailed(failure_of(error, target, route.proxy)) from None


async def _open(
    target: Target,
    parameters: StreamParameters,
    route: Route,
    options: ConnectionOptions,
    tls: ssl.SSLContext | None,
) -> Connection:
    """Open a websocket by a route; whatever the libraries raise comes through."""
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
    """An HTTP client for one connection."""
    tracing = aiohttp.TraceConfig()
    tracing.on_request_redirect.append(_refuse_redirect)
    return aiohttp.ClientSession(
        connector=await connector_for(route),
        ws_response_class=_Websocket,
        trust_env=False,  # the route has what the environment says, and who said it
        trace_configs=[tracing],
        timeout=aiohttp.ClientTimeout(total=None),
    )


async def _refuse_redirect(
    _session: aiohttp.ClientSession,
    _context: object,
    params: aiohttp.TraceRequestRedirectParams,
) -> None:
    """Following would hand the key to whoever the endpoint names."""
    raise Redirected(displayed(params.response.headers.get("Location", "")))


def _address(target: Target, parameters: StreamParameters) -> URL:
    """The URL with the parameters.

    The scheme becomes HTTP's, because proxies in the environment are named for it.
    """
    url = URL(target.url, encoded=True)
    query = "&".join(filter(None, (url.raw_query_string, parameters.to_query())))
    scheme = "https" if url.scheme == "wss" else "http"
    return URL(f"{scheme}://{url.raw_authority}{url.raw_path}?{query}", encoded=True)


def _on_this_machine(url: str) -> bool:
    """Whether an address is a loopback, or all there are: a proxy could not reach it."""
    host = urlsplit(url).hostname or ""
    return is_loopback(host) or host in _UNSPECIFIED
