"""The timeline: its columns and its axis."""

import itertools

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.app.view import DEFAULT_SPAN, LONGEST_SPAN, SPANS, known_span, stepped
from deeptone_tui.app.widgets.timeline import (
    CHANGE,
    TICK,
    ColumnGrid,
    axis_row,
    columns_of,
    time_ticks,
)
from deeptone_tui.monitor.state import LevelHistory
from deeptone_tui.protocol import SAMPLE_RATE_HZ

grids = st.builds(ColumnGrid, span=st.sampled_from(list(SPANS)), columns=st.integers(1, 600))


def levels_of(count: int, seed: int = 1) -> npt.NDArray[np.float64]:
    """Some levels, as precise as those that the gate compares."""
    return np.random.default_rng(seed).random(count)


def history(levels: npt.NDArray[np.float64], first: int = 0) -> LevelHistory:
    """A history of which the steps before ``first`` are forgotten."""
    return LevelHistory(first, levels[first:])


def reference(
    grid: ColumnGrid, levels: npt.NDArray[np.float64], end: int
) -> tuple[list[float], list[float]]:
    """The loudest step and the lower quarter of each column, told in plain words."""
    loudest, floors = [], []
    for column in range(end - grid.columns, end):
        start, stop = grid.first_step(column), grid.first_step(column + 1)
        steps = sorted(levels[start : max(stop, start + 1)]) if start >= 0 else []
        loudest.append(float(steps[-1]) if steps else float("nan"))
        floors.append(float(steps[(len(steps) - 1) // 4]) if steps else float("nan"))
    return loudest, floors


@given(grids, st.integers(0, 3000))
def test_a_column_is_complete_when_all_its_steps_are_known(grid: ColumnGrid, steps: int) -> None:
    """And not before; where it is shorter than a step, when that step is."""
    end = grid.complete(steps)
    for column in range(max(end - 3, 0), end + 3):
        last = max(grid.first_step(column + 1) - 1, grid.first_step(column))
        assert (column < end) == (last < steps)


@given(grids, st.integers(0, 3000))
def test_columns_show_their_loudest_step_and_their_floor(grid: ColumnGrid, steps: int) -> None:
    """As a plain loop finds it, to the last digit: the threshold may lie between two."""
    levels = levels_of(steps)
    columns = columns_of(grid, history(levels))
    loudest, floors = reference(grid, levels, columns.end)
    assert np.array_equal(columns.levels, loudest, equal_nan=True)
    assert np.array_equal(columns.floors, floors, equal_nan=True)


@given(grids, st.lists(st.integers(0, 400), max_size=12))
def test_history_does_not_shimmer(grid: ColumnGrid, pieces: list[int]) -> None:
    """However the levels arrive, a complete column keeps its level and its floor as it moves."""
    levels = levels_of(sum(pieces))
    before = columns_of(grid, history(levels[:0]))
    for end in np.cumsum(pieces, dtype=int):
        columns = columns_of(grid, history(levels[:end]))
        new = min(columns.end - before.end, grid.columns)
        kept = grid.columns - new
        assert np.array_equal(before.levels[new:], columns.levels[:kept], equal_nan=True)
        assert np.array_equal(before.floors[new:], columns.floors[:kept], equal_nan=True)
        before = columns


@given(grids, st.integers(1, 3000), st.data())
def test_what_is_forgotten_is_unknown(grid: ColumnGrid, steps: int, data: st.DataObject) -> None:
    """Columns that began before the oldest step kept have no level; the others have theirs."""
    first = data.draw(st.integers(0, steps))
    levels = levels_of(steps)
    columns = columns_of(grid, history(levels, first))
    starts = [grid.first_step(k) for k in range(columns.end - grid.columns, columns.end)]
    known = [start >= first for start in starts]
    assert (~np.isnan(columns.levels)).tolist() == known


def test_a_capture_begins_without_columns() -> None:
    """Only the complete ones have a level."""
    columns = columns_of(ColumnGrid(60, 60), history(levels_of(20)))
    assert np.count_nonzero(~np.isnan(columns.levels)) == columns.end == 1


def test_the_columns_hold_the_span() -> None:
    """60 columns of a minute are a second each."""
    grid = ColumnGrid(60, 60)
    assert [grid.first_step(k) for k in (0, 1, 2, 60)] == [0, 15, 31, 937]
    assert [grid.first_sample(k) for k in (0, 1, 60)] == [
        0,
        SAMPLE_RATE_HZ,
        60 * SAMPLE_RATE_HZ,
    ]


def test_at_home_there_is_a_tick_every_ten_seconds() -> None:
    """60 columns, 60 seconds."""
    assert time_ticks(60, 60) == (
        (0, "−60 s"),
        (10, "−50 s"),
        (20, "−40 s"),
        (30, "−30 s"),
        (40, "−20 s"),
        (50, "−10 s"),
    )


def test_long_spans_count_in_minutes() -> None:
    """A quarter of an hour, and steps that are no whole minutes."""
    assert time_ticks(900, 60)[0] == (0, "−15 min")
    assert "−4:30" in [label for _, label in time_ticks(300, 100)]


@given(st.sampled_from(list(SPANS)), st.integers(10, 400))
def test_labels_do_not_touch(span: int, columns: int) -> None:
    """Ticks lie on the plot, with room for their labels."""
    ticks = time_ticks(span, columns)
    assert ticks
    for (left, label), (right, _) in itertools.pairwise(ticks):
        assert right - left > len(label) + 1
    assert all(0 <= column < columns for column, _ in ticks)


def test_spans_step_and_end() -> None:
    """Shorter, longer, and no further than the ends."""
    assert stepped(60, 1) == 120
    assert stepped(60, -1) == 30
    assert stepped(30, -1) == 30
    assert stepped(900, 1) == 900


def test_the_shortest_span_that_shows_what_is_wanted() -> None:
    """As one remembered by another version may be."""
    assert known_span(120) == 120
    assert known_span(77) == 120
    assert known_span(10**6) == LONGEST_SPAN
    assert known_span(0) == DEFAULT_SPAN


@given(st.sampled_from(list(SPANS)), st.integers(10, 400), st.data())
def test_changes_stand_on_the_axis_whatever_labels_there_are(
    span: int, columns: int, data: st.DataObject
) -> None:
    """No label is cut in two: it is whole, or left out but for its tick."""
    changes = data.draw(st.frozensets(st.integers(0, columns - 1), max_size=8))
    plain, row = (axis_row(span, columns, each, columns + 20) for each in (frozenset(), changes))
    assert len(row) == len(plain) == columns + 20
    assert {n for n, sign in enumerate(row) if sign == CHANGE} == changes
    labels = [(column, f"{TICK}{label}") for column, label in time_ticks(span, columns)]
    for start, text in (*labels, (columns - 3, f"now{TICK}")):
        place = range(start, start + len(text))
        shown = row[place.start : place.stop]
        if place.start < columns - 3 < place.stop:  # no room before now
            assert set(row[place.start : columns - 3]) <= {" ", TICK, CHANGE}
        elif changes.isdisjoint(place):
            assert shown == text == plain[place.start : place.stop]
        else:
            assert set(shown) <= {" ", TICK, CHANGE}
