"""How often each level occurs: the valley between the room and the speech."""

import numpy as np
import numpy.typing as npt

from deeptone_tui.app.plots.blocks import EIGHTHS
from deeptone_tui.app.plots.scale import Scale

_KERNEL_DB = 1.0
"""Half width of the smoothing, so that fine scales do not show the grain of few steps."""


def histogram(levels: npt.ArrayLike, scale: Scale, rows: int) -> tuple[int, ...]:
    """Heights of the bars of a histogram of levels on a scale.

    The first cell holds everything under the scale too, and may be cut off: the highest of the
    others fills the rows.

    Args:
        levels: of steps, 0 to 1, any number of them.
        scale: whose cells are the bars.
        rows: how many rows of cells there are.

    Returns:
        Heights in eighths of a cell, one a cell; at least 1 where anything occurs.
    """
    values = np.asarray(levels, dtype=np.float64)
    if not values.size or not rows or not scale.cells:
        return (0,) * scale.cells
    cells = np.minimum(scale.positions(values), scale.cells - 1).astype(np.int64)
    counts = np.bincount(cells, minlength=scale.cells).astype(np.float64)
    smooth = _smoothed(counts, scale)
    highest = smooth[1:].max() if smooth[1:].any() else smooth.max()
    full = rows * EIGHTHS
    heights = np.clip(np.rint(smooth / highest * full), 0, full).astype(int)
    heights[(heights == 0) & (counts > 0)] = 1
    return tuple(heights.tolist())


def _smoothed(counts: npt.NDArray[np.float64], scale: Scale) -> npt.NDArray[np.float64]:
    """Counts under a triangle of ±1 dB, the pile under the scale left out of it."""
    reach = int(_KERNEL_DB * scale.cells / 60.0)
    if reach < 1:
        return counts
    triangle = np.bartlett(2 * reach + 3)[1:-1]
    smooth = np.convolve(counts[1:], triangle / triangle.sum(), mode="same")[: len(counts) - 1]
    return np.concatenate((counts[:1], smooth))
