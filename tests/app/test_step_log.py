"""What is known of every step, and the periods that it is cut into."""

import itertools
from dataclasses import replace

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deeptone_tui.app.presenters.step_log import StepLog, begins_anew, span_of
from deeptone_tui.app.view import View
from deeptone_tui.audio import SourceInfo, SourceKind
from deeptone_tui.monitor.state import (
    LevelHistory,
    MonitorState,
    PlacedResult,
    SessionStatus,
    SourcePhase,
    SourceStatus,
)
from deeptone_tui.protocol import STEP_SAMPLES, Answer, Step, StreamParameters
from deeptone_tui.tuning import GATED, OTHER, SPEECH

PERIOD = 4
PARAMETERS = StreamParameters(output_period=64 * PERIOD, volume_threshold=0.0)
LEVELS = np.random.default_rng(3).random(200)
HISTORY = LevelHistory(0, LEVELS)


def entry(
    step: int,
    result: str | None = "speech",
    threshold: float = 0.0,
    rest: int = 0,
    model: str = "speech-rt",
) -> PlacedResult:
    """A result that begins at a step; the last one of a recording may hold less."""
    parameters = replace(PARAMETERS, models=(model,), volume_threshold=threshold)
    answer = Step(0.0, {model: Answer(result, 0.9)})
    return PlacedResult(answer, step * STEP_SAMPLES, PERIOD * STEP_SAMPLES - rest, parameters)


def log_of(*entries: PlacedResult, end: int = 200) -> StepLog:
    """A log of the first levels and of some results."""
    log = StepLog()
    log.add(entries, LevelHistory(0, LEVELS[:end]))
    return log


def test_each_step_has_its_level_and_its_answer() -> None:
    """In periods as the endpoint cut them."""
    log = log_of(entry(0), entry(4, "music"), entry(8, "silence", 0.01), end=12)
    found = log.evidence(0, 12, PERIOD)
    assert found.levels.tolist() == LEVELS[:12].tolist()
    assert found.heard is not None
    assert found.heard.tolist() == [SPEECH] * 4 + [OTHER] * 4 + [GATED] * 4
    assert found.starts.tolist() == [0, 4, 8]


def test_nothing_judged_is_nothing_heard() -> None:
    """Neither without results nor with silence only."""
    assert log_of(end=12).evidence(0, 12, PERIOD).heard is None
    assert log_of(entry(0, "silence", 0.01), end=12).evidence(0, 12, PERIOD).heard is None


def test_periods_begin_where_a_connection_does() -> None:
    """What has no result goes on as the endpoint would cut it."""
    log = log_of(entry(0), entry(6), entry(20))
    assert log.evidence(0, 30, PERIOD).starts.tolist() == [0, 4, 6, 10, 14, 18, 20, 24]
    assert log.evidence(0, 30, 8).starts.tolist() == [0, 6, 14, 20]
    # From the middle on: the first period that begins there.
    found = log.evidence(7, 30, PERIOD)
    assert found.levels[0] == LEVELS[10]
    assert found.starts.tolist() == [0, 4, 8, 10, 14]


@given(
    st.lists(st.integers(0, 9).map(lambda n: n * PERIOD + 1), min_size=1, max_size=8),
    st.integers(0, 220),
    st.integers(0, 220),
    st.integers(1, 64),
)
@example([5], 3, 200, 16)
def test_periods_begin_where_a_short_connection_does(
    apart: list[int], first: int, end: int, period_steps: int
) -> None:
    """One that ended within a period before the next began; never before the span."""
    borders = np.cumsum(apart).tolist()
    found = log_of(*(entry(border) for border in borders)).evidence(first, end, period_steps)
    begin = first_place(borders, first, period_steps)
    assert found.levels.tolist() == LEVELS[begin : begin + found.levels.size].tolist()
    inside = [border - begin for border in borders if begin <= border < begin + found.levels.size]
    assert set(inside) <= set(found.starts.tolist())
    assert all(np.diff(found.starts) <= period_steps)


