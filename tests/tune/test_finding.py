"""What is found for one source and for all, and what the answers say of the steps."""

import numpy as np
import pytest

from deeptone_tui.protocol import Answer, Step
from deeptone_tui.tune.finding import find, find_for_all
from deeptone_tui.tune.labels import Segment
from deeptone_tui.tune.listening import MODEL, Hearing, heard_of
from deeptone_tui.tuning import OTHER, SPEECH, UNKNOWN, Evidence, cost_of, suggest

RANDOM = np.random.default_rng(7)


def hearing(name: str, *, classes: bool = True) -> Hearing:
    """A minute: noise near -60 dBFS, and speech from -40 to -15 every other two seconds."""
    spoken = np.arange(940) // 31 % 2 == 1
    dbfs = np.where(spoken, RANDOM.uniform(-40, -15, 940), RANDOM.normal(-60, 1, 940))
    heard = np.where(spoken, SPEECH, OTHER).astype(np.int8)
    evidence = Evidence(10 ** (dbfs / 20), heard if classes else None)
    return Hearing(name, evidence, 60.0)


def test_without_labels_the_errors_are_those_expected() -> None:
    """As `suggest` says; silence is counted."""
    one = hearing("a")
    found = find(one)
    said = suggest(one.evidence.levels, one.evidence.heard)
    assert found.suggestion == said
    assert said.threshold is not None
    assert (found.speech_lost, found.other_passed) == (said.speech_lost, said.other_passed)
    assert found.silence == cost_of(said.threshold, one.evidence.levels, None).silence
    assert not found.labelled


def test_labels_count_the_errors_and_change_nothing_else() -> None:
    """Half of the speech is not labelled: it is other sound that passes."""
    one = hearing("a")
    segments = [Segment(0.064 * 31 * n, 0.064 * 31 * (n + 1)) for n in range(1, 30, 4)]
    found, plain = find(one, segments), find(one)
    assert found.labelled
    assert found.suggestion == plain.suggestion
    assert found.silence == plain.silence
    assert found.speech_lost == pytest.approx(0.0, abs=0.05)
    assert found.other_passed is not None
    assert found.other_passed > 0.2


def test_all_is_as_one_recording() -> None:
    """Levels and answers one after the other; labels count only where all have them."""
    hearings = [hearing("a"), hearing("b")]
    levels = np.concatenate([item.evidence.levels for item in hearings])
    heard = np.concatenate(
        [item.evidence.heard for item in hearings if item.evidence.heard is not None]
    )
    whole = find_for_all([find(item) for item in hearings])
    assert whole.suggestion == suggest(levels, heard)
    assert whole.seconds == 120
    assert whole.name == "all"
    labelled = find(hearings[0], [Segment(0, 1)])
    assert not find_for_all([labelled, find(hearings[1])]).labelled
    assert find_for_all([labelled, find(hearings[1], [])]).labelled


def test_answers_are_spread_over_the_steps_of_their_periods() -> None:
    """Of the last one only the steps that there are; what was not answered is unknown."""
    said = ["speech", "music", None, "speech"]
    answers = [
        Step(256.0 * n, {MODEL: Answer(result, 0.9)}) for n, result in enumerate(said) if n != 1
    ]
    expected = [SPEECH] * 4 + [UNKNOWN] * 8 + [SPEECH] * 2
    assert heard_of(answers, 14).tolist() == expected
    assert heard_of([Step(0.0, {MODEL: Answer("music", 0.9)})], 2).tolist() == [OTHER] * 2
