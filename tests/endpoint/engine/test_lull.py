"""Where there is room between the audio of streams in real time."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.endpoint.engine.workers import (
    AHEAD_OF_NEXT_S,
    EXPECTED_FOR_S,
    UNDER_WAY_S,
    ArrivalPredictor,
)

STEP = 0.064
"""Seconds from one message of a microphone to the next."""


def heard(*times: float) -> ArrivalPredictor:
    """After audio in real time at these times."""
    lull = ArrivalPredictor()
    for time in times:
        lull.note(time)
    return lull


def test_without_a_stream_in_real_time_nobody_waits() -> None:
    """Nor long after the last one."""
    assert ArrivalPredictor().wait_s(5.0) == 0
    assert not ArrivalPredictor().contended(5.0)
    gone = heard(1.0, 1.0 + STEP)
    assert gone.contended(1.0 + STEP)
    assert not gone.contended(1.0 + STEP + EXPECTED_FOR_S)
    assert gone.wait_s(1.0 + STEP + EXPECTED_FOR_S) == 0


@pytest.mark.parametrize(
    ("since", "wait"),
    [
        (0.0, UNDER_WAY_S),
        (UNDER_WAY_S, 0.0),
        (STEP - AHEAD_OF_NEXT_S - 0.001, 0.0),
        (STEP - AHEAD_OF_NEXT_S, AHEAD_OF_NEXT_S + UNDER_WAY_S),
        (STEP, UNDER_WAY_S),
        (STEP + UNDER_WAY_S, 0.0),
    ],
)
def test_others_go_between_a_result_and_the_next_audio(since: float, wait: float) -> None:
    """And again when the next is late: perhaps it never comes."""
    assert heard(0.0, STEP).wait_s(STEP + since) == pytest.approx(wait, abs=1e-9)


@given(st.lists(st.floats(0.0, 3.0), max_size=6), st.floats(0.0, 5.0))
def test_who_has_waited_goes(intervals: list[float], later: float) -> None:
    """No wait is longer than an interval and what one comes too late, and it is the last."""
    times = list(itertools.accumulate(intervals, initial=1.0))
    lull = heard(*times)
    now = times[-1] + later
    wait = lull.wait_s(now)
    assert 0 <= wait <= max([0.0, *intervals]) + UNDER_WAY_S
    assert lull.wait_s(now + wait + 1e-6) == 0


@given(st.floats(0.001, 1.0))
def test_even_streams_leave_room_at_each_interval(interval: float) -> None:
    """However close they come."""
    lull = heard(0.0, interval)
    tries = [interval + share * interval / 200 for share in range(200)]
    assert any(lull.wait_s(each) == 0 for each in tries)
