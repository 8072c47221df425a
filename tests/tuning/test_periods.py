"""What a threshold does to periods of any lengths."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.tuning import OTHER, SPEECH, UNKNOWN, Periods

PERIODS = st.lists(
    st.tuples(
        st.floats(0.0, 1.0), st.sampled_from([SPEECH, OTHER, UNKNOWN]), st.integers(1, 60_000)
    ),
    max_size=50,
)


def periods_of(each: list[tuple[float, int, int]]) -> Periods:
    """Periods from their levels, answers and lengths."""
    return Periods(
        np.array([level for level, _, _ in each], np.float64),
        np.array([heard for _, heard, _ in each], np.int8),
        np.array([length for _, _, length in each], np.int64),
    )


def share(part: int, whole: int) -> float | None:
    """A share of something."""
    return part / whole if whole else None


@given(PERIODS, st.floats(0.0, 1.0))
def test_every_period_counts_by_its_length(
    each: list[tuple[float, int, int]], threshold: float
) -> None:
    """To the last digit: the same whole numbers are divided."""
    speech = sum(length for _, heard, length in each if heard == SPEECH)
    other = sum(length for _, heard, length in each if heard == OTHER)
    lost = sum(n for level, heard, n in each if heard == SPEECH and level < threshold)
    passed = sum(n for level, heard, n in each if heard == OTHER and level >= threshold)
    silence = sum(n for level, _, n in each if level < threshold)
    periods = periods_of(each)
    cost = periods.cost(threshold)
    assert cost.speech_lost == share(lost, speech)
    assert cost.other_passed == share(passed, other)
    assert cost.silence == (share(silence, sum(n for _, _, n in each)) or 0.0)
    assert (periods.speech_length, periods.other_length) == (speech, other)


@given(PERIODS, st.lists(st.floats(0.0, 1.0), max_size=9))
def test_a_curve_is_made_of_costs(
    each: list[tuple[float, int, int]], thresholds: list[float]
) -> None:
    """In whatever order it is asked for."""
    periods = periods_of(each)
    curve = periods.curve(np.array(thresholds))
    costs = [periods.cost(threshold) for threshold in thresholds]
    assert curve.silence.tolist() == [cost.silence for cost in costs]
    if curve.speech_lost is not None:
        assert curve.speech_lost.tolist() == [cost.speech_lost for cost in costs]
    if curve.other_passed is not None:
        assert curve.other_passed.tolist() == [cost.other_passed for cost in costs]


def test_what_does_not_fit_is_refused() -> None:
    """One length for each period."""
    with pytest.raises(ValueError, match="1 lengths do not fit 2 periods"):
        Periods(np.zeros(2), np.zeros(2, np.int8), np.ones(1, np.int64))
