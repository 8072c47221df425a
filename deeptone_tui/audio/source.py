"""Interface of every audio source, and its value types."""

import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from deeptone_tui.core.text import clean_name
from deeptone_tui.dsp import ChannelFigures

if TYPE_CHECKING:
    from collections.abc import Callable


Samples = npt.NDArray[np.int16]
"""Mono samples at 16 kHz, shape (n,)."""

Frames = npt.NDArray[np.float32]
"""Samples of all channels where full scale is 1.0, shape (frames, channels)."""


class SourceKind(StrEnum):
    """Kind of an audio source."""

    MICROPHONE = "mic"
    FILE = "file"
    STDIN = "stdin"
    TCP = "tcp"
    DEMO = "demo"


SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108  JACK's own choice


class SourceError(Exception):
    """Failure to open or read a source: one line, what is wrong and what to do."""


class SenderLost(SourceError):  # noqa: N818  named for what happened
    """Sender that cannot be reached or has gone; it may come back later."""


class SoundSystemSilent(SourceError):  # noqa: N818  named for what happened
    """Sound system that accepts calls but does not return from them."""

    def __init__(self, shared_memory: Path = SHARED_MEMORY) -> None:
        remedy = "restart its sound server"
        if (jack := _jack_database(shared_memory)) is not None:
            remedy += f", or remove {jack}, which a killed program may have left locked"
        super().__init__(f"the sound system does not answer; {remedy}")


def _jack_database(shared_memory: Path) -> Path | None:
    """Return the database whose stale lock JACK's library may wait for; None while a server runs.

    PortAudio asks that library whether there is a server, and the library opens a database first. A
    program that is killed meanwhile leaves it locked, and no other program gets past it.
    """
    if sys.platform != "linux":
        return None
    database = shared_memory / f"jack_db-{os.getuid()}"
    server = any(shared_memory.glob(f"jack_*_{os.getuid()}_*"))
    return database if database.is_dir() and not server else None


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Description of a source, for display."""

    kind: SourceKind
    name: str
    """Device name, file name, address or ``demo``."""
    detail: str = ""
    """Host API of a device, format of a file; may be empty."""
    rate: int = 16_000
    """Sample rate in Hz before resampling."""
    live: bool = True
    """True if the audio cannot wait: samples not taken in time are lost, and counted."""
    duration: float | None = None
    """Length in seconds; None if unknown."""

    def __post_init__(self) -> None:
        # Cleaned once for every display: names of files and devices may contain anything.
        object.__setattr__(self, "name", clean_name(self.name))
        object.__setattr__(self, "detail", clean_name(self.detail))


@dataclass(frozen=True, slots=True)
class Block:
    """Audio as it arrives."""

    samples: Samples
    lost: int = 0
    """Samples at 16 kHz known to be lost directly before this block."""
    overflowed: bool = False
    """True if PortAudio flagged an input overflow: a hint to count, not a measured loss (PortAudio
    #171)."""


class Source(Protocol):
    """One source of audio. All methods are called from one event loop."""

    @property
    def info(self) -> SourceInfo:
        """Description of this source; complete after ``open``."""
        ...

    async def open(self) -> None:
        """Prepare to deliver.

        Raises:
            SourceError: when it cannot.
        """
        ...

    def blocks(self) -> AsyncIterator[Block]:
        """Yield audio until it ends.

        A live source that is open but silent (a stalled device) yields nothing; the consumer
        decides when that is too long.

        Raises:
            SourceError: when the source is lost (device unplugged, peer failed).
        """
        ...

    async def close(self) -> None:
        """Release everything, within a tenth of a second, in any state."""
        ...


@runtime_checkable
class Seekable(Protocol):
    """Additional interface of a source of known length."""

    @property
    def position(self) -> float:
        """Seconds from the beginning of the source to the next block."""
        ...

    @property
    def paused(self) -> bool:
        """True if delivery is held."""
        ...

    def pause(self) -> None:
        """Hold delivery; ``blocks`` waits."""
        ...

    def resume(self) -> None:
        """Continue from where it was held."""
        ...

    def seek(self, seconds: float) -> None:
        """Continue from another position, clamped to the source's length."""
        ...


@runtime_checkable
class Mixing(Protocol):
    """Additional interface of a source that may mix down several channels."""

    @property
    def channels(self) -> ChannelFigures | None:
        """Power of each channel and of their mix since it was opened; None without a mix."""
        ...


def mixed_channels(source: Source | None) -> ChannelFigures | None:
    """Return the figures of a source that mixes down; None for one channel, or one selected."""
    if isinstance(source, Mixing):
        return source.channels
    return None


class Undecodable(Exception):  # noqa: N818  it says what the audio is, in a word or two
    """Audio that cannot be decoded from here on; the message is the reason, in few words."""


class ReadInPart(Exception):  # noqa: N818  as above
    """End of the decoder before the end of the audio."""

    def __init__(self, unread: float = 0.0, reason: str = "") -> None:
        """Make the message from what is missing.

        Args:
            unread: Share of the file that was not read, 0 to 1.
            reason: The decoder's reason, if it knows no share.
        """
        super().__init__(reason or f"{unread:.0%} of it were not read")
        self.unread, self.reason = unread, reason


class Opening:
    """Handle to interrupt a reader that another thread is opening, which may take forever."""

    def __init__(self) -> None:
        self.stopped = False
        self.interrupts: Callable[[], None] = lambda: None
        """Callback of the reader, which `stop` calls."""

    def stop(self) -> None:
        """Interrupt the reader."""
        self.stopped = True
        self.interrupts()


class SampleReader(Protocol):
    """Reader of one audio file or stream.

    Calls block; ``interrupt`` may be called from another thread.
    """

    rate: int
    """Sample rate in Hz."""
    channels: int
    format: str
    """Format for display."""
    frames: int | None
    """Length in frames; None if only reading finds it."""
    seconds: float | None
    """Length in seconds, perhaps an estimate; None if unknown."""

    def read(self, frames: int) -> Frames:
        """Return the next frames, none at the end. Raises `Undecodable` and `ReadInPart`."""
        ...

    def seek(self, frame: int) -> bool:
        """Continue from another frame; return True if it was reached, else restart.

        Raises `Undecodable` if the format cannot seek.
        """
        ...

    def interrupt(self) -> None:
        """Make a waiting read return."""
        ...

    def close(self) -> None:
        """Release everything."""
        ...
