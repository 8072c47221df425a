"""The periods that tune mode replays."""

import itertools
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from deeptone_tui.app.period_log import PeriodLog, begins_anew, cut
from deeptone_tui.app.replayed import replayed
from deeptone_tui.app.view import View
from deeptone_tui.audio import SourceInfo, SourceKind
from deeptone_tui.level import STEP_SAMPLES
from deeptone_tui.monitor.state import (
    Entry,
    LevelHistory,
    MonitorState,
    SessionStatus,
    SourcePhase,
    SourceStatus,
)
from deeptone_tui.protocol import Answer, Step, StreamParameters
from deeptone_tui.tuning import OTHER, SPEECH, UNKNOWN

PERIOD = 4
PARAMETERS = StreamParameters(output_period=64 * PERIOD, volume_threshold=0.0)
LEVELS = np.random.default_rng(3).random(200)
HISTORY = LevelHistory(0, LEVELS)


def entry(step: int, result: str = "speech", threshold: float = 0.0, rest: int = 0) -> Entry:
    """A result that begins at a step; the last one of a recording may hold less."""
    samples = (PERIOD * STEP_SAMPLES) - rest
    parameters = replace(PARAMETERS, volume_threshold=threshold)
    return Entry(
        Step(0.0, {"speech-rt": Answer(result, 0.9)}), step * STEP_SAMPLES, samples, parameters
    )


def view(end: int, span: int = 60, *, whole: bool = False) -> View:
    """A view at a step."""
    session = SessionStatus(applied=PARAMETERS)
    state = MonitorState(session=session, history=LevelHistory(0, LEVELS[:end]))
    return View(state=state, live=state, span=span, whole=whole)


def test_each_result_has_the_level_of_its_loudest_step() -> None:
    """And what was heard, where everything was listened to."""
    log = PeriodLog()
    log.add([entry(0), entry(4, "music"), entry(8, "speech", 0.01)], HISTORY)
    periods = replayed(view(12), log)
    assert periods.levels.tolist() == [LEVELS[n : n + 4].max() for n in (0, 4, 8)]
    assert periods.heard.tolist() == [SPEECH, OTHER, UNKNOWN]


def test_a_part_of_a_step_at_the_end_has_no_level() -> None:
    """The endpoint judges whole steps, and so does the replay; it still is time."""
    log = PeriodLog()
    log.add([entry(0, rest=1500)], HISTORY)
    periods = replayed(view(4), log)
    assert periods.levels.tolist() == [LEVELS[:2].max()]
    assert periods.length == 4 * STEP_SAMPLES - 1500


def test_what_has_no_result_is_cut_as_the_endpoint_would() -> None:
    """Before the first result, between two, and after the last: all time counts."""
    log = PeriodLog()
    log.add([entry(6), entry(20)], HISTORY)
    periods = replayed(view(30), log)
    starts = [0, 4, 6, 10, 14, 18, 20, 24]
    ends = [4, 6, 10, 14, 18, 20, 24, 28]
    assert periods.levels.tolist() == [LEVELS[a:b].max() for a, b in zip(starts, ends, strict=True)]
    assert periods.length == 28 * STEP_SAMPLES
    assert periods.speech_length == 8 * STEP_SAMPLES


def test_a_span_holds_whole_periods() -> None:
    """And all there was holds all; so it does when no result ever came."""
    log = PeriodLog()
    log.add([entry(4 * n) for n in range(20)], HISTORY)
    assert replayed(view(80, 1), log).length == 12 * STEP_SAMPLES  # of 15.6 steps
    assert replayed(view(80, 1, whole=True), log).length == 80 * STEP_SAMPLES
    assert replayed(view(83, whole=True), PeriodLog()).length == 80 * STEP_SAMPLES


def test_another_source_begins_anew() -> None:
    """What comes late from before it does not count."""
    log = PeriodLog()
    log.add([entry(0), entry(4)], HISTORY)
    before = log.version
    log.restart(10 * STEP_SAMPLES)
    log.add([entry(8), entry(12)], HISTORY)
    assert log.version > before
    periods = replayed(view(16, whole=True), log)
    assert periods.levels.tolist() == [LEVELS[10:12].max(), LEVELS[12:16].max()]


def test_levels_that_are_gone_make_no_period() -> None:
    """Neither of a result nor of a gap."""
    log = PeriodLog()
    late = LevelHistory(100, LEVELS[100:])
    log.add([entry(8), entry(96), entry(104)], late)
    rows = log.within(0, 200 * STEP_SAMPLES)
    assert rows["start"].tolist() == [100 * STEP_SAMPLES, 104 * STEP_SAMPLES]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=40), st.integers(1, 60))
@settings(max_examples=50)
def test_no_more_than_the_newest_are_kept(batches: list[int], kept: int) -> None:
    """However they come."""
    log = PeriodLog(kept)
    numbers = itertools.count()
    history = LevelHistory(0, np.tile(LEVELS, 40))
    for size in batches:
        log.add([entry(4 * next(numbers)) for _ in range(size)], history)
    total = sum(batches)
    rows = log.within(0, 4 * total * STEP_SAMPLES)
    first = max(total - kept, 0)
    assert rows["start"].tolist() == [4 * n * STEP_SAMPLES for n in range(first, total)]


@given(st.integers(0, 120), st.integers(0, 120), st.booleans())
def test_cut_periods_follow_one_another(start: int, end: int, rest: bool) -> None:
    """From the start to the end, or to the last whole one."""
    rows = cut(HISTORY, start * STEP_SAMPLES, end * STEP_SAMPLES, PARAMETERS, rest=rest)
    steps = max(end - start, 0)
    steps = steps if rest else steps // PERIOD * PERIOD
    assert rows["length"].sum() == steps * STEP_SAMPLES
    starts = start * STEP_SAMPLES + np.cumsum(rows["length"]) - rows["length"]
    assert rows["start"].tolist() == starts.tolist()


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
