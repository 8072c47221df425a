"""What of a stream of samples tells whether its levels can be trusted, in bounded memory."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp.clips import ClipCounter
from deeptone_tui.dsp.hum import FIGURES, WINDOW, hum_figures
from deeptone_tui.dsp.samples import FULL_SCALE, Levels, Samples, checked
from deeptone_tui.dsp.steps import STEP_SAMPLES, step_levels

_PIECE: Final = WINDOW // 2
"""Samples that are measured at a time: the windows overlap by half."""
STEPS_IN_PIECE: Final = _PIECE // STEP_SAMPLES

_LEVELS = slice(0, STEPS_IN_PIECE)
_MEANS = slice(STEPS_IN_PIECE, 2 * STEPS_IN_PIECE)
_CLIPS = slice(2 * STEPS_IN_PIECE, 3 * STEPS_IN_PIECE)
_HUM = slice(3 * STEPS_IN_PIECE, 3 * STEPS_IN_PIECE + FIGURES)
_COLUMNS: Final = _HUM.stop


@dataclass(frozen=True, slots=True, eq=False)
class InputFigures:
    """What was measured; all arrays are of the same pieces, oldest first."""

    levels: Levels
    """Of each step, from 0 to 1, shape (4 * pieces,)."""
    means: Levels
    """Mean sample of each step where full scale is 1, in the same shape."""
    clips: npt.NDArray[np.float64]
    """Clipped places in each step, in the same shape."""
    hum: npt.NDArray[np.float64]
    """`hum_figures` of the window that each piece makes with the one before it, shape
    (pieces, `FIGURES`); NaN where there is none before it."""


class InputMeter:
    """Measures a stream that arrives in blocks of any size, and keeps its last minutes.

    It measures whole pieces of four steps at places counted from the first sample, so what it
    says depends on the samples alone. What follows the last whole piece is not in it.
    """

    __slots__ = ("_clips", "_count", "_earlier", "_kept", "_pending", "_rows", "_waiting")

    def __init__(self, seconds: float) -> None:
        """Begin at nothing.

        Args:
            seconds: How much of the newest audio the figures are of, at most; 1 s or more.
        """
        self._kept = max(1, round(seconds * 16_000 / _PIECE))
        self._rows = np.empty((2 * self._kept, _COLUMNS))
        self._count = 0
        self._clips = ClipCounter()
        self._earlier: npt.NDArray[np.float64] | None = None  # the piece before
        self._waiting: list[Samples] = []  # the piece begun
        self._pending = 0

    def feed(self, samples: Samples) -> None:
        """Take a block of any length.

        Raises:
            ValueError: when the samples are not int16 in one dimension.
        """
        self._waiting.append(checked(samples).copy())
        self._pending += len(samples)
        if self._pending < _PIECE:
            return
        stream = np.concatenate(self._waiting)
        whole = len(stream) - len(stream) % _PIECE
        for start in range(0, whole, _PIECE):
            self._measure(stream[start : start + _PIECE])
        self._waiting, self._pending = [stream[whole:]], len(stream) - whole

    def figures(self) -> InputFigures:
        """Return what is kept; a copy, so that it stays as it is."""
        rows = self._rows[max(0, self._count - self._kept) : self._count].copy()
        return InputFigures(
            rows[:, _LEVELS].reshape(-1),
            rows[:, _MEANS].reshape(-1),
            rows[:, _CLIPS].reshape(-1),
            rows[:, _HUM],
        )

    def _measure(self, piece: Samples) -> None:
        """Add a row of figures, and drop the oldest where there is no room."""
        if self._count == len(self._rows):
            self._rows[: self._kept] = self._rows[-self._kept :]
            self._count = self._kept
        row = self._rows[self._count]
        values = piece.astype(np.float64)
        row[_LEVELS] = step_levels(piece)
        row[_MEANS] = values.reshape(-1, STEP_SAMPLES).mean(axis=1) / FULL_SCALE
        row[_CLIPS] = [self._clips.feed(step) for step in piece.reshape(-1, STEP_SAMPLES)]
        row[_HUM] = np.nan
        if self._earlier is not None:
            row[_HUM] = hum_figures(np.concatenate([self._earlier, values]))
        self._earlier = values
        self._count += 1
