"""What a bad line does to bytes: the conditions now, and the pumping in one direction."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

CHUNK = 64 * 1024
"""Bytes taken at once where nothing asks for less."""
UNDER_WAY = 64
"""Pieces that may be delayed at a time; then the sender has to wait."""
PIECES_A_SECOND = 50
"""How finely a limited rate is dealt out."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a line is; everything may be combined. Zero is: not at all."""

    latency: float = 0.0
    """Seconds that every byte is late."""
    jitter: float = 0.0
    """Seconds that a piece may be late besides; the order is kept."""
    rate: int = 0
    """Bytes in a second, each way."""
    stalled: bool = False
    """Nothing passes, and nobody is told."""
    slices: int = 0
    """Largest piece in bytes; pieces are from one byte to this."""
    cut_after: int = 0
    """Bytes that a client may send on one connection before both ends are closed."""
    slow_close: float = 0.0
    """Seconds after which the end of one side is told to the other."""


class Line:
    """The conditions now, and who waits for better ones.

    Args:
        clock: seconds that only grow.
        sleep: waits for seconds.
    """

    def __init__(
        self, clock: Callable[[], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self.clock = clock
        self.sleep = sleep
        self.now = Conditions()
        self._flowing = asyncio.Event()
        self._flowing.set()

    def change(self, **conditions: Any) -> None:  # noqa: ANN401  the fields of Conditions
        """Let some conditions be different from now on."""
        self.now = replace(self.now, **conditions)
        (self._flowing.clear if self.now.stalled else self._flowing.set)()

    def clear(self) -> None:
        """Be a perfect line again."""
        self.now = Conditions()
        self._flowing.set()

    async def flowing(self) -> None:
        """Wait while the line is stalled."""
        await self._flowing.wait()

    def piece(self, chance: Random) -> int:
        """How many bytes to take next."""
        size = CHUNK
        if self.now.rate:
            size = max(1, self.now.rate // PIECES_A_SECOND)
        if self.now.slices:
            size = min(size, chance.randint(1, self.now.slices))
        return size

    def delay(self, chance: Random) -> float:
        """Seconds that a piece is late."""
        jitter = self.now.jitter * chance.random() if self.now.jitter else 0.0
        return self.now.latency + jitter


class CutOff(Exception):  # noqa: N818  an event of the line, not a fault of the code
    """As many bytes have passed as may."""


class Pump:
    """Carries bytes from one socket to another, through a line.

    Args:
        source: is read.
        sink: is written.
        line: how it is between them.
        chance: decides about slices and jitter.
        limited: whether ``cut_after`` counts here.
    """

    def __init__(
        self,
        source: socket.socket,
        sink: socket.socket,
        line: Line,
        chance: Random,
        *,
        limited: bool,
    ) -> None:
        self._source = source
        self._sink = sink
        self._line = line
        self._chance = chance
        self._limited = limited
        self._delayed: asyncio.Queue[tuple[float, bytes | OSError]] = asyncio.Queue(UNDER_WAY)
        self._free_at = 0.0  # when a limited rate lets the next piece begin
        self.passed = 0
        """Bytes delivered."""
        self.deaf = False
        """The sink was told of an end: what else comes is thrown away."""

    async def run(self) -> None:
        """Carry until the source ends; then tell the sink.

        Raises:
            CutOff: when ``cut_after`` is reached.
            OSError: when one of the two is lost.
        """
        taking = asyncio.ensure_future(self._take())
        try:
            while True:
                due, data = await self._delayed.get()
                if isinstance(data, OSError):
                    raise data
                if not data:
                    break
                await self._deliver(due, data)
            await self._line.sleep(self._line.now.slow_close)
            with contextlib.suppress(OSError):
                self._sink.shutdown(socket.SHUT_WR)
        finally:
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)

    async def _take(self) -> None:
        """Read, no faster than the line is; the end is an empty piece, or an error."""
        loop, line = asyncio.get_running_loop(), self._line
        due = 0.0
        data: bytes | OSError = b"begun"
        while data and not isinstance(data, OSError):
            await line.flowing()
            try:
                data = await loop.sock_recv(self._source, line.piece(self._chance))
            except OSError as error:
                data = error
            else:
                await self._throttle(len(data))
            due = max(due, line.clock() + line.delay(self._chance))
            await self._delayed.put((due, data))

    async def _throttle(self, size: int) -> None:
        """Wait as long as so many bytes take."""
        if not self._line.now.rate:
            return
        now = self._line.clock()
        self._free_at = max(self._free_at, now) + size / self._line.now.rate
        await self._line.sleep(self._free_at - now)

    async def _deliver(self, due: float, data: bytes) -> None:
        """Write a piece when it is due."""
        late = due - self._line.clock()
        if late > 0:
            await self._line.sleep(late)
        await self._line.flowing()
        if self.deaf:
            return
        limit = self._line.now.cut_after if self._limited else 0
        allowed = data[: max(0, limit - self.passed)] if limit else data
        await asyncio.get_running_loop().sock_sendall(self._sink, allowed)
        self.passed += len(allowed)
        if len(allowed) < len(data):
            raise CutOff
