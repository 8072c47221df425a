"""How the mark moves."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deeptone_tui.app.presenters.threshold import BOTTOM_DBFS, nudged, snapped
from deeptone_tui.protocol import format_threshold, round_threshold
from deeptone_tui.protocol.units import from_dbfs, to_dbfs

levels = st.floats(min_value=0.0, max_value=1.0)
steps = st.sampled_from([-3.0, -0.5, 0.5, 3.0])
FOUR_DIGITS_DB = 0.005
"""By how much a number of four significant digits is off at most, by `round_threshold`."""


def test_a_step_from_the_default_is_seen() -> None:
    """0.005 reads −46.0 dBFS, so a step leads to −45.5, not to an exact −46.0."""
    assert nudged(0.005, 0.5) == 0.005309
    assert nudged(0.005, -0.5) == 0.004732
    assert nudged(0.005, 3.0) == 0.007079


def test_the_way_down_ends_at_zero_and_leads_back() -> None:
    """Under the bottom of the grid is 0; a step up from there is the bottom."""
    assert nudged(from_dbfs(BOTTOM_DBFS), -0.5) == 0.0
    assert nudged(0.0, -0.5) == 0.0
    assert nudged(0.0, 3.0) == round_threshold(from_dbfs(BOTTOM_DBFS)) == 0.0002512


def test_the_way_up_ends_at_full_scale() -> None:
    """1.0 is the largest threshold there is."""
    assert nudged(1.0, 0.5) == 1.0
    assert nudged(from_dbfs(-0.5), 3.0) == 1.0


@given(levels, steps)
def test_a_mark_stays_within_what_is_allowed(level: float, step: float) -> None:
    """A threshold from 0 to 1, on the grid or at an end."""
    moved = nudged(level, step)
    assert 0.0 <= moved <= 1.0
    if 0.0 < moved < 1.0:
        assert moved == round_threshold(from_dbfs(round(to_dbfs(moved) * 2) / 2))


@given(st.integers(min_value=int(BOTTOM_DBFS * 2) + 6, max_value=-6), steps)
def test_steps_there_and_back_cancel(place: int, step: float) -> None:
    """On the grid, and away from its ends: to the very number."""
    threshold = round_threshold(from_dbfs(place / 2))
    assert nudged(nudged(threshold, step), -step) == threshold


def test_a_hundred_steps_do_not_drift() -> None:
    """Each place of the grid has one number, from below as from above, and no longer one."""
    up = [round_threshold(from_dbfs(BOTTOM_DBFS))]
    while up[-1] < 1.0:
        up.append(nudged(up[-1], 0.5))
    down = [up[-1]]
    while down[-1] > up[0]:
        down.append(nudged(down[-1], -0.5))
    assert up == down[::-1]
    assert len(up) == int(-BOTTOM_DBFS * 2) + 1
    assert all(len(format_threshold(each).strip("0.")) <= 4 for each in up)


@given(levels)
@example(0.29005224052431783)
@example(0.8175248521928418)
def test_a_snapped_mark_is_the_nearest_place(level: float) -> None:
    """At most a quarter of a decibel away, and what four digits may be off the place itself.

    It stays where it is when snapped again.
    """
    place = snapped(level)
    assert snapped(place) == pytest.approx(place)
    if to_dbfs(level) >= BOTTOM_DBFS:
        assert abs(to_dbfs(place) - to_dbfs(level)) <= 0.25 + FOUR_DIGITS_DB
