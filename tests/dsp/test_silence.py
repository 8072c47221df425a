"""What counts as silence at a threshold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.dsp import period_is_silent, silent, step_levels

AMPLITUDES = st.floats(0, 1)
LEVELS = st.lists(AMPLITUDES, max_size=40)


@given(LEVELS, AMPLITUDES)
def test_silence_is_strictly_under_the_threshold(levels: list[float], threshold: float) -> None:
    """Step by step, as a period, and as a share: one definition."""
    expected = [level < threshold for level in levels]
    assert silent(levels, threshold).tolist() == expected
    assert period_is_silent(levels, threshold) is (bool(levels) and all(expected))


def test_everything_but_full_scale_is_silent_at_one() -> None:
    """The one exception is a square wave at -32768, whose level is 1."""
    steps = np.repeat(np.array([0, 100, 32767, -32768], np.int16), 1024)
    assert silent(step_levels(steps), 1.0).tolist() == [True, True, True, False]


@given(AMPLITUDES)
def test_a_level_is_not_under_itself(level: float) -> None:
    """A mark put exactly on a level does not make it silent."""
    assert not period_is_silent([level], level)


@pytest.mark.parametrize("threshold", [0.005, 0.1, 0.3])
def test_levels_kept_in_single_precision_meet_the_threshold_as_it_is(threshold: float) -> None:
    """The threshold is not rounded to the type of the levels."""
    rounded = np.array([threshold], np.float32)
    assert silent(rounded, threshold).tolist() == [float(rounded[0]) < threshold]


def test_silence_keeps_the_shape_of_the_levels() -> None:
    """Levels may be laid out as periods by steps."""
    assert silent([[0.1, 0.3], [0.2, 0.0]], 0.2).tolist() == [[True, False], [False, True]]
