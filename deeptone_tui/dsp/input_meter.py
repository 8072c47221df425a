"""Figures of a sample stream that show whether its levels can be trusted, in bounded memory."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp.ballistics import ClipCounter
from deeptone_tui.dsp.samples import (
    FULL_SCALE,
    Floats,
    Levels,
    Samples,
    SlidingArray,
    checked,
    step_levels,
)
from deeptone_tui.protocol.parameters import SAMPLE_RATE_HZ, STEP_SAMPLES

WINDOW_SAMPLES: Final = 8_192
"""Samples of a window, 0.51 s: long enough for its spectrum to separate 50 from 60 Hz, short enough
to fit between two sentences."""
MAINS_HZ: Final = (50, 60)
"""Mains frequencies of the world, in Hz."""

_HARMONICS: Final = 12
_LINE_HZ: Final = 5.0
"""Half the width of a spectral line: the window's broadening of a sine, and mains off by 0.2 Hz."""
_SIDE_HZ: Final = 10.0
"""Outer edge of the neighbourhood of a line, which shows how much of the line is other sound."""

FIGURES: Final = 1 + 2 * len(MAINS_HZ)
"""Number of figures of a window: its power, then for each of `MAINS_HZ` the power of its lines, and
the part of that to expect from their neighbourhood."""

_BIN_HZ: Final = np.fft.rfftfreq(WINDOW_SAMPLES, 1 / SAMPLE_RATE_HZ)
_TAPER: Final = np.hanning(WINDOW_SAMPLES + 1)[:-1]

Frames = npt.NDArray[np.floating] | npt.NDArray[np.integer]
"""Samples of several channels, shape (frames, channels)."""

_PIECE_SAMPLES: Final = WINDOW_SAMPLES // 2
"""Samples that are measured at a time: windows overlap by half."""
STEPS_IN_PIECE: Final = _PIECE_SAMPLES // STEP_SAMPLES

_LEVELS = slice(0, STEPS_IN_PIECE)
_MEANS = slice(STEPS_IN_PIECE, 2 * STEPS_IN_PIECE)
_CLIPS = slice(2 * STEPS_IN_PIECE, 3 * STEPS_IN_PIECE)
_HUM = slice(3 * STEPS_IN_PIECE, 3 * STEPS_IN_PIECE + FIGURES)
_COLUMNS: Final = _HUM.stop


def _weights() -> Floats:
    """Return the weights of the spectrum's bins in each figure after the first, shape (4, bins)."""
    rows = []
    for mains in MAINS_HZ:
        line, side = np.zeros(len(_BIN_HZ)), np.zeros(len(_BIN_HZ))
        for harmonic in range(1, _HARMONICS + 1):
            off = np.abs(_BIN_HZ - mains * harmonic)
            within = off <= _LINE_HZ
            beside = (off > _LINE_HZ + 1.0) & (off <= _SIDE_HZ)
            line[within] = 1.0
            side[beside] += np.count_nonzero(within) / np.count_nonzero(beside)
        rows += [line, side]
    return np.stack(rows)


_WEIGHTS: Final = _weights()


def hum_figures(samples: Floats) -> Floats:
    """Measure one window.

    Args:
        samples: shape (`WINDOW_SAMPLES`,), in sample units.

    Returns:
        Mean squares where full scale is 1, without the constant offset, shape (`FIGURES`,).
    """
    values = (samples - samples.mean()) / FULL_SCALE
    spectrum: Floats = np.abs(np.fft.rfft(values * _TAPER)) ** 2
    spectrum *= 2.0 / (WINDOW_SAMPLES * float(_TAPER @ _TAPER))
    return np.concatenate([[float(values @ values) / WINDOW_SAMPLES], _WEIGHTS @ spectrum])


def hum_share(windows: Floats) -> tuple[int, float]:
    """Return the mains frequency in Hz of the hum in these windows, and its share of their power.

    A line has to stand out from its neighbourhood to be hum: low rumble has power at 50 Hz as well.
    It also has to be present in most of the windows, which music is not.

    Args:
        windows: `hum_figures` of stretches without speech, shape (n, `FIGURES`).

    Returns:
        The frequency, and the share from 0 to 1; the share is 0 without hum.
    """
    best = (MAINS_HZ[0], 0.0)
    if not len(windows):
        return best
    for at, mains in enumerate(MAINS_HZ):
        line, expected = windows[:, 1 + 2 * at], windows[:, 2 + 2 * at]
        if line.sum() < _LINE_TO_SIDES * expected.sum():
            continue
        shares = (line - expected) / np.maximum(windows[:, 0], np.finfo(np.float64).tiny)
        share = min(float(np.median(shares)), 1.0)
        if share > best[1]:
            best = (mains, share)
    return best


_LINE_TO_SIDES: Final = 4.0
"""Least ratio of the power of lines to the power expected, 6 dB."""


