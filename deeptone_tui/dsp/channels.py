"""The power of each channel of a source that mixes several into one."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Frames = npt.NDArray[np.floating] | npt.NDArray[np.integer]
"""Samples of several channels, shape (frames, channels)."""


@dataclass(frozen=True, slots=True, eq=False)
class ChannelFigures:
    """Sums over frames of several channels and of their mix, the mean; full scale is 1.

    They only grow while a source is open, so that those of its last minutes are the newest
    without what was there before them: `since`.
    """

    frames: int
    sums: npt.NDArray[np.float64]
    """Of the samples, shape (channels + 1,); the mix comes last."""
    squares: npt.NDArray[np.float64]
    """Of their squares, in the same shape."""

    def since(self, earlier: "ChannelFigures") -> "ChannelFigures":
        """Return the figures of what came after earlier ones of the same source."""
        return ChannelFigures(
            self.frames - earlier.frames, self.sums - earlier.sums, self.squares - earlier.squares
        )

    def powers(self) -> npt.NDArray[np.float64]:
        """Return the mean square of each channel and, last, of the mix, shape (channels + 1,).

        Without their constant offsets: a dead input may have one, and the other channel's would
        be heard in the mix as little as it is alone.
        """
        if not self.frames:
            return np.zeros_like(self.squares)
        means = self.sums / self.frames
        powers: npt.NDArray[np.float64] = np.maximum(self.squares / self.frames - means**2, 0.0)
        return powers


class ChannelMeter:
    """Adds up the power of channels and of their mix."""

    __slots__ = ("_full_scale", "figures")

    figures: ChannelFigures | None
    """Up to now; None before the first frame. Replaced as a whole, so any thread may read it."""

    def __init__(self, full_scale: float = 1.0) -> None:
        """Begin at nothing.

        Args:
            full_scale: The sample value that stands for 1.0.
        """
        self._full_scale = full_scale
        self.figures = None

    def feed(self, frames: Frames) -> None:
        """Take frames, shape (n, channels), any number of them."""
        if not len(frames):
            return
        values = frames.astype(np.float64) / self._full_scale
        values = np.column_stack([values, values.mean(axis=1)])
        sums, squares = values.sum(axis=0), np.einsum("ij,ij->j", values, values)
        before = self.figures
        if before is None:
            self.figures = ChannelFigures(len(values), sums, squares)
        else:
            self.figures = ChannelFigures(
                before.frames + len(values), before.sums + sums, before.squares + squares
            )
