"""What thresholds are expected to cost, against what they do where everything is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deeptone_tui.protocol.units import from_dbfs
from deeptone_tui.tuning import Periods, SpeechPosterior
from deeptone_tui.tuning.search import GRID_DBFS, Expected

PURE = st.lists(st.tuples(st.booleans(), st.integers(1, 8)), min_size=1, max_size=12)


def judged(
    levels: np.ndarray, speech: np.ndarray, doubtful: np.ndarray | None = None
) -> SpeechPosterior:
    """Steps of which it is said how likely each is speech."""
    doubt = np.zeros(levels.shape, np.bool_) if doubtful is None else doubtful
    return SpeechPosterior(levels, None, speech, doubt)


@given(PURE, st.data())
def test_of_what_is_certain_what_is_expected_is_what_is_counted(
    pure: list[tuple[bool, int]], data: st.DataObject
) -> None:
    """At every threshold, where each period is all speech or all pause."""
    lengths = [length for _, length in pure]
    starts = np.cumsum([0, *lengths[:-1]])
    speech = np.repeat([float(spoken) for spoken, _ in pure], lengths)
    elements = st.floats(0.001, 1.0)
    levels = data.draw(hnp.arrays(np.float64, speech.shape, elements=elements))
    expected = Expected.of(judged(levels, speech), starts)
    curve = Periods.of(levels, speech, starts).curve(10 ** (GRID_DBFS / 20))
    assert expected.spoken == sum(spoken for spoken, _ in pure)
    assert expected.pauses == len(pure) - expected.spoken
    zeros = np.zeros(GRID_DBFS.shape)
    lost = zeros if curve.speech_lost is None else curve.speech_lost
    passed = zeros if curve.noise_passed is None else curve.noise_passed
    assert expected.lost == pytest.approx(lost)
    assert expected.passed == pytest.approx(passed)
    assert expected.cost == pytest.approx(4 * lost + passed)


def test_a_period_is_a_pause_as_far_as_none_of_its_steps_is_speech() -> None:
    """By its likeliest step, and less for each doubtful one; a muted one counts for nothing."""
    speech = np.array([0.0, 0.5, 0.0, 0.0, np.nan, np.nan])
    doubtful = np.array([False, False, True, True, False, False])
    levels = np.full(6, from_dbfs(-40.0))
    expected = Expected.of(judged(levels, speech, doubtful), np.array([0, 2, 4]), doubt=0.25)
    assert expected.pauses == pytest.approx(0.5 + 0.75**2)
    assert expected.spoken == pytest.approx(0.25 + 0.25)


def test_regret_is_what_a_threshold_costs_more_than_the_best() -> None:
    """Nothing between the pause and the speech, a pause under it, all speech above it."""
    levels = np.array([from_dbfs(-60.0), from_dbfs(-20.0)])
    expected = Expected.of(judged(levels, np.array([0.0, 1.0])), np.arange(2))
    assert [expected.regret(dbfs) for dbfs in (-80.0, -40.0, -10.0)] == [1.0, 0.0, 4.0]
