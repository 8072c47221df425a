"""The monitor without a screen: lines, diagnostics, and when to give up."""

import json
from dataclasses import replace

import pytest
from support.notices import notices

from deeptone_tui.audio import SourceInfo, SourceKind
from deeptone_tui.cli.headless import Notices, failed, incomplete, summary, to_line
from deeptone_tui.monitor import (
    Counters,
    Entry,
    MonitorState,
    SessionPhase,
    SessionStatus,
    SourcePhase,
    SourceStatus,
)
from deeptone_tui.protocol import Answer, Step, StreamParameters

DEMO = SourceStatus(SourceInfo(SourceKind.DEMO, "demo"), SourcePhase.RUNNING)
RUNNING = MonitorState(source=DEMO, session=SessionStatus(SessionPhase.STREAMING))


def with_session(phase: SessionPhase, **more: object) -> MonitorState:
    """A state with another session."""
    return replace(RUNNING, session=SessionStatus(phase, **more))  # type: ignore[arg-type]


def test_a_line_has_the_shape_of_the_wire_and_the_time_of_the_stream() -> None:
    """Sorted keys; the timestamp counts on over connections."""
    step = Step(1024.0, {"speech": Answer("music", 0.5)}, raw={"speech": {"music": 0.5}})
    entry = Entry(step, sample=163_840, samples=16_384, parameters=StreamParameters())
    counters = Counters(captured=200_000, sent=199_000, answered=180_000, lost=10, in_flight=19_990)
    line = to_line(entry, counters)
    assert "\n" not in line
    assert line == json.dumps(
        {
            "raw": {"speech": {"music": 0.5}},
            "results": {"speech": {"confidence": 0.5, "result": "music"}},
            "samples": {
                "captured": 200_000,
                "covered": 180_000,
                "dropped": 10,
                "in_flight": 19_990,
                "sent": 199_000,
            },
            "timestamp": 10_240.0,
        }
    )


def test_notices_are_told_once_each(capsys: pytest.CaptureFixture[str]) -> None:
    """One look late, and never what the failure says anyway; one that was replaced is gone."""
    told = notices("one", "two", "three")
    diagnostics = Notices()
    diagnostics.look(replace(RUNNING, notices=told[:1]))
    assert capsys.readouterr().err == ""
    for _ in range(2):
        diagnostics.look(replace(RUNNING, notices=told[:2]))
    diagnostics.look(replace(RUNNING, notices=(told[0], told[2])))
    assert capsys.readouterr().err.split() == ["deeptone-tui:", "one", "deeptone-tui:", "two"]
    diagnostics.finish(replace(RUNNING, notices=told), failure="three")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RUNNING, None),
        (replace(RUNNING, source=replace(DEMO, phase=SourcePhase.LOST)), None),
        (replace(RUNNING, source=replace(DEMO, phase=SourcePhase.STALLED)), None),
        (replace(RUNNING, source=replace(DEMO, phase=SourcePhase.FAILED, message="gone")), "gone"),
        (with_session(SessionPhase.REFUSED, message="no such model"), "no such model"),
        (with_session(SessionPhase.RETRYING, message="refused", attempt=1), "refused"),
        (
            with_session(SessionPhase.RETRYING, message="lost", applied=StreamParameters()),
            None,
        ),
    ],
)
def test_it_gives_up_only_where_nothing_helps(state: MonitorState, words: str | None) -> None:
    """A connection that was there comes back; one that never was will not."""
    assert failed(state) == words


def test_it_does_not_wait_long_for_the_last_results() -> None:
    """After the end of the source a few attempts are enough."""
    ended = replace(
        with_session(SessionPhase.RETRYING, message="lost", applied=StreamParameters(), attempt=1),
        source=replace(DEMO, phase=SourcePhase.ENDED),
        counters=Counters(captured=16_000),
    )
    assert failed(ended) is None
    assert failed(replace(ended, session=replace(ended.session, attempt=3))) == "lost"
    assert failed(replace(ended, session=replace(ended.session, retry_in=3600.0))) == "lost"


def test_a_source_that_ends_before_it_begins_is_a_failure() -> None:
    """No audio, no results, and not 0 as the exit code."""
    ended = replace(RUNNING, source=replace(DEMO, phase=SourcePhase.ENDED))
    assert failed(ended) == "demo ended before any audio came"


def test_a_source_that_breaks_is_told_when_its_results_are_in() -> None:
    """What was heard of it is judged before."""
    gone = replace(DEMO, phase=SourcePhase.FAILED, message="gone")
    heard = replace(RUNNING, source=gone, counters=Counters(captured=16_000))
    assert failed(heard) is None
    assert incomplete(heard) == "gone"
    asked = SessionStatus(SessionPhase.RETRYING, message="lost", applied=StreamParameters())
    assert failed(replace(heard, session=replace(asked, attempt=3))) == "lost"


def test_missing_results_are_a_failure() -> None:
    """Of a file every result is due; of a microphone a lost second is told, not punished."""
    asked = with_session(SessionPhase.CLOSED, applied=StreamParameters())
    lossy = replace(asked, counters=Counters(captured=32_000, lost=16_384, results=1))
    assert incomplete(lossy) == "incomplete: 2.0 s of audio, 1 result, 1.0 s lost"
    microphone = replace(DEMO, info=SourceInfo(SourceKind.MICROPHONE, "USB"))
    assert incomplete(replace(lossy, source=microphone)) is None
    unread = replace(RUNNING, counters=Counters(results_dropped=3))
    assert incomplete(unread) == "3 results were lost because stdout was not read in time"


def test_a_tail_shorter_than_a_period_is_not_missing() -> None:
    """No endpoint answers less than a step, and not every one what is less than a period."""
    asked = with_session(SessionPhase.CLOSED, applied=StreamParameters())
    tail = replace(asked, counters=Counters(captured=32_000, lost=15_616, results=1))
    assert incomplete(tail) is None


def test_less_than_a_step_has_words_of_its_own() -> None:
    """Nothing can be said about three samples."""
    short = replace(RUNNING, counters=Counters(captured=160))
    assert incomplete(short) == "10 ms of audio is less than a step of 64 ms: nothing to judge"


def test_the_summary_names_losses_only_where_there_are_any() -> None:
    """Audio, results, losses."""
    counters = Counters(captured=16_000, results=1, lost=8_000, dropped_by_source=8_000)
    assert summary(replace(RUNNING, counters=counters)) == "1.0 s of audio, 1 result, 1.0 s lost"
    assert summary(RUNNING) == "0 ms of audio, 0 results"