def first_place(borders: list[int], first: int, period_steps: int) -> int:
    """The first step at which a period begins, at a step or later."""
    starts = [0, *borders, 10_000]
    return next(
        place
        for a, b in itertools.pairwise(starts)
        for place in range(a, b, period_steps)
        if place >= first
    )


def test_an_incomplete_period_counts_once_it_is_answered() -> None:
    """As at the end of a file; until then it is no period."""
    assert log_of(entry(0), end=7).evidence(0, 7, PERIOD).starts.tolist() == [0]
    answered = log_of(entry(0), entry(4, rest=1500), end=6)
    found = answered.evidence(0, 6, PERIOD)
    assert found.starts.tolist() == [0, 4]
    assert found.levels.size == 6


def test_results_wait_for_their_levels() -> None:
    """They may be newer than the state."""
    log = StepLog()
    log.add([entry(0)], LevelHistory(0, LEVELS[:2]))
    before = log.version
    assert log.evidence(0, 2, 1).heard is None
    log.add([], LevelHistory(0, LEVELS[:4]))
    assert log.version > before
    heard = log.evidence(0, 4, PERIOD).heard
    assert heard is not None
    assert heard.tolist() == [SPEECH] * 4


def test_another_source_begins_anew() -> None:
    """What comes late from before it does not count."""
    log = log_of(entry(0), end=8)
    log.restart(10 * STEP_SAMPLES)
    log.add([entry(4), entry(12)], HISTORY)
    found = log.evidence(0, 20, PERIOD)
    assert found.levels[0] == LEVELS[10]
    assert found.heard is not None
    assert (found.heard == SPEECH).sum() == PERIOD


def test_a_gap_in_the_history_begins_anew() -> None:
    """Levels that are gone are not made up."""
    log = log_of(entry(0), end=8)
    log.add([], LevelHistory(100, LEVELS[100:]))
    assert log.first_step == 100
    assert log.evidence(0, 200, PERIOD).levels.tolist() == LEVELS[100:200].tolist()


@given(st.lists(st.integers(1, 60), min_size=1, max_size=40), st.integers(8, 80))
@example([1, 60], 20)
@settings(max_examples=50)
def test_no_more_than_twice_the_newest_is_kept(batches: list[int], kept: int) -> None:
    """However they come, and what is kept is right."""
    log, levels = StepLog(kept), np.arange(1.0, 1 + sum(batches))
    for end in itertools.accumulate(batches):
        log.add([], LevelHistory(0, levels[:end]))
    total = int(levels.size)
    assert log.end_step == total
    assert total - log.first_step >= min(kept, total)
    found = log.evidence(0, total, 1)
    assert found.levels.tolist() == levels[log.first_step :].tolist()


def test_the_span_ends_where_the_screen_does() -> None:
    """And all there was begins at the beginning."""
    state = MonitorState(history=LevelHistory(0, np.zeros(2000)))
    assert span_of(View(state=state, live=state, span=60)) == (1063, 2000)
    assert span_of(View(state=state, live=state, span=60, whole=True)) == (0, 2000)


def test_what_begins_anew() -> None:
    """Another source, the same one again after its end, another endpoint; nothing else."""
    file = SourceInfo(SourceKind.FILE, "call.wav")
    running = MonitorState(source=SourceStatus(file, SourcePhase.RUNNING))
    ended = replace(running, source=replace(running.source, phase=SourcePhase.ENDED))
    lost = replace(running, source=replace(running.source, phase=SourcePhase.LOST))
    other = replace(running, source=SourceStatus(SourceInfo(SourceKind.FILE, "b.wav")))
    elsewhere = replace(running, session=SessionStatus(label="voice.example.net"))
    assert begins_anew(ended, running)
    assert begins_anew(running, other)
    assert begins_anew(running, elsewhere)
    assert not begins_anew(running, ended)
    assert not begins_anew(lost, running)
