"""The rows and columns of each part of the screen for a terminal size."""

from typing import NamedTuple

SMALLEST_WIDTH, SMALLEST_HEIGHT = 60, 20
"""Minimum columns and rows of the screen."""

MARGIN = 1
"""Empty columns at the left and at the right."""
GAP_COLUMNS = 3
"""Columns between the plots and the text beside them; the scale's 0 stands in them."""

_WIDE = 110
_NARROW_PANEL, _WIDE_PANEL = 15, 25


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
