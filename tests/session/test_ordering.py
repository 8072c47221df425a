"""Results in the order of their audio, each once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.protocol import Step, StreamParameters
from deeptone_tui.session.events import PeriodAnswered
from deeptone_tui.session.timeline import (
    LONGEST_REORDERED_PERIOD_SAMPLES,
    MOST_HELD_RESULTS,
    ReorderBuffer,
    reach,
)

PERIOD = 1000
ORDERS = st.lists(st.integers(0, 12), max_size=40)


def covering(start: int, end: int) -> PeriodAnswered:
    """A result for some samples."""
    return PeriodAnswered(Step(float(start), {}), start, end, StreamParameters())


def result(number: int) -> PeriodAnswered:
    """The result of a period."""
    return covering(number * PERIOD, (number + 1) * PERIOD)


@given(ORDERS)
def test_time_never_goes_back_and_nothing_comes_twice(order: list[int]) -> None:
    """Whatever an endpoint sends."""
    ordering = ReorderBuffer(0, PERIOD)
    given_out: list[PeriodAnswered] = []
    for number in order:
        given_out += ordering.take(result(number)) or []
        assert len(ordering._held) <= MOST_HELD_RESULTS
    given_out += ordering.flush()
    starts = [placed.start for placed in given_out]
    assert starts == sorted(set(starts))
    assert set(starts) <= {number * PERIOD for number in order}


@given(st.permutations(range(MOST_HELD_RESULTS + 1)))
def test_a_little_disorder_loses_nothing(order: list[int]) -> None:
    """All of it comes out, in order."""
    ordering = ReorderBuffer(0, PERIOD)
    given_out = [placed for number in order for placed in ordering.take(result(number)) or []]
    assert [placed.start for placed in given_out] == [
        n * PERIOD for n in range(MOST_HELD_RESULTS + 1)
    ]


def test_a_repeated_result_is_told_from_a_new_one() -> None:
    """Also while the first of the two is held back."""
    ordering = ReorderBuffer(0, PERIOD)
    assert ordering.take(result(0)) == [result(0)]
    assert ordering.take(result(0)) is None
    assert ordering.take(result(2)) == []
    assert ordering.take(result(2)) is None


@pytest.mark.parametrize(
    "period",
    [1024, 2048, LONGEST_REORDERED_PERIOD_SAMPLES, LONGEST_REORDERED_PERIOD_SAMPLES + 1024],
)
def test_a_missing_result_is_given_up_within_reach(period: int) -> None:
    """And not before: whoever keeps audio for it knows how much."""
    ordering = ReorderBuffer(0, period)
    end = period
    ready: list[PeriodAnswered] = []
    while not ready:
        ready = ordering.take(covering(end, end + period)) or []
        end += period
    assert end == reach(period)


def test_a_small_gap_holds_nothing_back() -> None:
    """An endpoint whose times are a little off is not delayed."""
    ordering = ReorderBuffer(0, PERIOD)
    late = covering(400, 1400)
    assert ordering.take(late) == [late]


def test_long_periods_are_not_waited_for() -> None:
    """Three of an hour each would be too much patience."""
    hour = 3600 * 16_000
    ordering = ReorderBuffer(0, hour)
    second = covering(hour, 2 * hour)
    assert ordering.take(second) == [second]
