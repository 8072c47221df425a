"""A TCP proxy between the monitor and an endpoint, as bad as a test wants it."""

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random
from urllib.parse import urlsplit, urlunsplit

from faults.line import CutOff, Line, Pump

HELD = 32 * 1024
"""Bytes of a socket's receive buffer (Linux doubles it): little may hide between the ends."""
SEGMENT = 1400
"""Bytes of a segment, as on a real network: the loopback's 64 KiB are more than a socket may hold
here, and then each one waits for a timer."""
RESETTING = struct.pack("ii", 1, 0)
"""SO_LINGER for a close that is a reset."""


class Carried:
    """One connection through the proxy."""

    def __init__(self, client: socket.socket, line: Line, seed: str) -> None:
        self._client = client
        self._line = line
        self._seed = seed
        self._upstream: socket.socket | None = None
        self._down: Pump | None = None
        self._running: asyncio.Task[None] | None = None
        self._reset = False

    def start(self, address: tuple[str, int] | None) -> "asyncio.Task[None]":
        """Carry to an address, or nowhere: then it is held and nothing ever comes."""
        self._running = asyncio.ensure_future(self._run(address))
        # Not in the task itself: one that is cancelled before its first turn never runs at all.
        self._running.add_done_callback(self._close)
        return self._running

    def end(self, *, reset: bool = False) -> None:
        """Close both ends, or reset them."""
        self._reset = self._reset or reset
        if self._running is not None:
            self._running.cancel()

    def half_close(self) -> None:
        """Tell the client of an end that the endpoint knows nothing of."""
        if self._down is not None:
            self._down.deaf = True
        with contextlib.suppress(OSError):
            self._client.shutdown(socket.SHUT_WR)

    async def _run(self, address: tuple[str, int] | None) -> None:
        try:
            if address is None:
                await asyncio.Event().wait()
            else:
                await self._carry(address)
        except (CutOff, asyncio.CancelledError):
            pass
        except OSError:
            self._reset = True  # one end is lost: so is the other

    async def _carry(self, address: tuple[str, int]) -> None:
        self._upstream = upstream = _socket()
        await asyncio.get_running_loop().sock_connect(upstream, address)
        up = Pump(self._client, upstream, self._line, self._chance("up"), limited=True)
        down = Pump(upstream, self._client, self._line, self._chance("down"), limited=False)
        self._down = down
        pumps = [asyncio.ensure_future(pump.run()) for pump in (up, down)]
        try:
            await asyncio.gather(*pumps)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    def _chance(self, way: str) -> Random:
        """What the seed has in store for one direction."""
        return Random(f"{self._seed} {way}")  # noqa: S311  it has to be foreseeable

    def _close(self, _task: "asyncio.Task[None]") -> None:
        for end in (self._client, self._upstream):
            if end is not None and self._reset:
                with contextlib.suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESETTING)
            if end is not None:
                end.close()


class Proxy:
    """Listens on a free port of this machine; every fault can be switched while it runs.

    The line's conditions are in ``line``; the faults that happen once are methods. The same
    seed gives the same slices and the same jitter to the n-th connection.

    Args:
        url: the endpoint's address.
        seed: of everything that is left to chance.
        clock: seconds that only grow.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        url: str,
        *,
        seed: int = 0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.line = Line(clock, sleep)
        self.accepted = 0
        """Connections so far."""
        self.hanging = False
        """Whether connections are accepted and held, and nothing ever comes."""
        self._target = urlsplit(url)
        self._seed = seed
        self._port = 0
        self._listener: socket.socket | None = None
        self._carried: dict[asyncio.Task[None], Carried] = {}

    @property
    def url(self) -> str:
        """The endpoint's address, by way of the proxy."""
        return urlunsplit(self._target._replace(netloc=f"127.0.0.1:{self._port}"))

    @property
    def open(self) -> int:
        """Connections now."""
        return len(self._carried)

    def accept(self) -> None:
        """Listen, on the same port as ever."""
        if self._listener is not None:
            return
        self._listener = listener = _socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen(16)
        self._port = listener.getsockname()[1]
        # Not a task that waits: cancelled at the wrong moment it would forget a connection.
        asyncio.get_running_loop().add_reader(listener, self._take, listener)

    def refuse(self) -> None:
        """Refuse new connections."""
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
        self._listener = None

    def reset(self) -> None:
        """Reset every connection (RST)."""
        for carried in self._carried.values():
            carried.end(reset=True)

    def cut(self) -> None:
        """Close every connection (FIN), in the middle of whatever is being said."""
        for carried in self._carried.values():
            carried.end()

    def half_close(self) -> None:
        """Close every connection towards the client alone."""
        for carried in self._carried.values():
            carried.half_close()

    def heal(self) -> None:
        """A perfect line to an endpoint that is there; what hangs is let go of."""
        if self.hanging:
            self.hanging = False
            self.reset()
        self.line.clear()
        self.accept()

    async def stop(self) -> None:
        """End everything."""
        self.refuse()
        carried = list(self._carried)
        self.reset()
        await asyncio.gather(*carried, return_exceptions=True)

    def _take(self, listener: socket.socket) -> None:
        """Take a connection."""
        try:
            client, _ = listener.accept()
        except BlockingIOError:  # it has gone again
            return
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        carried = Carried(client, self.line, f"{self._seed} {self.accepted}")
        self.accepted += 1
        address = (self._target.hostname or "127.0.0.1", self._target.port or 80)
        task = carried.start(None if self.hanging else address)
        self._carried[task] = carried
        task.add_done_callback(self._carried.pop)


def _socket() -> socket.socket:
    """A socket of asyncio's kind, with little room."""
    made = socket.socket()
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, HELD)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
    return made


@contextlib.asynccontextmanager
async def proxied(
    url: str,
    *,
    seed: int = 0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[Proxy]:
    """A running proxy, ended in the end; the arguments are those of ``Proxy``."""
    proxy = Proxy(url, seed=seed, clock=clock, sleep=sleep)
    proxy.accept()
    try:
        yield proxy
    finally:
        await proxy.stop()
