"""What is taken for speech by levels alone, on sounds that come and go and hold none."""

from collections import Counter

import numpy as np
import pytest
from bench.tuning.material import HALVES
from bench.tuning.sounds import EACH, sounds

from deeptone_tui.dsp import step_levels
from deeptone_tui.tuning import Evidence, Verdict, suggest
from deeptone_tui.tuning.features import SHORTEST_STEPS, voice_odds

SWAYING = {"vibrato alone", "surges alone", "notes alone"}
"""Sounds of which some rise and fall as widely and as unevenly as speech."""


@pytest.mark.parametrize(
    "half", [HALVES[0], *(pytest.param(each, marks=pytest.mark.thorough) for each in HALVES[1:])]
)
def test_sounds_that_come_and_go_are_no_speech(half: str) -> None:
    """Bursts, beeps, steps, machines: none of them; of those that sway, a minority."""
    taken: Counter[str] = Counter()
    for clip in sounds(half):
        found = suggest(Evidence.cut(step_levels(clip.samples), None, 16))
        taken[clip.kind] += found.verdict is Verdict.OK
    assert len(taken) == 10
    assert {kind for kind, count in taken.items() if count} <= SWAYING
    assert taken.total() <= EACH


def test_without_a_stretch_that_is_long_enough_there_is_no_speech() -> None:
    """However much stands out."""
    spoken = np.tile(np.repeat([False, True], SHORTEST_STEPS - 1), 20)
    dbfs = np.where(spoken, -20.0, -60.0)
    assert voice_odds(dbfs, spoken, 0.0) == -np.inf