@dataclass(frozen=True, slots=True, eq=False)
class ChannelFigures:
    """Sums over frames of several channels and of their mix, the mean; full scale is 1.

    They only grow while a source is open, so the figures of its last minutes are the difference of
    the newest and earlier ones: `since`.
    """

    frames: int
    sums: Floats
    """Sums of the samples, shape (channels + 1,); the mix comes last."""
    squares: Floats
    """Sums of their squares, in the same shape."""

    def since(self, earlier: "ChannelFigures") -> "ChannelFigures":
        """Return the figures of the frames that came after earlier ones of the same source."""
        return ChannelFigures(
            self.frames - earlier.frames, self.sums - earlier.sums, self.squares - earlier.squares
        )

    def powers(self) -> Floats:
        """Return the mean square of each channel and, last, of the mix, shape (channels + 1,).

        Constant offsets are excluded: a dead input may have one, and that of the other channel is
        no more audible in the mix than it is alone.
        """
        if not self.frames:
            return np.zeros_like(self.squares)
        means = self.sums / self.frames
        powers: Floats = np.maximum(self.squares / self.frames - means**2, 0.0)
        return powers


class ChannelMeter:
    """Accumulates the power of channels and of their mix."""

    __slots__ = ("_full_scale", "figures")

    figures: ChannelFigures | None
    """Figures so far; None before the first frame. Replaced as a whole, so any thread may read
    them."""

    def __init__(self, full_scale: float = 1.0) -> None:
        """Start without frames.

        Args:
            full_scale: The sample value that stands for 1.0.
        """
        self._full_scale = full_scale
        self.figures = None

    def feed(self, frames: Frames) -> None:
        """Add any number of frames, shape (n, channels)."""
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


@dataclass(frozen=True, slots=True, eq=False)
class InputFigures:
    """Figures of the input; all arrays are of the same pieces, oldest first."""

    levels: Levels
    """Level of each step, from 0 to 1, shape (4 * pieces,)."""
    means: Levels
    """Mean sample of each step where full scale is 1, in the same shape."""
    clips: Floats
    """Clipped places in each step, in the same shape."""
    hum: Floats
    """`hum_figures` of the window that each piece forms with the previous one, shape (pieces,
    `FIGURES`); NaN where there is no previous piece."""


class InputMeter:
    """Measures a stream that arrives in blocks of any size, and keeps its last minutes.

    It measures whole pieces of four steps at positions counted from the first sample, so the
    figures depend on the samples alone. Samples after the last whole piece are not included.
    """

    __slots__ = ("_clips", "_earlier", "_kept", "_pending", "_rows", "_waiting")

    def __init__(self, seconds: float) -> None:
        """Start without samples.

        Args:
            seconds: Most of the newest audio that the figures cover, in seconds; 1 s or more.
        """
        self._kept = max(1, round(seconds * SAMPLE_RATE_HZ / _PIECE_SAMPLES))
        self._rows = SlidingArray(np.float64, self._kept, row=(_COLUMNS,))
        self._clips = ClipCounter()
        self._earlier: Floats | None = None  # the previous piece
        self._waiting: list[Samples] = []  # blocks of the incomplete piece
        self._pending = 0

    def feed(self, samples: Samples) -> None:
        """Measure a block of any length.

        Raises:
            ValueError: if the samples are not int16 in one dimension.
        """
        self._waiting.append(checked(samples).copy())
        self._pending += len(samples)
        if self._pending < _PIECE_SAMPLES:
            return
        stream = np.concatenate(self._waiting)
        whole = len(stream) - len(stream) % _PIECE_SAMPLES
        for start in range(0, whole, _PIECE_SAMPLES):
            self._measure(stream[start : start + _PIECE_SAMPLES])
        self._waiting, self._pending = [stream[whole:]], len(stream) - whole

    def figures(self) -> InputFigures:
        """Return a copy of the figures, which later samples do not change."""
        rows = self._rows.view()[-self._kept :].copy()
        return InputFigures(
            rows[:, _LEVELS].reshape(-1),
            rows[:, _MEANS].reshape(-1),
            rows[:, _CLIPS].reshape(-1),
            rows[:, _HUM],
        )

    def _measure(self, piece: Samples) -> None:
        """Add a row of figures."""
        row = np.full(_COLUMNS, np.nan)
        values = piece.astype(np.float64)
        row[_LEVELS] = step_levels(piece)
        row[_MEANS] = values.reshape(-1, STEP_SAMPLES).mean(axis=1) / FULL_SCALE
        row[_CLIPS] = [self._clips.feed(step) for step in piece.reshape(-1, STEP_SAMPLES)]
        if self._earlier is not None:
            row[_HUM] = hum_figures(np.concatenate([self._earlier, values]))
        self._earlier = values
        self._rows.append(row[np.newaxis])
