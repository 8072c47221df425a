"""The interface that every source of audio has, and the values it speaks in."""

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
    """Where audio comes from."""

    MICROPHONE = "mic"
    FILE = "file"
    STDIN = "stdin"
    TCP = "tcp"
    DEMO = "demo"


SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108  where JACK puts its own


class SourceError(Exception):
    """A source that cannot be opened or has failed: one line, what and what to do."""


class SenderLost(SourceError):  # noqa: N818  named for what happened
    """A sender that cannot be reached or has gone: the same may be had again later."""


class SoundSystemSilent(SourceError):  # noqa: N818  named for what happened
    """The sound system takes calls and does not come back from them."""

    def __init__(self, shared_memory: Path = SHARED_MEMORY) -> None:
        remedy = "restart its sound server"
        if (jack := _jack_database(shared_memory)) is not None:
            remedy += f", or remove {jack}, which a killed program may have left locked"
        super().__init__(f"the sound system does not answer; {remedy}")


def _jack_database(shared_memory: Path) -> Path | None:
    """Where JACK's library waits for a lock of the dead, which no server of JACK can be needing.

    PortAudio asks that library whether there is a server, and it opens a database first. A program
    that is killed within leaves it locked, and no other one gets past it any more.
    """
    if sys.platform != "linux":
        return None
    database = shared_memory / f"jack_db-{os.getuid()}"
    server = any(shared_memory.glob(f"jack_*_{os.getuid()}_*"))
    return database if database.is_dir() and not server else None


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a source is, for people."""

    kind: SourceKind
    name: str
    """Device name, file name, address or ``demo``."""
    detail: str = ""
    """Host API of a device, format of a file; may be empty."""
    rate: int = 16_000
    """Sample rate in Hz before resampling."""
    live: bool = True
    """Live audio cannot wait: what is not taken in time is lost, and counted."""
    duration: float | None = None
    """Length in seconds, where it is known."""

    def __post_init__(self) -> None:
        # Once for all who show it: names of files and devices hold whatever they like.
        object.__setattr__(self, "name", clean_name(self.name))
        object.__setattr__(self, "detail", clean_name(self.detail))


@dataclass(frozen=True, slots=True)
class Block:
    """Audio as it arrives."""

    samples: Samples
    lost: int = 0
    """Samples at 16 kHz known to be lost directly before this block."""
    overflowed: bool = False
    """PortAudio flagged an input overflow: a hint to count, no measured loss (PortAudio #171)."""


class Source(Protocol):
    """One source of audio. Everything is called from one event loop."""

    @property
    def info(self) -> SourceInfo:
        """What this source is; complete after ``open``."""
        ...

    async def open(self) -> None:
        """Get ready to deliver.

        Raises:
            SourceError: when it cannot.
        """
        ...

    def blocks(self) -> AsyncIterator[Block]:
        """Yield audio until it ends.

        A live source that is open but silent (a stalled device) simply yields nothing; who
        reads decides when that is too long.

        Raises:
            SourceError: when the source is lost (device unplugged, peer gone wrong).
        """
        ...

    async def close(self) -> None:
        """Let go of everything, within a tenth of a second, whatever state it is in."""
        ...


@runtime_checkable
class Seekable(Protocol):
    """What a source of known length offers besides."""

    @property
    def position(self) -> float:
        """Seconds from the beginning of the source to the next block."""
        ...

    @property
    def paused(self) -> bool:
        """Whether delivery is held."""
        ...

    def pause(self) -> None:
        """Hold delivery; ``blocks`` waits."""
        ...

    def resume(self) -> None:
        """Go on from where it was held."""
        ...

    def seek(self, seconds: float) -> None:
        """Go on from another position, clamped to the source's length."""
        ...


@runtime_checkable
class Mixing(Protocol):
    """What a source that may have to mix several channels offers besides."""

    @property
    def channels(self) -> ChannelFigures | None:
        """Power of each channel and of their mix since it was opened; None without a mix."""
        ...


def mixed_channels(source: Source | None) -> ChannelFigures | None:
    """Return what a source has mixed; None where it mixes nothing: one channel, or one chosen."""
    if isinstance(source, Mixing):
        return source.channels
    return None


class Undecodable(Exception):  # noqa: N818  it says what the audio is, in a word or two
    """Why the audio cannot be decoded from here on, in few words."""


class ReadInPart(Exception):  # noqa: N818  as above
    """The decoder is through and the audio is not."""

    def __init__(self, unread: float = 0.0, reason: str = "") -> None:
        """Say what is missing.

        Args:
            unread: The share of the file that was not read, 0 to 1.
            reason: What the decoder says of it, where it knows no share.
        """
        super().__init__(reason or f"{unread:.0%} of it were not read")
        self.unread, self.reason = unread, reason


class Opening:
    """A reader that another thread is opening, which may take long or for ever."""

    def __init__(self) -> None:
        self.stopped = False
        self.interrupts: Callable[[], None] = lambda: None
        """What the reader wants to be called by `stop`."""

    def stop(self) -> None:
        """Let it come to an end."""
        self.stopped = True
        self.interrupts()


class SampleReader(Protocol):
    """One audio file or stream. Calls block; ``interrupt`` may come from another thread."""

    rate: int
    """Hz."""
    channels: int
    format: str
    """For people."""
    frames: int | None
    """Length; None where it is found by reading only."""
    seconds: float | None
    """Length, perhaps an estimate; None where there is none."""

    def read(self, frames: int) -> Frames:
        """Return the next frames, none at the end. Raises `Undecodable` and `ReadInPart`."""
        ...

    def seek(self, frame: int) -> bool:
        """Go on from another frame; tell whether it was there. Otherwise what follows is the start.

        Raises `Undecodable` when the format cannot.
        """
        ...

    def interrupt(self) -> None:
        """Let a read that waits come to an end."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...
