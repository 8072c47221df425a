"""What a session needs of others: the audio to send, and a connection to send it on."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.protocol import Message


@dataclass(frozen=True, slots=True)
class LinkClosed:
    """The connection has ended."""

    code: int
    """Close code; 1006 where it broke without one."""
    reason: str = ""
    """Text of the close frame, or of the error; without the key."""
    malformed: bool = False
    """Whether we ended it over a frame that breaks the rules; the reason says which."""


class Link(Protocol):
    """An open websocket. One task sends, one receives."""

    @property
    def congested(self) -> bool:
        """Whether something that was sent still waits in this process for the network."""
        ...

    async def send(self, payload: bytes) -> None:
        """Send one binary message; waits while more than a little is under way already.

        Raises:
            ConnectionError: when the connection has ended.
        """
        ...

    async def receive(self) -> Message | LinkClosed:
        """The next message, or that the connection has ended. Never raises."""
        ...

    async def close(self) -> None:
        """Say goodbye with 1000 and wait for the answer, a second at most.

        Somebody must be receiving meanwhile; what still arrives is received as ever.
        """
        ...

    async def abort(self) -> None:
        """Let go of everything at once, whatever the other side does."""
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
    """One connection's place in the audio; read by one task."""

    @property
    def position(self) -> int:
        """Index of the next sample to be read."""
        ...

    async def read(self, at_most: int) -> Chunk | None:
        """Wait for audio and take it.

        Args:
            at_most: samples, a multiple of 1024.

        Returns:
            What follows what was read before: whole steps, fewer samples only where the audio
            ends; an empty chunk after ``wake``; None where a piece of audio ends (end of the
            source, a seek, another source, audio that had to be dropped) and what follows
            belongs to another connection.
        """
        ...

    def wake(self) -> None:
        """Let a read that waits return an empty chunk."""
        ...

    def close(self) -> None:
        """Nothing more is read here."""
        ...


class AudioReader(Protocol):
    """The captured audio, as the session sees it.

    All indices are absolute: samples at 16 kHz since capture began.
    """

    @property
    def captured(self) -> int:
        """Index after the newest sample."""
        ...

    @property
    def paced(self) -> bool:
        """Whether the audio comes at the pace of the clock, so that "behind" has a meaning."""
        ...

    def ended(self, index: int) -> bool:
        """Whether the source has ended and nothing follows from an index on."""
        ...

    def available(self, index: int) -> int:
        """The first sample from an index on that can be read now or later."""
        ...

    def piece_start(self, index: int) -> int:
        """How far back from a sample the audio is there and belongs together."""
        ...

    def silent(self, start: int, end: int) -> bool:
        """Whether all whole steps between two samples are there and under the threshold."""
        ...

    async def more(self, index: int) -> bool:
        """Wait until there is audio to read at an index, or until the source ends without any.

        Returns:
            Whether there is audio.
        """
        ...

    def cursor(self, start: int, *, period: int) -> Cursor:
        """Begin to read.

        Args:
            start: a sample that is there or is yet to come.
            period: samples after which a result is due. A source that can wait waits rather
                than let audio go that is not settled, unless results come too rarely for that.
        """
        ...

    def settle(self, index: int) -> None:
        """What is before an index will never be read again."""
        ...

    def discard(self, discarding: bool) -> None:
        """Stop (or go on) making a source that can wait wait for this reader."""
        ...


def next_step(index: int) -> int:
    """The first multiple of a step that is not before an index."""
    return -(-index // STEP_SAMPLES) * STEP_SAMPLES
