"""Results in the order of their audio, each once and in its place, and what is still due."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.protocol import Step, StreamParameters
from deeptone_tui.session.events import PeriodAnswered
from deeptone_tui.session.stream_connection import LONGEST_DRAIN_S, drain_allowance
from deeptone_tui.session.timeline import (
    LONGEST_BOUNDARY_WAIT_SAMPLES,
    LONGEST_REORDERED_PERIOD_SAMPLES,
    MOST_HELD_RESULTS,
    ConnectionTimeline,
    CutOver,
    ReorderBuffer,
    lead,
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


# Placed in the audio.


def sent(samples: int, *, base: int = 2048, period: int = 2048) -> ConnectionTimeline:
    """A connection on which so many samples went out."""
    placement = ConnectionTimeline(base, period)
    placement.sent = base + samples
    return placement


def answer(placement: ConnectionTimeline, timestamp: float) -> None:
    """A result comes and is given out."""
    placed = placement.place(timestamp)
    assert placed is not None
    placement.answered = placed[1]


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
        answer(placement, number * 64.0 * steps)
    assert placement.periods_answered
    if samples % placement.period >= 1024:
        assert not placement.steps_answered
        answer(placement, whole * 64.0 * steps)
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
    assert drain_allowance(16_000 * 3600) == LONGEST_DRAIN_S


def test_another_connection_answers_from_the_seam_on() -> None:
    """What was sent beyond it is not due here."""
    placement = sent(5000)
    placement.until = placement.last_boundary()
    assert placement.until == 2048 + 4096
    placement.answered = placement.until
    assert placement.outstanding == 0
    assert placement.periods_answered


def test_nothing_is_due_of_what_is_only_heard() -> None:
    """A connection that ends before it has sent what models hear ahead owes nothing before that."""
    placement = ConnectionTimeline(0, 2048, wanted=8192)
    placement.sent = placement.until = 4096
    assert placement.due == 8192
    assert placement.outstanding == 0
    assert placement.periods_answered


@pytest.mark.parametrize(
    ("models", "period", "samples"),
    [
        (("speech-rt",), 1024, 16_384),
        (("speech-rt", "gender"), 1024, 4 * 16_384),
        (("gender",), 64, 49 * 1024),
        (("gender",), 64_000, 0),
    ],
)
def test_whole_periods_are_sent_ahead_for_the_models_to_hear(
    models: tuple[str, ...], period: int, samples: int
) -> None:
    """As many as cover the longest receptive field, unless a period is very long."""
    assert lead(StreamParameters(models=models, output_period=period)) == samples


@pytest.mark.parametrize(
    ("samples", "silent", "here"),
    [
        (6 * 1024, True, True),
        (6 * 1024, False, False),  # a better place may come
        (5 * 1024, True, False),  # within a period
        (LONGEST_BOUNDARY_WAIT_SAMPLES // 2048 * 2048, False, True),  # the last in reach
        (LONGEST_BOUNDARY_WAIT_SAMPLES // 2048 * 2048 - 2048, False, False),
    ],
)
def test_a_cut_over_is_at_a_boundary_in_silence_or_the_last_in_reach(
    samples: int, silent: bool, here: bool
) -> None:
    """Speech is not cut where it can be helped."""
    cut_over = CutOver.of(sent(0))
    assert not cut_over.at_once
    looked_at: list[tuple[int, int]] = []

    def is_silent(start: int, end: int) -> bool:
        looked_at.append((start, end))
        return silent

    timeline = sent(samples)
    assert cut_over.is_here(timeline, is_silent) is here
    assert set(looked_at) <= {(timeline.sent - 3 * 1024, timeline.sent)}


def test_a_cut_over_waits_for_no_boundary_out_of_reach() -> None:
    """Nor for anything where no audio comes."""
    timeline = sent(1024, period=1024 * 1000)
    assert CutOver.of(timeline).is_here(timeline, lambda _start, _end: False)
