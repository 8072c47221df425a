"""When a run without a screen gives up, and what it says of what is missing."""

from dataclasses import replace
from pathlib import Path

import pytest

from deeptone_tui.audio import SourceInfo, SourceKind
from deeptone_tui.cli.outcome import (
    RetryDeadline,
    cancelled_out,
    failed,
    incomplete,
    summary,
    unanswered,
    unrecorded,
    wait_announced,
)
from deeptone_tui.dsp import Fault, FaultKind
from deeptone_tui.monitor import (
    Counters,
    MonitorState,
    SessionPhase,
    SessionStatus,
    SourcePhase,
    SourceStatus,
)
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.recording import RecordingStatus

DEMO = SourceStatus(SourceInfo(SourceKind.DEMO, "demo"), SourcePhase.RUNNING)
RUNNING = MonitorState(source=DEMO, session=SessionStatus(SessionPhase.STREAMING))


def with_session(phase: SessionPhase, **more: object) -> MonitorState:
    """A state with another session."""
    return replace(RUNNING, session=SessionStatus(phase, **more))  # type: ignore[arg-type]


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


@pytest.mark.parametrize("phase", [SessionPhase.STARTING, SessionPhase.CONNECTING])
def test_a_wait_too_short_to_be_seen_is_one(phase: SessionPhase) -> None:
    """The next attempt shows that the first has failed; after an answer it is awaited."""
    again = with_session(phase, attempt=2, message="refused")
    assert failed(again) == "refused"
    assert failed(with_session(phase, attempt=1, message="refused")) is None
    assert failed(with_session(phase, attempt=2, applied=StreamParameters())) is None


def test_it_does_not_wait_long_for_the_patience() -> None:
    """After the end of the source it tries for a while, and then says what is missing."""
    ended = replace(
        with_session(SessionPhase.RETRYING, message="lost", applied=StreamParameters(), attempt=1),
        source=replace(DEMO, phase=SourcePhase.ENDED),
        counters=Counters(captured=16_000),
    )
    assert failed(ended) is None
    assert failed(ended, 29.0) is None
    assert failed(ended, 31.0) == "lost"
    assert failed(replace(ended, session=replace(ended.session, retry_in=3600.0))) == "lost"
    assert failed(with_session(SessionPhase.DRAINING, applied=StreamParameters()), 31.0) is None


def test_the_wait_begins_with_the_first_new_attempt_and_anew_with_each_result() -> None:
    """While there is audio, outages are borne without end; a slow endpoint is waited for."""
    spoke = StreamParameters()
    running = with_session(SessionPhase.RETRYING, applied=spoke)
    ended = replace(running, source=replace(DEMO, phase=SourcePhase.ENDED))
    draining = replace(ended, session=SessionStatus(SessionPhase.DRAINING, applied=spoke))
    more = replace(ended, counters=Counters(answered=1024))
    last = RetryDeadline()
    told = [
        last.waited(state, now)
        for state, now in [
            (running, 0.0),
            (running, 50.0),
            (replace(draining, counters=Counters()), 60.0),
            (ended, 100.0),
            (draining, 104.0),
            (ended, 105.0),
            (more, 110.0),
            (more, 112.0),
        ]
    ]
    assert told == [0.0, 0.0, 10.0, 50.0, 54.0, 55.0, 0.0, 2.0]


def asked_to_wait(seconds: float, attempt: int = 1) -> MonitorState:
    """Refused at the first connection, with a word on when to come again."""
    more = {"attempt": attempt, "retry_in": seconds, "asked_to_wait": True}
    return with_session(SessionPhase.RETRYING, message="busy", **more)


def test_one_that_says_when_to_come_is_asked_again() -> None:
    """Also at first; but for no more than a minute, and five times in all."""
    assert failed(asked_to_wait(5.0)) is None
    assert failed(asked_to_wait(61.0)) == "busy"
    assert failed(asked_to_wait(5.0), 54.0) is None
    assert failed(asked_to_wait(5.0), 56.0) == "busy"
    assert failed(asked_to_wait(1.0, attempt=4)) is None
    assert failed(asked_to_wait(1.0, attempt=5)) == "busy"


def test_the_wait_for_the_first_word_begins_with_the_first_new_attempt() -> None:
    """And is over with that word: what comes then is an outage like any other."""
    trying, first = asked_to_wait(5.0), RetryDeadline()
    connecting = with_session(SessionPhase.CONNECTING)
    spoken = with_session(SessionPhase.RETRYING, applied=StreamParameters())
    told = [
        first.waited(state, now)
        for state, now in [(connecting, 0.0), (trying, 1.0), (connecting, 6.0), (trying, 9.0)]
    ]
    assert told == [0.0, 0.0, 5.0, 8.0]
    over = replace(spoken, source=replace(DEMO, phase=SourcePhase.ENDED))
    assert first.waited(over, 10.0) == 0.0


def test_each_wait_that_was_asked_for_is_told_once() -> None:
    """With its length, as nothing counts down on stderr."""
    before, first, second = (
        with_session(SessionPhase.CONNECTING).session,
        asked_to_wait(4.2).session,
        asked_to_wait(7.0, attempt=2).session,
    )
    assert wait_announced(before, first) == "trying again in 5 s"
    assert wait_announced(first, replace(first, retry_in=3.0)) is None
    assert wait_announced(first, second) == "trying again in 7 s"
    assert wait_announced(before, replace(first, asked_to_wait=False)) is None


