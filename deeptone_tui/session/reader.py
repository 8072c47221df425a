"""Where the session reads the audio that it sends."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from deeptone_tui.level import STEP_SAMPLES


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


class AudioReader(Protocol):
    """The captured audio, read by one session from a position that it moves itself.

    All indices are absolute: samples at 16 kHz since capture began.
    """

    @property
    def position(self) -> int:
        """Index of the next sample to be read; may lie ahead of what is captured."""
        ...

    @property
    def captured(self) -> int:
        """Index after the newest sample."""
        ...

    @property
    def oldest(self) -> int:
        """Index of the oldest sample that can still be read."""
        ...

    @property
    def live(self) -> bool:
        """Whether the audio comes by itself and does not wait for who reads it."""
        ...

    @property
    def ended(self) -> bool:
        """Whether the source has ended and everything up to its end was read."""
        ...

    async def read(self, at_most: int) -> Chunk | None:
        """Wait for audio and take it.

        Args:
            at_most: samples, a multiple of 1024.

        Returns:
            Whole steps from ``position`` on, fewer samples only where the audio ends; an
            empty chunk after ``wake``; None where a piece of audio ends (end of the source, a
            seek, another source) and what follows belongs to another connection. A chunk that
            starts later than the position was means that the audio between was overwritten.
        """
        ...

    async def more(self) -> bool:
        """Wait until ``read`` would return audio at once, or until the source ends without any.

        Returns:
            Whether there is audio.
        """
        ...

    def wake(self) -> None:
        """Let a read that waits return an empty chunk."""
        ...

    def move_to(self, position: int) -> None:
        """Go on from another position, back as far as ``oldest`` or ahead."""
        ...

    def discard(self, discarding: bool) -> None:
        """Stop (or go on) making a source that can wait wait for this reader."""
        ...


def next_step(index: int) -> int:
    """The first multiple of a step that is not before an index."""
    return -(-index // STEP_SAMPLES) * STEP_SAMPLES
