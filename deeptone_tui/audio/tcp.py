"""Raw PCM from a TCP peer, for a microphone at the other end of the link."""

import asyncio
import socket
import time

from deeptone_tui.audio.pacing import Clock, Sleep
from deeptone_tui.audio.pcm import PcmSource
from deeptone_tui.audio.source import (
    SenderLost,
    SourceInfo,
    SourceKind,
    SourceOptions,
    join_address,
)
from deeptone_tui.core.address import look_up
from deeptone_tui.core.blocking import call_in_thread
from deeptone_tui.core.errors import reason_of

_CHUNK = 65_536
_TIMEOUT_S = 5.0
"""Timeout in seconds of the name lookup, and of each attempt to connect."""


def tcp_source(
    host: str,
    port: int,
    options: SourceOptions,
    *,
    clock: Clock = time.monotonic,
    sleep: Sleep = asyncio.sleep,
) -> PcmSource:
    """Construct the source of ``tcp://host:port``."""
    info = SourceInfo(SourceKind.TCP, f"tcp://{join_address(host, port)}", "raw 16-bit PCM")
    return PcmSource(info, TcpBytes(host, port), options, clock=clock, sleep=sleep)


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
                async with asyncio.timeout(_TIMEOUT_S):
                    self._reader, self._writer = await asyncio.open_connection(
                        address, self._port, limit=_CHUNK
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
            return await self._reader.read(_CHUNK)
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
            found = await call_in_thread(lambda: look_up(host, port), timeout=_TIMEOUT_S)
        except TimeoutError as error:
            raise SenderLost(
                f"{self._address}: the name {host} was not found within {_TIMEOUT_S:.0f} s; "
                "use the number of the host instead"
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
