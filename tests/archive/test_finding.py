"""What is found for one source and for all, and what the answers say of the steps."""

from dataclasses import replace

import numpy as np
import pytest

from deeptone_tui.archive.analysis import (
    MODEL,
    SourceAnalysis,
    TuningResult,
    find_for_all,
    heard_of,
)
from deeptone_tui.archive.analysis import find as find_for
from deeptone_tui.archive.recordings import Segment
from deeptone_tui.dsp import Fault, FaultKind
from deeptone_tui.protocol import Answer, Step
from deeptone_tui.tuning import OTHER, SPEECH, UNKNOWN, Evidence, suggest

RANDOM = np.random.default_rng(7)


def hearing(name: str, *, classes: bool = True) -> SourceAnalysis:
    """A minute: noise near -60 dBFS, and speech from -40 to -15 every other two seconds."""
    spoken = np.arange(940) // 31 % 2 == 1
    dbfs = np.where(spoken, RANDOM.uniform(-40, -15, 940), RANDOM.normal(-60, 1, 940))
    heard = np.where(spoken, SPEECH, OTHER).astype(np.int8)
    return SourceAnalysis(name, 10 ** (dbfs / 20), heard if classes else None, 60.0)


def find(hearing: SourceAnalysis, segments: list[Segment] | None = None) -> TuningResult:
    """The finding for periods of 256 ms."""
    return find_for(hearing, segments, output_period=256)


def test_without_labels_the_costs_are_those_of_the_suggestion() -> None:
    """The same counts under the same words."""
    one = hearing("a")
    found = find(one)
    said = suggest(Evidence.cut(one.levels, one.heard, 4))
    assert found.suggestion == said
    assert said.threshold is not None
    assert found.cost == said.cost == found.periods.cost(said.threshold)
    assert found.judged
    assert not found.labelled
    assert not find(hearing("a", classes=False)).judged


def test_labels_count_the_errors_and_change_nothing_else() -> None:
    """Half of the speech is not labelled: it is noise that passes."""
    one = hearing("a")
    segments = [Segment(0.064 * 31 * n, 0.064 * 31 * (n + 1)) for n in range(1, 30, 4)]
    found, plain = find(one, segments), find(one)
    assert found.labelled
    assert found.suggestion == plain.suggestion
    assert found.cost is not None
    assert plain.cost is not None
    assert found.cost.silence == plain.cost.silence
    assert found.cost.speech_lost.share == pytest.approx(0.0, abs=0.05)
    assert (found.cost.noise_passed.share or 0.0) > 0.2


@pytest.mark.parametrize("output_period", [64, 256, 1024, 4096])
def test_it_is_counted_in_the_periods_that_were_asked_for(output_period: int) -> None:
    """Those of labels too; a pause of two seconds is longer than any but the longest."""
    one = hearing("a")
    segments = [Segment(0.064 * 31 * n, 0.064 * 31 * (n + 1)) for n in range(1, 30, 2)]
    steps = output_period // 64
    for marked in (None, segments):
        found = find_for(one, marked, output_period=output_period)
        assert found.suggestion == suggest(Evidence.cut(one.levels, one.heard, steps))
        assert found.output_period == output_period
        assert found.cost is not None
        assert found.cost.silence.whole == -(-940 // steps)
        assert found.cost.threshold == found.suggestion.threshold
        assert ("4096 ms" in found.suggestion.reason) == (output_period == 4096)
    assert find_for_all([found]).cost == found.cost
    assert find_for_all([found]).output_period == output_period


def test_faults_are_those_of_the_source() -> None:
    """They are told of it alone, and move nothing."""
    fault = Fault(FaultKind.OFFSET, "There is an offset.")
    one = hearing("a")
    faulty = find(replace(one, faults=(fault,)))
    assert faulty.faults == (fault,)
    assert faulty.suggestion == find(one).suggestion
    assert find_for_all([faulty, find(hearing("b"))]).faults == ()


def test_all_is_as_one_recording() -> None:
    """Levels and answers one after the other; labels count only where all have them.

    Each begins a period of its own.
    """
    hearings = [hearing("a"), hearing("b")]
    heard = hearings[0].heard
    assert heard is not None
    hearings[0] = replace(hearings[0], levels=hearings[0].levels[:-3], heard=heard[:-3])
    whole = find_for_all([find(item) for item in hearings])
    parts = [Evidence.cut(item.levels, item.heard, 4) for item in hearings]
    assert whole.suggestion == suggest(Evidence.joined(parts))
    assert whole.cost is not None
    assert whole.cost.silence.whole == 235 + 235
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
