"""Mains hum: power at 50 or 60 Hz and its harmonics, against what lies between them."""

from typing import Final

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp.samples import FULL_SCALE, RATE

WINDOW: Final = 8_192
"""Samples of a window, 0.51 s: long enough that its spectrum tells 50 from 60 Hz, short enough to
fit between two sentences."""
MAINS: Final = (50, 60)
"""Frequencies of the world's mains, in Hz."""

_HARMONICS: Final = 12
_LINE_HZ: Final = 5.0
"""Half the width of a line: what the window makes of a sine, and the mains being 0.2 Hz off."""
_SIDE_HZ: Final = 10.0
"""Where its neighbourhood, which tells how much of the line is other sound, ends."""

FIGURES: Final = 1 + 2 * len(MAINS)
"""Figures of a window: its power, then for each of `MAINS` the power of the lines, and how much
of that their neighbourhood lets expect."""

Spectrum = npt.NDArray[np.float64]
Figures = npt.NDArray[np.float64]

_HZ: Final = np.fft.rfftfreq(WINDOW, 1 / RATE)
_TAPER: Final = np.hanning(WINDOW + 1)[:-1]


def _weights() -> npt.NDArray[np.float64]:
    """Which bins are added up for each figure after the first, shape (4, bins)."""
    rows = []
    for mains in MAINS:
        line, side = np.zeros(len(_HZ)), np.zeros(len(_HZ))
        for harmonic in range(1, _HARMONICS + 1):
            off = np.abs(_HZ - mains * harmonic)
            within = off <= _LINE_HZ
            beside = (off > _LINE_HZ + 1.0) & (off <= _SIDE_HZ)
            line[within] = 1.0
            side[beside] += np.count_nonzero(within) / np.count_nonzero(beside)
        rows += [line, side]
    return np.stack(rows)


_WEIGHTS: Final = _weights()


def hum_figures(samples: npt.NDArray[np.float64]) -> Figures:
    """Measure one window.

    Args:
        samples: shape (`WINDOW`,), in sample units.

    Returns:
        Mean squares where full scale is 1, without the constant offset, shape (`FIGURES`,).
    """
    values = (samples - samples.mean()) / FULL_SCALE
    spectrum: Spectrum = np.abs(np.fft.rfft(values * _TAPER)) ** 2
    spectrum *= 2.0 / (WINDOW * float(_TAPER @ _TAPER))
    return np.concatenate([[float(values @ values) / WINDOW], _WEIGHTS @ spectrum])


def hum_share(windows: Figures) -> tuple[int, float]:
    """Return the mains whose hum is in these windows, in Hz, and its share of their power.

    What is a line has to stand out from its neighbourhood, or it is no hum: low rumble has power
    at 50 Hz as well. And it has to be there in most of the windows, as music is not.

    Args:
        windows: `hum_figures` of stretches in which nobody speaks, shape (n, `FIGURES`).

    Returns:
        The share is from 0 to 1; 0 where there is no hum.
    """
    best = (MAINS[0], 0.0)
    if not len(windows):
        return best
    for at, mains in enumerate(MAINS):
        line, expected = windows[:, 1 + 2 * at], windows[:, 2 + 2 * at]
        if line.sum() < _STANDS_OUT * expected.sum():
            continue
        shares = (line - expected) / np.maximum(windows[:, 0], np.finfo(np.float64).tiny)
        share = min(float(np.median(shares)), 1.0)
        if share > best[1]:
            best = (mains, share)
    return best


_STANDS_OUT: Final = 4.0
"""Times the expected power that lines have to have, 6 dB."""
