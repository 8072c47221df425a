"""States and numbers in words."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.screens.prepared_monitor import FILE, MICROPHONE, STREAMING

from deeptone_tui.app.presenters.verdict import QUIET, TONES, UNSURE, name_of, short_name, tone_of
from deeptone_tui.app.presenters.wording import (
    length,
    problem_of,
    recording_of,
    source_of,
    status_of,
)
from deeptone_tui.app.view import View
from deeptone_tui.monitor.state import (
    MonitorState,
    SessionPhase,
    SessionStatus,
    SourcePhase,
    SourceStatus,
)
from deeptone_tui.protocol import CATALOGUE, Answer
from deeptone_tui.recording import RecordingStatus


def view_of(source: SourcePhase, session: SessionPhase, *, frozen: bool = False) -> View:
    """A view of two phases."""
    state = MonitorState(
        source=SourceStatus(MICROPHONE, source),
        session=replace(STREAMING, phase=session, retry_in=4.4),
    )
    return View(state=state, live=state, frozen=frozen)


@pytest.mark.parametrize(
    ("source", "session", "word"),
    [
        (SourcePhase.RUNNING, SessionPhase.STREAMING, "STREAMING"),
        (SourcePhase.RUNNING, SessionPhase.RETRYING, "RETRYING in 4 s"),
        (SourcePhase.RUNNING, SessionPhase.REFUSED, "REFUSED"),
        (SourcePhase.STALLED, SessionPhase.STREAMING, "NO DATA"),
        (SourcePhase.LOST, SessionPhase.STREAMING, "SOURCE LOST"),
        (SourcePhase.FAILED, SessionPhase.IDLE, "NO SOURCE"),
        (SourcePhase.PAUSED, SessionPhase.STREAMING, "PAUSED"),
        (SourcePhase.PAUSED, SessionPhase.REFUSED, "REFUSED"),
        (SourcePhase.ENDED, SessionPhase.DRAINING, "LAST RESULTS"),
        (SourcePhase.ENDED, SessionPhase.CLOSED, "ENDED"),
    ],
)
def test_the_state_that_matters_most_is_told(
    source: SourcePhase, session: SessionPhase, word: str
) -> None:
    """What stops everything comes before what goes well."""
    assert status_of(view_of(source, session)).word == word


def test_every_state_has_a_word_and_a_glyph() -> None:
    """So that none is told by colour alone; different words have different looks."""
    statuses = {
        status_of(view_of(source, session)) for source in SourcePhase for session in SessionPhase
    }
    assert all(status.word and len(status.glyph) == 1 for status in statuses)


def test_a_frozen_screen_says_so() -> None:
    """Whatever goes on behind it."""
    view = view_of(SourcePhase.RUNNING, SessionPhase.STREAMING, frozen=True)
    assert status_of(view).word == "FROZEN"


def test_a_problem_comes_with_what_helps() -> None:
    """In one line; none when all is well."""
    well = view_of(SourcePhase.RUNNING, SessionPhase.STREAMING).live
    assert problem_of(well) == ""
    lost = replace(well, source=SourceStatus(MICROPHONE, SourcePhase.LOST, "unplugged"))
    assert problem_of(lost) == "unplugged · d another device, o another source"
    refused = replace(well, session=SessionStatus(SessionPhase.REFUSED, message="wrong key"))
    assert problem_of(refused) == "wrong key · e another endpoint"


def test_a_failed_attempt_stays_told_while_the_next_is_made() -> None:
    """So the line does not come and go with every attempt."""
    session = SessionStatus(SessionPhase.CONNECTING, message="refused", attempt=3)
    assert problem_of(MonitorState(session=session)) == "refused · attempt 3"
    assert problem_of(MonitorState(session=replace(session, attempt=1))) == ""


def test_numbers_as_they_are_written() -> None:
    """Lengths have the unit that suits them."""
    assert [length(samples) for samples in (0, 1, 2080, 16_000 * 125)] == [
        "0 s",
        "0.01 s",
        "0.13 s",
        "2:05",
    ]


def test_a_source_has_its_rate() -> None:
    """As its own, before resampling."""
    assert source_of(MonitorState(source=SourceStatus(FILE))) == "call.flac 44.1 kHz"


@pytest.mark.parametrize("model", CATALOGUE)
def test_the_classes_of_a_model_differ(model: str) -> None:
    """In tone and in name; what says nothing is quiet."""
    tones = [tone_of(model, name) for name in CATALOGUE[model].classes]
    assert len(set(tones)) == len(tones)
    assert set(tones) <= set(TONES)
    assert tone_of(model, "silence") == tone_of(model, "no_speech") == QUIET
    assert tone_of(model, "unknown") == UNSURE
    for odd in ("9" * 5000, "speaker_" + "9" * 5000, "speaker_²", "speaker_٣", "speaker_"):
        assert tone_of(model, odd) == UNSURE


def test_classes_that_are_not_documented_are_shown_too() -> None:
    """Under their own name."""
    assert tone_of("speech-rt", "noise") == UNSURE
    assert tone_of("new-model", "speaker_3") == TONES[2]
    assert short_name("nat_human_sounds") == "nat human sounds"
    assert name_of(Answer("noise", 0.5)) == "noise"
    assert name_of(Answer(None, None)) == name_of(None) == ""


@pytest.mark.parametrize(
    ("waiting", "problem", "words"),
    [
        (0, "", "● REC 00:03:12"),
        (8000, "", "● REC 00:03:12"),
        (80_000, "", "● REC 00:03:12, 5 s behind"),
        (80_000, "the disk is full", "✗ REC STOPPED"),
    ],
)
def test_a_recording_in_words(waiting: int, problem: str, words: str) -> None:
    """How long it is, whether the disk is too slow for it, and that it has stopped."""
    status = RecordingStatus(Path("there"), 192 * 16_000, waiting=waiting, problem=problem)
    assert recording_of(status)[0] == words