def test_what_was_given_up_is_told() -> None:
    """Only where there was an endpoint, and at least a step of audio."""
    counters = Counters(captured=64_000, answered=16_000, in_flight=48_000, results=1)
    asked = with_session(SessionPhase.RETRYING, applied=StreamParameters())
    assert unanswered(replace(asked, counters=counters)) == (
        "no results for the last 3.0 s of the audio"
    )
    assert unanswered(replace(RUNNING, counters=counters)) is None
    assert unanswered(replace(asked, counters=replace(counters, in_flight=1023))) is None


def test_a_source_that_ends_before_it_begins_is_a_failure() -> None:
    """No audio, no results, and not 0 as the exit code."""
    ended = replace(RUNNING, source=replace(DEMO, phase=SourcePhase.ENDED))
    assert failed(ended) == "demo ended before any audio arrived"


def test_a_source_that_breaks_is_told_when_its_results_are_in() -> None:
    """What was heard of it is judged before."""
    gone = replace(DEMO, phase=SourcePhase.FAILED, message="gone")
    heard = replace(RUNNING, source=gone, counters=Counters(captured=16_000))
    assert failed(heard) is None
    assert incomplete(heard) == "gone"
    asked = SessionStatus(SessionPhase.RETRYING, message="lost", applied=StreamParameters())
    assert failed(replace(heard, session=asked), 31.0) == "lost"


def test_missing_results_are_a_failure() -> None:
    """Of a file every result is due; of a microphone a lost second is told, not punished."""
    asked = with_session(SessionPhase.CLOSED, applied=StreamParameters())
    lossy = replace(asked, counters=Counters(captured=32_000, lost=16_384, results=1))
    assert incomplete(lossy) == "incomplete: 2.0 s of audio, 1 result, 1.0 s lost"
    microphone = replace(DEMO, info=SourceInfo(SourceKind.MICROPHONE, "USB"))
    assert incomplete(replace(lossy, source=microphone)) is None
    unread = replace(RUNNING, counters=Counters(results_dropped=3))
    assert incomplete(unread) == "3 results were lost because stdout was not read in time"


def test_a_tail_that_nobody_judges_is_not_missing() -> None:
    """No endpoint answers less than a step, and not every one what is less than a period."""
    asked = with_session(SessionPhase.CLOSED, applied=StreamParameters())
    lost = Counters(captured=32_000, lost=15_616, lost_since_result=15_616, results=1)
    tail = replace(asked, counters=lost)
    assert incomplete(tail) is None
    between = replace(tail, counters=replace(lost, lost_since_result=0))
    assert incomplete(between) == "incomplete: 2.0 s of audio, 1 result, 976 ms lost"
    told_of_the_end = replace(asked.session, end_of_audio=True)
    assert incomplete(replace(tail, session=told_of_the_end))
    step = replace(lost, lost=1023, lost_since_result=1023)
    assert incomplete(replace(tail, session=told_of_the_end, counters=step)) is None


def test_less_than_a_step_has_words_of_its_own() -> None:
    """Nothing can be said about three samples."""
    short = replace(RUNNING, counters=Counters(captured=160))
    words = "10 ms of audio is less than a step of 64 ms: too short for a result"
    assert incomplete(short) == words
    for kind in (SourceKind.STDIN, SourceKind.TCP):
        piped = replace(short, source=replace(DEMO, info=SourceInfo(kind, "stdin")))
        assert incomplete(piped) == words


def test_channels_that_cancel_are_told() -> None:
    """A mix of nothing is no silence; other faults are for whoever looks for a threshold."""
    cancelling = Fault(FaultKind.CANCELLING_CHANNELS, "Channels 1 and 2 cancel each other.")
    hum = Fault(FaultKind.HUM, "Mains hum.")
    assert cancelled_out(replace(RUNNING, faults=(hum, cancelling))) == cancelling.words
    assert cancelled_out(replace(RUNNING, faults=(hum,))) is None


def test_the_summary_names_losses_only_where_there_are_any() -> None:
    """Audio, results, losses."""
    counters = Counters(captured=16_000, results=1, lost=8_000, dropped_by_source=8_000)
    assert summary(replace(RUNNING, counters=counters)) == "1.0 s of audio, 1 result, 1.0 s lost"
    assert summary(RUNNING) == "0 ms of audio, 0 results"


@pytest.mark.parametrize(
    ("recording", "words"),
    [
        (None, ""),
        (RecordingStatus(Path("there"), 16_000), ""),
        (RecordingStatus(Path("there"), problem="the disk is full"), "the disk is full"),
        (
            RecordingStatus(Path("there"), waiting=32_000),
            "the disk was too slow for the last 2.0 s",
        ),
        (
            RecordingStatus(Path("there"), left_out=7, waiting=5, problem="too slow"),
            "too slow; 7 results and events are missing",
        ),
    ],
)
def test_what_is_not_in_a_recording_is_told(recording: RecordingStatus | None, words: str) -> None:
    """And is a failure; a whole recording needs no words."""
    assert unrecorded(replace(RUNNING, recording=recording)) == words
