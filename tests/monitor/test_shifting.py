"""A preview that measures as another endpoint does."""

import numpy as np
import pytest

from deeptone_tui.monitor.evaluation import shifted
from deeptone_tui.monitor.state import LevelHistory, Meter, MonitorState
from deeptone_tui.protocol.units import from_dbfs

MEASURED = MonitorState(
    meter=Meter(level=0.1, peak=0.4, vu=0.05, clips=2),
    history=LevelHistory(7, np.array([0.0, 0.01, 0.5], dtype=np.float32)),
)


def test_all_that_is_compared_with_the_threshold_is_shifted() -> None:
    """Six decibels and a bit are twice the level; clips are counted, not measured."""
    twice = shifted(MEASURED, 20 * np.log10(2))
    assert twice.meter.level == pytest.approx(0.2)
    assert twice.meter.peak == pytest.approx(0.8)
    assert twice.meter.vu == pytest.approx(0.1)
    assert twice.meter.clips == 2
    assert twice.history.first_step == 7
    np.testing.assert_allclose(twice.history.levels, [0.0, 0.02, 1.0])
    assert not twice.history.levels.flags.writeable
    np.testing.assert_allclose(MEASURED.history.levels, [0.0, 0.01, 0.5])


def test_a_shift_is_counted_from_the_measured_levels() -> None:
    """A state that is shifted already is not shifted twice."""
    there = shifted(shifted(MEASURED, 3.0), -2.0)
    assert there.shift == -2.0
    assert there.meter.level == pytest.approx(0.1 * from_dbfs(-2.0))
    back = shifted(there, 0.0)
    assert back.meter.level == pytest.approx(0.1)
    np.testing.assert_allclose(back.history.levels, MEASURED.history.levels, rtol=1e-6)


def test_no_shift_costs_nothing() -> None:
    """The state is the same one."""
    assert shifted(MEASURED, 0.0) is MEASURED
