"""Delays between attempts, endpoints that asked to be left alone, and the rate of a backlog."""

import math
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.time.clock import TurnedClock

from deeptone_tui.session.failures import Failure
from deeptone_tui.session.target import RemoteTarget
from deeptone_tui.session.timing import RateLimiter, RetryAfterGate, full_jitter

HERE, THERE = RemoteTarget("ws://here/stream"), RemoteTarget("ws://there/stream")
BUSY = Failure("not available now", retry_after=60.0)
SOONER = Failure("not available now", retry_after=5.0)


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=30))
def test_a_delay_is_anywhere_below_its_ceiling(chances: list[float]) -> None:
    """Full jitter: each is its chance's share, from a quarter of a second, doubled, to ten."""
    numbers = iter(chances)
    delays = islice(full_jitter(lambda: next(numbers)), len(chances))
    ceiling = 0.25
    for delay, chance in zip(delays, chances, strict=True):
        assert delay == chance * ceiling
        ceiling = min(10.0, ceiling * 2)


def test_an_endpoint_is_left_alone_for_as_long_as_it_asked() -> None:
    """And the others are not."""
    clock = TurnedClock()
    barred = RetryAfterGate(clock)
    barred.note(HERE, BUSY)
    assert barred.left(HERE) == (BUSY, 60.0)
    assert barred.left(THERE) is None
    clock.now += 60.0
    assert barred.left(HERE) is None


@pytest.mark.parametrize(
    ("failure", "left"),
    [(Failure("the connection was lost"), (BUSY, 50.0)), (SOONER, (SOONER, 5.0))],
    ids=["a connection that was open all the while breaks", "it needs less time than it thought"],
)
def test_what_an_endpoint_asked_for_last_stands(
    failure: Failure, left: tuple[Failure, float]
) -> None:
    """Another failure does not lift it."""
    clock = TurnedClock()
    barred = RetryAfterGate(clock)
    barred.note(HERE, BUSY)
    clock.now += 10.0
    barred.note(HERE, failure)
    assert barred.left(HERE) == left


@given(st.lists(st.integers(1, 16_000), min_size=1, max_size=50), st.floats(1.1, 4.0))
def test_a_backlog_goes_out_at_the_rate(chunks: list[int], rate: float) -> None:
    """Whatever the sizes of the messages."""
    pace, now = RateLimiter(rate), 100.0
    for chunk in chunks:
        now += pace.wait(chunk, now)
    assert now - 100.0 == pytest.approx(sum(chunks) / 16_000 / rate)


def test_audio_that_comes_as_it_is_captured_is_not_held_back() -> None:
    """It is slower than the rate, and what it did not use is not saved up."""
    pace = RateLimiter(1.25)
    assert pace.wait(1024, 0.0) == pytest.approx(0.0512)
    for step in range(1, 100):
        assert pace.wait(1024, step * 0.064) < 0.0513
    assert pace.wait(16_000, 100.0) == pytest.approx(0.8)


@given(st.lists(st.floats(0.0, 0.2), min_size=20, max_size=50))
def test_waking_up_late_is_made_up_for(lateness: list[float]) -> None:
    """A backlog goes out at the rate on a busy machine too, but for the last delay."""
    pace, now = RateLimiter(1.25), 100.0
    for late in lateness:
        wait = pace.wait(4096, now)
        now += wait + (late if wait else 0.0)
    assert now - 100.0 <= 4096 * len(lateness) / 16_000 / 1.25 + 0.2 + 1e-6


def test_a_head_start_goes_out_at_once() -> None:
    """What is sent only for the models to hear."""
    pace = RateLimiter(1.25, head_start=20_000)
    assert pace.wait(16_000, 0.0) == 0.0
    assert pace.wait(16_000, 0.0) == pytest.approx(12_000 / 16_000 / 1.25)


def test_no_rate_holds_nothing_back() -> None:
    """Our own endpoint takes what it can."""
    pace = RateLimiter(math.inf)
    assert not pace.limited
    assert pace.wait(10**9, 0.0) == 0.0
