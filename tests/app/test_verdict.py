"""The verdict in words."""

from dataclasses import replace

import numpy as np
import pytest
from support.screens.prepared_monitor import STREAMING

from deeptone_tui.app.presenters.verdict import verdict_of
from deeptone_tui.app.view import View
from deeptone_tui.monitor.state import (
    LevelHistory,
    Meter,
    MonitorState,
    SessionPhase,
    SourcePhase,
    SourceStatus,
)
from deeptone_tui.protocol import Answer, Step, StreamParameters
from deeptone_tui.protocol.units import from_dbfs

PARAMETERS = StreamParameters(models=("speech-rt", "gender"))


def state_of(
    *dbfs: float, answers: dict[str, Answer] | None = None, **changes: object
) -> MonitorState:
    """A state with levels and a newest result."""
    levels = np.array([from_dbfs(value) for value in dbfs], dtype=np.float32)
    state = MonitorState(
        source=SourceStatus(phase=SourcePhase.RUNNING),
        session=replace(STREAMING, applied=PARAMETERS),
        history=LevelHistory(0, levels),
        latest=Step(0.0, answers) if answers else None,
    )
    return replace(state, **changes)  # type: ignore[arg-type]  # fields by name


def view_of(state: MonitorState, mark: float = 0.005) -> View:
    """What the screen shows of it."""
    return View(state=state, live=state, mark=mark)


LOUD, QUIET = [-30.0] * 32, [-55.0] * 32
SPEECH = {"gender": Answer("female", 0.91), "speech-rt": Answer("speech", 0.93)}


def test_what_is_loud_the_endpoint_names() -> None:
    """The first model asked for comes first, the others under it."""
    verdict = verdict_of(view_of(state_of(*LOUD, answers=SPEECH)))
    assert (verdict.main.text, verdict.main.detail) == ("SPEECH", "0.93")
    assert [(other.text, other.detail) for other in verdict.others] == [("female", "0.91")]


def test_what_is_under_the_mark_is_silence_at_once() -> None:
    """The preview decides by the newest period, whatever the endpoint said last."""
    state = state_of(*LOUD, *QUIET, answers=SPEECH)
    verdict = verdict_of(view_of(state))
    assert (verdict.main.text, verdict.main.detail) == ("SILENCE", "2 s")
    assert verdict_of(view_of(state, mark=from_dbfs(-56))).main.text == "SPEECH"
    assert verdict_of(view_of(state_of(*LOUD, answers=SPEECH), mark=1.0)).main.text == "SILENCE"


def test_a_pause_between_syllables_is_no_silence() -> None:
    """All steps of a period have to be under the mark."""
    state = state_of(*LOUD, *[-55.0] * 15, answers=SPEECH)
    assert verdict_of(view_of(state)).main.text == "SPEECH"


def test_at_zero_nothing_is_silence() -> None:
    """Not even the quietest room."""
    state = state_of(*[-96.0] * 32, answers=SPEECH)
    assert verdict_of(view_of(state, mark=0.0)).main.text == "SPEECH"


@pytest.mark.parametrize(
    ("state", "note"),
    [
        (state_of(*LOUD, answers={"speech-rt": Answer("silence", 1.0)}), "answer: silence"),
        (state_of(*LOUD), "no answer yet"),
        (
            state_of(
                *LOUD, answers=SPEECH, session=replace(STREAMING, phase=SessionPhase.RETRYING)
            ),
            "no endpoint",
        ),
    ],
)
def test_without_a_name_it_is_sound(state: MonitorState, note: str) -> None:
    """Louder than the mark, and why nobody names it."""
    verdict = verdict_of(view_of(state))
    assert verdict.main.text == "SOUND"
    assert verdict.others[0].text == note


@pytest.mark.parametrize(
    "phase",
    [SourcePhase.OPENING, SourcePhase.STALLED, SourcePhase.LOST, SourcePhase.FAILED],
)
def test_no_data_is_not_silence(phase: SourcePhase) -> None:
    """Nothing arrives, so nothing can be said about it; in words, why."""
    verdict = verdict_of(view_of(state_of(*QUIET, source=SourceStatus(phase=phase))))
    assert verdict.main.text == "NO DATA"
    assert verdict.others[0].text


def test_nothing_yet_is_no_data() -> None:
    """Before the first step."""
    assert verdict_of(view_of(state_of())).main.text == "NO DATA"


def test_muted_is_not_silence() -> None:
    """Every sample is zero: the input is off."""
    assert verdict_of(view_of(state_of(*QUIET, meter=Meter(muted=True)))).main.text == "MUTED"


def test_the_end_is_told() -> None:
    """A file that is over."""
    source = SourceStatus(phase=SourcePhase.ENDED)
    assert verdict_of(view_of(state_of(*LOUD, source=source))).main.text == "ENDED"


def test_a_speaker_map_names_who_speaks() -> None:
    """It has no result and no confidence, and that is no failure."""
    answers = {"speaker-map": Answer(None, None, {"speaker_top": "speaker_2", "speaker_count": 2})}
    verdict = verdict_of(view_of(state_of(*LOUD, answers=answers)))
    assert (verdict.main.text, verdict.main.detail) == ("SPEAKER 2", "")
