"""Geometry of the main screen: rows and columns of its parts, and the scale in dBFS."""

import math
from typing import TYPE_CHECKING, NamedTuple

from deeptone_tui.protocol.units import MINUS, from_dbfs, to_dbfs

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

FLOOR_DBFS = -60.0
"""dBFS at the start of the scale; the end is 0."""

_TICK_STEPS = (1, 2, 5, 10, 20, 30)
_TICK_ROOM_CELLS = 10
"""Minimum cells for a tick with its label and unit."""

TICK = "╵"
SUGGESTED = "△"
"""Sign of a suggested threshold: that of the threshold, but hollow."""
WORD = "suggested"
UNIT = " dBFS"
"""Unit of the labels, shown at the first tick that has room for it."""

LEFT = " ▏▎▍▌▋▊▉█"
"""Cells filled from the left by 0 to 8 eighths."""

LOWER = " ▁▂▃▄▅▆▇█"
"""Cells filled from the bottom by 0 to 8 eighths."""

EIGHTHS = 8
"""Parts of a cell."""

_KERNEL_DB = 1.0
"""Half width of the smoothing kernel, which hides the grain of few steps on fine scales."""

SMALLEST_WIDTH, SMALLEST_HEIGHT = 60, 20
"""Minimum columns and rows of the screen."""

MARGIN = 1
"""Empty columns at the left and at the right."""
GAP_COLUMNS = 3
"""Columns between the plots and the text beside them; the scale's 0 stands in them."""

_WIDE = 110
_NARROW_PANEL, _WIDE_PANEL = 15, 25


class Scale(NamedTuple):
    """A scale of −60…0 dBFS over a number of cells; at 60 cells, one cell is one decibel."""

    cells: int

    def position(self, level: float) -> float:
        """Return the position of a level, in cells from the start, 0 to ``cells``."""
        return min(max((to_dbfs(level) / -FLOOR_DBFS + 1.0) * self.cells, 0.0), float(self.cells))

    def positions(self, levels: "npt.ArrayLike") -> "npt.NDArray[np.float64]":
        """Return the positions of many levels, shape (n,); NaN stays NaN."""
        import numpy as np  # noqa: PLC0415  after the first frame

        values = np.asarray(levels, dtype=np.float64)
        with np.errstate(divide="ignore"):
            dbfs = 20.0 * np.log10(values)
        return np.clip((dbfs / -FLOOR_DBFS + 1.0) * self.cells, 0.0, float(self.cells))

    def cell(self, level: float) -> int | None:
        """Return the cell that marks a level; None if the level is below the scale.

        The threshold moves in steps of half a decibel. At one decibel per cell, every second step
        is therefore visible, and a threshold shown as −46.0 is in the cell labelled −46.
        """
        if to_dbfs(level) < FLOOR_DBFS - 0.05:
            return None
        return min(math.floor(self.position(level) + 0.25), self.cells - 1)

    def level_at(self, position: float) -> float:
        """Return the level at a position; the inverse of `position`."""
        share = min(max(position / self.cells, 0.0), 1.0)
        return from_dbfs(FLOOR_DBFS * (1.0 - share))

    def levels(self) -> "npt.NDArray[np.float64]":
        """Return the level that a threshold in each cell has, that of its start, shape (cells,)."""
        import numpy as np  # noqa: PLC0415  after the first frame

        return np.array([self.level_at(cell) for cell in range(self.cells)])

    def ticks(self) -> tuple[tuple[int, str], ...]:
        """Return cells and labels of round decibels; the last tick, 0, is one past the scale."""
        step = next(
            (step for step in _TICK_STEPS if step * self.cells / -FLOOR_DBFS >= _TICK_ROOM_CELLS),
            _TICK_STEPS[-1],
        )
        return tuple(
            (
                round((dbfs - FLOOR_DBFS) / -FLOOR_DBFS * self.cells),
                str(dbfs).replace("-", MINUS),
            )
            for dbfs in range(int(FLOOR_DBFS), 1, step)
        )


def scale_labels(scale: Scale, width: int, mark: int | None, suggested: int | None) -> str:
    """Return the row of tick labels, each of them whole or absent: half a number misleads.

    Args:
        scale: the scale, in cells.
        width: columns of the row; the last tick is one past the scale.
        mark: cell of the threshold's sign, which stays free.
        suggested: cell of a suggested threshold; its word takes precedence over the ticks.
    """
    row = [" "] * width
    if suggested is not None:
        text, start = _suggestion(suggested, mark, width)
        for at, sign in enumerate(text, start):
            if 0 <= at < width:
                row[at] = sign
    ticks = scale.ticks()
    ends = [cell for cell, _ in ticks[1:]] + [width + 1]
    units = [UNIT]
    for (cell, label), end in zip(ticks, ends, strict=True):
        for unit in (*units, ""):
            text = f"{TICK}{label}{unit}"
            if cell + len(text) < end and _is_free(row, cell, len(text), mark):
                row[cell : cell + len(text)] = text
                units = [] if unit else units
                break
    return "".join(row)


