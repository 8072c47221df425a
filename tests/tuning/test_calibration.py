"""The guided way to a threshold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeptone_tui.protocol.units import to_dbfs
from deeptone_tui.tuning import (
    OTHER,
    UNKNOWN,
    Calibration,
    Phase,
    Suggestion,
    Verdict,
    suggest,
)

random = np.random.default_rng(5)
QUIET = 10 ** ((-58.0 + random.normal(size=36)) / 20)
ROOM = 10 ** ((-58.0 + random.normal(size=47)) / 20)
VOICE = 10 ** ((-28.0 + 5.0 * random.normal(size=47)) / 20)
SPOKEN = np.concatenate([QUIET, ROOM[:20], VOICE, ROOM[20:]])


def result(state: Calibration) -> Suggestion:
    """What comes of it."""
    return suggest(state.evidence)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 130), max_size=8))
def test_how_the_steps_arrive_changes_nothing(cuts: list[int]) -> None:
    """One by one or all at once."""
    state = Calibration()
    for part in np.split(SPOKEN, sorted(cuts)):
        state = state.fed(part)
    assert state.phase is Phase.DONE
    assert result(state) == result(Calibration().fed(SPOKEN))


def test_the_phases_follow_one_another() -> None:
    """Quiet, a sentence, done; progress grows in each."""
    state = Calibration().fed(QUIET[:18])
    assert (state.phase, state.progress) == (Phase.QUIET, 0.5)
    state = state.fed(QUIET[18:])
    assert (state.phase, state.progress) == (Phase.SENTENCE, 0.0)
    state = state.fed(SPOKEN[36:])
    assert (state.phase, state.progress) == (Phase.DONE, 1.0)
    assert state.fed(VOICE) is state


def test_the_result_lies_between() -> None:
    """Above the quiet, under the sentence."""
    found = result(Calibration().fed(SPOKEN))
    assert found.threshold is not None
    assert -56.0 < to_dbfs(found.threshold) < -36.0


@pytest.mark.parametrize("muted", [True, False])
def test_nothing_said_is_no_speech(muted: bool) -> None:
    """Whether the microphone is muted or nobody spoke."""
    room = 10 ** ((-58.0 + np.random.default_rng(6).normal(size=130)) / 20)
    found = result(Calibration().fed(room * (0.0 if muted else 1.0)))
    assert found.verdict is Verdict.NO_SPEECH


def test_unrest_begins_it_again() -> None:
    """Somebody spoke where quiet was asked for."""
    state = Calibration().fed(VOICE[:36])
    assert (state.phase, state.progress, state.restarts) == (Phase.QUIET, 0.0, 1)
    state = state.fed(SPOKEN)
    assert (state.phase, state.restarts) == (Phase.DONE, 1)
    assert result(state) == result(Calibration().fed(SPOKEN))


def test_what_is_known_are_periods_of_steps_after_the_key() -> None:
    """The quiet is no speech; nobody has said what the sentence is."""
    for steps in (1, 4, 16):
        evidence = Calibration(steps).fed(SPOKEN).evidence
        assert evidence.levels.tolist() == SPOKEN[4:].tolist()
        assert evidence.heard is not None
        assert evidence.heard.tolist() == [OTHER] * 32 + [UNKNOWN] * 94
        assert evidence.starts.tolist() == list(range(0, 126, steps))


def test_a_pause_is_kept_silent_for_the_periods_that_were_asked_for() -> None:
    """With a step in each second louder than the room; begun again, they are still the same."""
    spoken = SPOKEN.copy()
    room = np.r_[4:56, 103:130]
    spoken[room[::9]] = 10 ** (-52.5 / 20)
    by_step, by_second = (result(Calibration(steps).fed(spoken)) for steps in (1, 16))
    assert by_step.cost is not None
    assert by_second.cost is not None
    assert by_second.threshold is not None
    assert to_dbfs(by_second.threshold) > -52.5
    assert (by_step.cost.silence.whole, by_second.cost.silence.whole) == (126, 8)
    assert by_second.cost.noise_passed.count == 0
    again = Calibration(1).fed(VOICE[:36]).fed(spoken)
    assert (again.restarts, again.period_steps) == (1, 1)
    assert result(again) == by_step


def test_a_restless_room_is_taken_as_it_is_in_the_end() -> None:
    """After three attempts."""
    state = Calibration().fed(np.tile(VOICE[:36], 4))
    assert (state.phase, state.restarts) == (Phase.SENTENCE, 3)
