"""Levels shared between threads without copying."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.monitor.metering import KEPT_STEPS, LevelTrack


@given(st.integers(1, 40), st.lists(st.integers(0, 100), max_size=40))
def test_a_view_never_changes_under_its_reader(kept: int, blocks: list[int]) -> None:
    """Whatever is added later, also when the array grows and slides."""
    track = LevelTrack(np.float64, kept=kept)
    views = []
    for block in blocks:
        track.append(np.arange(track.end_step, track.end_step + block, dtype=np.float64))
        views.append((track.first_step, track.end_step, track.view()))
        assert track.end_step - track.first_step >= min(kept, track.end_step)
    assert track.end_step == sum(blocks)
    for first, end, view in views:
        assert view.tolist() == list(range(first, end))
        assert not view.flags.writeable


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_levels_are_found_by_their_absolute_step(first: int, end: int) -> None:
    """And what is not there is not made up."""
    track = LevelTrack(np.float64, kept=500)
    track.append(np.arange(2500, dtype=np.float64))
    if track.first_step <= first <= end <= track.end_step:
        assert track.view(first, end).tolist() == list(range(first, end))
    else:
        with pytest.raises(IndexError):
            track.view(first, end)


def test_a_day_of_levels_stays_small() -> None:
    """Memory is bounded, and fifteen minutes are always there."""
    track = LevelTrack(np.float32)
    for _ in range(1350):
        track.append(np.zeros(1000))
    assert track.end_step == 1_350_000
    assert track.end_step - track.first_step >= KEPT_STEPS
    assert KEPT_STEPS * 0.064 > 15 * 60
    base = track.view().base
    assert isinstance(base, np.ndarray)
    assert base.nbytes <= 2 * KEPT_STEPS * 4