def _suggestion(cell: int, mark: int | None, width: int) -> tuple[str, int]:
    """Return sign and word of a suggestion, clear of the threshold's sign, and their start."""
    room = len(WORD) + 2
    away = mark - cell if mark is not None else 0
    if cell + room <= width and not 0 < away < room:
        return f" {SUGGESTED} {WORD} ", cell - 1
    if cell >= room and not -room < away < 0:
        return f" {WORD} {SUGGESTED} ", cell - room
    return f" {SUGGESTED} ", cell - 1  # no room on either side; the panel shows the word too


def _is_free(row: list[str], cell: int, size: int, mark: int | None) -> bool:
    """Return True if a label has its cells to itself, with a blank on either side."""
    around = row[max(cell - 1, 0) : cell + size + 1]
    under_mark = mark is not None and cell <= mark < cell + size
    return not under_mark and "".join(around).isspace()


def column_glyph(height: int, row: int) -> str:
    """Return the character of one cell of a vertical bar.

    Args:
        height: height of the whole bar, in eighths of a cell.
        row: row of the cell, counted from the bottom row, which is 0.
    """
    return LOWER[min(max(height - row * EIGHTHS, 0), EIGHTHS)]


def histogram(levels: "npt.ArrayLike", scale: Scale, rows: int) -> tuple[int, ...]:
    """Return the bar heights of a histogram of levels on a scale.

    The first cell also holds everything below the scale and may be clipped: the highest of the
    other cells fills the rows.

    Args:
        levels: levels of any number of steps, 0 to 1.
        scale: the scale; each cell is one bar.
        rows: number of rows of cells.

    Returns:
        Heights in eighths of a cell, one per cell; at least 1 for each cell with a level in it.
    """
    import numpy as np  # noqa: PLC0415  after the first frame

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


def _smoothed(counts: "npt.NDArray[np.float64]", scale: Scale) -> "npt.NDArray[np.float64]":
    """Return counts smoothed by a triangle of ±1 dB; the first cell is left out of it."""
    import numpy as np  # noqa: PLC0415  after the first frame

    reach = int(_KERNEL_DB * scale.cells / 60.0)
    if reach < 1:
        return counts
    triangle = np.bartlett(2 * reach + 3)[1:-1]
    smooth = np.convolve(counts[1:], triangle / triangle.sum(), mode="same")[: len(counts) - 1]
    return np.concatenate((counts[:1], smooth))


class Layout(NamedTuple):
    """Sizes in cells."""

    plot: int
    """Columns of meter, histogram, timeline and strips: one decibel and one second each, in a
    terminal of 80 columns."""
    panel: int
    """Columns of the text beside the plots."""
    bar: int
    """Rows of the level bar."""
    histogram: int
    """Rows of the histogram of levels."""
    timeline: int
    """Rows of the level over time."""
    strips: int
    """Rows of classes over time, one per model."""
    curves: int
    """Rows of the curves of tune mode."""
    piles: int
    """Rows of each of the two histograms of tune mode."""

    @property
    def meter(self) -> int:
        """Rows of bar, histogram and scale together."""
        return self.bar + self.histogram + 1


_HEIGHTS = (
    # minimum height: bar, histogram, timeline, maximum of strips, curves, piles
    (0, (1, 0, 2, 2, 3, 1)),
    (22, (1, 1, 3, 2, 3, 1)),
    (24, (1, 1, 3, 2, 4, 1)),
    (26, (1, 1, 4, 3, 4, 1)),
    (30, (1, 2, 4, 3, 5, 1)),
    (36, (2, 2, 5, 5, 6, 2)),
    (42, (2, 3, 6, 6, 8, 2)),
    (50, (3, 4, 8, 9, 9, 3)),
)


def fits(width: int, height: int) -> bool:
    """Return True if a terminal is large enough for the screen."""
    return width >= SMALLEST_WIDTH and height >= SMALLEST_HEIGHT


def layout_of(width: int, height: int, models: int) -> Layout:
    """Return the layout for a terminal size.

    Args:
        width: columns of the terminal.
        height: rows of the terminal.
        models: number of models that answer; each takes a strip.
    """
    panel = _WIDE_PANEL if width >= _WIDE else _NARROW_PANEL
    plot = max(width - panel - 2 * MARGIN - GAP_COLUMNS, 1)
    rows = [rows for least, rows in _HEIGHTS if height >= least][-1]
    bar, histogram, timeline, strips, curves, piles = rows
    strips = min(max(models, 1), strips)
    return Layout(plot, panel, bar, histogram, timeline, strips, curves, piles)
