"""The interface of what decodes audio, whatever it is in and whoever decodes it."""

from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

Frames = npt.NDArray[np.float32]
"""Samples of all channels where full scale is 1.0, shape (frames, channels)."""


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


class Reader(Protocol):
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
