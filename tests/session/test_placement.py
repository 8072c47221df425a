"""Results in the audio, and what is still due."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.session.placement import LONGEST_DRAIN, Placement, drain_allowance


def sent(samples: int, *, base: int = 2048, period: int = 2048) -> Placement:
    """A connection on which so many samples went out."""
    placement = Placement(base, period)
    placement.sent = base + samples
    return placement


def test_a_timestamp_counts_from_the_first_sample_of_the_connection() -> None:
    """16 samples make a millisecond."""
    assert sent(10_000).place(128.0) == (2048 + 2048, 2048 + 4096)


def test_the_last_result_covers_what_is_left() -> None:
    """A period that was cut short ends where the audio does."""
    assert sent(3000).place(128.0) == (4096, 5048)


@pytest.mark.parametrize("timestamp", [-1.0, math.nan, math.inf, 1e300, 188.0])
def test_a_result_for_audio_that_was_not_sent_has_no_place(timestamp: float) -> None:
    """Impossible times are told apart instead of being counted."""
    assert sent(3000).place(timestamp) is None


@given(st.integers(0, 100_000), st.integers(1, 40))
def test_due_are_the_whole_periods_or_the_whole_steps(samples: int, steps: int) -> None:
    """Without an announced end a started period has no result; with one, a started step."""
    placement = sent(samples, period=1024 * steps)
    whole = samples // placement.period
    for number in range(whole):
        assert not placement.periods_answered
        placement.place(number * 64.0 * steps)
    assert placement.periods_answered
    if samples % placement.period >= 1024:
        assert not placement.steps_answered
        placement.place(whole * 64.0 * steps)
    assert placement.steps_answered


@given(st.integers(0, 10**6), st.integers(1, 60))
def test_the_boundary_is_the_next_end_of_a_period(samples: int, steps: int) -> None:
    """Where the audio sent is whole periods, it is there already."""
    placement = sent(samples, period=1024 * steps)
    ahead = placement.boundary() - placement.sent
    assert 0 <= ahead < placement.period
    assert (placement.boundary() - placement.base) % placement.period == 0


def test_patience_grows_with_what_is_outstanding_within_bounds() -> None:
    """Five seconds for a little, more for a backlog, never more than a minute."""
    assert drain_allowance(0) == 5.0
    assert drain_allowance(16_000 * 10) == 23.0
    assert drain_allowance(16_000 * 3600) == LONGEST_DRAIN
