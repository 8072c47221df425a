"""What a threshold costs, against the gate itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deeptone_tui.level import period_is_silent
from deeptone_tui.tuning import GRID, OTHER, SPEECH, UNKNOWN, cost_of, curve, histogram

LEVELS = hnp.arrays(np.float64, st.integers(0, 60), elements=st.floats(0.0, 1.0))
PERIODS = st.integers(1, 20)
THRESHOLDS = st.floats(0.0, 1.0)


@given(levels=LEVELS, steps=PERIODS, threshold=THRESHOLDS, data=st.data())
def test_the_replay_is_the_gate(
    levels: np.ndarray, steps: int, threshold: float, data: st.DataObject
) -> None:
    """Every share is the one that comes of gating period by period."""
    heard = data.draw(
        hnp.arrays(np.int8, levels.shape, elements=st.sampled_from([SPEECH, OTHER, UNKNOWN]))
    )
    starts = range(0, levels.size, steps)
    gated = [period_is_silent(levels[n : n + steps], threshold) for n in starts]
    spoken = [silent for n, silent in zip(starts, gated, strict=True) if heard[n] == SPEECH]
    other = [not silent for n, silent in zip(starts, gated, strict=True) if heard[n] == OTHER]
    cost = cost_of(threshold, levels, heard, period_steps=steps)
    assert cost.speech_lost == (pytest.approx(np.mean(spoken)) if spoken else None)
    assert cost.other_passed == (pytest.approx(np.mean(other)) if other else None)
    assert cost.silence == pytest.approx(np.mean(gated) if gated else 0.0)


@given(levels=LEVELS, steps=PERIODS)
def test_a_curve_only_rises(levels: np.ndarray, steps: int) -> None:
    """A higher threshold never makes less silence, and 0 makes none."""
    whole = curve(levels, None, period_steps=steps)
    assert whole.thresholds is GRID
    assert (np.diff(whole.silence) >= 0).all()
    assert whole.speech_lost is None
    assert whole.other_passed is None
    assert cost_of(0.0, levels, None, period_steps=steps).silence == 0.0


@given(levels=LEVELS)
def test_a_histogram_counts_every_step_once(levels: np.ndarray) -> None:
    """What lies outside the edges is in the outermost bins."""
    heard = np.where(levels > 0.5, SPEECH, OTHER).astype(np.int8)
    speech, other = histogram(levels, heard, GRID[::4])
    assert speech.shape == other.shape == (len(GRID[::4]) - 1,)
    assert speech.sum() == (levels > 0.5).sum()
    assert speech.sum() + other.sum() == levels.size


def test_an_edge_belongs_to_the_bin_above_it() -> None:
    """As a level at the threshold is not silent."""
    _, other = histogram(np.array([0.1, 0.25, 0.5, 1.0]), None, np.array([0.2, 0.25, 0.5]))
    assert other.tolist() == [1, 3]


def test_what_does_not_fit_is_refused() -> None:
    """One answer for each level, and steps in a period."""
    with pytest.raises(ValueError, match="2 answers do not fit 3 steps"):
        cost_of(0.1, np.zeros(3), np.zeros(2, np.int8))
    with pytest.raises(ValueError, match="0 steps is not allowed"):
        cost_of(0.1, np.zeros(3), None, period_steps=0)
