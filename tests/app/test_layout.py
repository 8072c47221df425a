"""How the screen is shared out."""

from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.app.widgets.geometry import GAP_COLUMNS, MARGIN, fits, layout_of
from deeptone_tui.app.widgets.results_log import log_columns
from deeptone_tui.protocol import CATALOGUE

widths, heights = st.integers(60, 300), st.integers(20, 120)
models = st.lists(st.sampled_from(list(CATALOGUE)), min_size=1, unique=True)
OTHER_ROWS = 7
"""Status, three rules, the mark's line, the time axis and the keys."""


def test_the_home_size() -> None:
    """80×24: one column is one decibel and one second."""
    layout = layout_of(80, 24, 1)
    assert layout.plot == 60
    assert (layout.bar, layout.histogram, layout.timeline, layout.strips) == (1, 1, 3, 1)


def test_the_smallest_size() -> None:
    """60×20, and not a column or row less."""
    assert fits(60, 20)
    assert not fits(59, 20)
    assert not fits(60, 19)


@given(widths, heights, st.integers(1, 9))
def test_everything_fits_and_the_results_have_room(width: int, height: int, count: int) -> None:
    """A third of the rows is left to the results, a banner included."""
    layout = layout_of(width, height, count)
    taken = OTHER_ROWS + layout.meter + layout.timeline + layout.strips
    assert height - taken - 1 >= height // 4
    assert layout.plot + layout.panel + 2 * MARGIN + GAP_COLUMNS == width


@given(widths, heights, st.integers(1, 9))
def test_a_larger_terminal_never_shows_less(width: int, height: int, count: int) -> None:
    """Of anything but the plot where the words beside it become wider."""
    small, large = layout_of(width, height, count), layout_of(width, height + 1, count)
    assert all(a <= b for a, b in zip(small, large, strict=True))


@given(widths, models, st.booleans())
def test_log_columns_stay_apart_and_inside(width: int, names: list[str], raw: bool) -> None:
    """No group touches the next, and the last ends before the margin."""
    columns = log_columns(width, names, raw=raw)
    assert len(columns.groups) + columns.hidden == len(names)
    assert columns.groups
    ends = [group.left + group.width for group in columns.groups]
    starts = [group.left for group in columns.groups[1:]] + [width + 1]
    assert all(end + 2 <= start for end, start in zip(ends, starts, strict=True))


def test_log_columns_at_home() -> None:
    """Time, level, and two models with bars, in 80 columns."""
    columns = log_columns(80, ("speech-rt", "gender"))
    assert columns.level == 13
    assert [group.left for group in columns.groups] == [21, 50]
    assert all(group.bar for group in columns.groups)


def test_a_wide_log_lists_raw_values() -> None:
    """Where they were asked for, and there is room for all of them."""
    assert log_columns(120, ("speech-rt",), raw=True).groups[0].raw == ("speech", "music", "other")
    assert log_columns(60, ("speech-rt", "gender"), raw=True).groups[0].raw == ()
