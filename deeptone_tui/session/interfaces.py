"""Interfaces that a session depends on: the audio to send, and a connection to send it on."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from deeptone_tui.protocol import STEP_SAMPLES, Message


@dataclass(frozen=True, slots=True)
class LinkClosed:
    """The connection has ended."""

    code: int
    """Close code; 1006 if it broke without one."""
    reason: str = ""
    """Text of the close frame or of the error, without the key."""
    malformed: bool = False
    """True if this side ended it because of a malformed frame; the reason describes the fault."""


class Link(Protocol):
    """An open websocket. One task sends, one receives."""

    @property
    def congested(self) -> bool:
        """True if sent data still waits in this process for the network."""
        ...

    async def send(self, payload: bytes) -> None:
        """Send one binary message; wait while much sent data is still queued.

        Raises:
            ConnectionError: If the connection has ended.
        """
        ...

    async def receive(self) -> Message | LinkClosed:
        """Return the next message, or the end of the connection. Never raises."""
        ...

    async def close(self) -> None:
        """Send a close frame with code 1000 and wait for the answer, a second at most.

        Another task must be receiving meanwhile; it gets the messages that still arrive.
        """
        ...

    async def abort(self) -> None:
        """Release everything at once, whatever the other side does."""
        ...


@dataclass(frozen=True, slots=True)
class Chunk:
    """Audio to be sent."""

    start: int
    """Absolute index of the first sample."""
    samples: npt.NDArray[np.int16]

    @property
    def end(self) -> int:
        """Absolute index after the last sample."""
        return self.start + len(self.samples)


class Cursor(Protocol):
    """One connection's read position in the audio; used by one task."""

    @property
    def position(self) -> int:
        """Index of the next sample to be read."""
        ...

    async def read(self, at_most: int) -> Chunk | None:
        """Wait for audio and read it.

        Args:
            at_most: Number of samples, a multiple of 1024.

        Returns:
            The audio after the previous read: whole steps, fewer samples only at the end of the
            audio; an empty chunk after ``wake``; None where a piece of audio ends (end of the
            source, a seek, another source, audio that had to be dropped), after which the audio
            belongs to another connection.
        """
        ...

    def wake(self) -> None:
        """Make a waiting read return an empty chunk."""
        ...

    def close(self) -> None:
        """End reading with this cursor."""
        ...


class AudioReader(Protocol):
    """The session's view of the captured audio.

    All indices are absolute: samples at 16 kHz since capture began.
    """

    @property
    def paced(self) -> bool:
        """True if the audio arrives in real time, so that there can be a backlog."""
        ...

    def ended(self, index: int) -> bool:
        """Return True if the source has ended and there is no audio from an index on."""
        ...

    def available(self, index: int) -> int:
        """Return the first sample from an index on that can be read now or later."""
        ...

    def piece_start(self, index: int) -> int:
        """Return the start of the contiguous audio that reaches up to an index."""
        ...

    def silent(self, start: int, end: int) -> bool:
        """Return True if all whole steps between two samples are there and below the threshold."""
        ...

    async def more(self, index: int) -> bool:
        """Wait until there is audio to read at an index, or until the source ends without any.

        Returns:
            True if there is audio.
        """
        ...

    def cursor(self, start: int, *, period: int) -> Cursor:
        """Create a cursor.

        Args:
            start: A sample that is available or still to be captured.
            period: Samples per result. A source that can wait does so rather than drop audio that
                is not settled, unless the period is too long for the buffer.
        """
        ...

    def settle(self, index: int) -> None:
        """Declare that the audio before an index will never be read again."""
        ...

    def discard(self, discarding: bool) -> None:
        """Let a source that can wait run on without this reader (True) or wait for it (False)."""
        ...


def next_step(index: int) -> int:
    """Round an index up to a multiple of a step."""
    return -(-index // STEP_SAMPLES) * STEP_SAMPLES
