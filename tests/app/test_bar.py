"""The level bar, piece by piece."""

from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.app.presenters.palette import Palette
from deeptone_tui.app.widgets.level_meter import (
    MARK,
    NEEDLE,
    PEAK,
    SUGGESTED_LINE,
    LevelMeter,
    _Bar,
)

CELLS = 60
cells = st.none() | st.integers(0, CELLS - 1)
bars = st.builds(
    _Bar,
    eighths=st.integers(0, CELLS * 8),
    mark=cells,
    reached=st.booleans(),
    peak=cells,
    needle=cells,
    suggested=cells,
)


def cells_of(bar: _Bar) -> list[tuple[str, object]]:
    """The bar by cells, each with its style."""
    parts = LevelMeter(Palette())._bar_parts(bar, CELLS, NEEDLE)
    return [(character, style) for text, style in parts for character in text]


@given(bars)
def test_every_cell_has_one_sign(bar: _Bar) -> None:
    """The mark stands before the peak, that before the needle, that before a suggestion."""
    row = "".join(character for character, _ in cells_of(bar))
    assert len(row) == CELLS
    full, rest = divmod(bar.eighths, 8)
    signs = {
        bar.suggested: SUGGESTED_LINE,
        bar.needle: NEEDLE,
        bar.peak: PEAK,
        bar.mark: MARK,
    }
    for cell, character in enumerate(row):
        if cell in signs:
            assert character == signs[cell]
        elif cell < full:
            assert character == "█"
        else:
            assert character == (" ▏▎▍▌▋▊▉"[rest] if cell == full else " ")
