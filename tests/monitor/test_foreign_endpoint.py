"""The monitor at endpoints that measure volume in their own way, over real websockets."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from support.endpoints.gating_endpoint import Levels, Volume, gating_endpoint, peak, rms
from support.time.waiting import until_state as until

from deeptone_tui.audio import SourceKind, SourceOptions, SourceSpec
from deeptone_tui.monitor import Monitor, MonitorState
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.protocol.units import from_dbfs, to_dbfs
from deeptone_tui.session import RemoteTarget
from deeptone_tui.tuning.offset import Offset, OffsetFinding

DEMO = SourceSpec(SourceKind.DEMO)
FAST = SourceOptions(realtime=False)
LIVELY = SourceOptions(loop=True)
STEPS = StreamParameters(output_period=64)


def half_as_loud_again(steps: Levels) -> Levels:
    """RMS with a gain of 1.5."""
    return 1.5 * rms(steps)


def half_as_loud(steps: Levels) -> Levels:
    """RMS with a gain of a half."""
    return 0.5 * rms(steps)


@contextmanager
def monitoring(url: str, options: SourceOptions = FAST) -> Iterator[Monitor]:
    """A monitor of the demo that is stopped in the end."""
    monitor = Monitor(DEMO, options, RemoteTarget(url), STEPS)
    monitor.start()
    try:
        yield monitor
    finally:
        assert monitor.stop(5)


def offset_of(state: MonitorState) -> Offset:
    """What was estimated."""
    assert state.agreement.offset is not None
    return state.agreement.offset


@pytest.mark.parametrize(("volume", "gain"), [(half_as_loud_again, 1.5), (half_as_loud, 0.5)])
def test_another_scale_is_found_and_shifted_away(volume: Volume, gain: float) -> None:
    """All disagreements are explained by it, and with the shift there are none."""
    with gating_endpoint(volume) as url, monitoring(url) as monitor:
        assert monitor.wait(60)
        before = monitor.state
        found = offset_of(before)
        assert found.finding is OffsetFinding.FOUND
        assert found.low <= to_dbfs(gain) <= found.high
        assert abs(found.decibels - to_dbfs(gain)) <= found.spread
        assert before.agreement.agreed < before.agreement.compared
        monitor.shift(found.decibels)
        after = until(monitor, lambda state: state.shift != 0)
    assert after.agreement.agreed == after.agreement.compared == before.agreement.compared
    np.testing.assert_allclose(
        after.history.levels, before.history.levels * from_dbfs(found.decibels), rtol=1e-5
    )


def test_another_measure_is_explained_as_far_as_it_goes() -> None:
    """Peaks lie over the RMS by no fixed ratio: the shift helps, and does not pretend more."""
    with gating_endpoint(peak) as url, monitoring(url) as monitor:
        assert monitor.wait(60)
        agreement = monitor.state.agreement
        found = offset_of(monitor.state)
    assert found.finding is OffsetFinding.FOUND
    assert found.decibels > 3.0
    assert agreement.agreed < found.agreed_after < agreement.compared


def test_an_endpoint_that_measures_as_we_do_needs_no_shift() -> None:
    """It agrees to the period, wherever it runs."""
    with gating_endpoint(rms) as url, monitoring(url) as monitor:
        assert monitor.wait(60)
        agreement = monitor.state.agreement
        assert offset_of(monitor.state).finding is OffsetFinding.AGREES
    assert agreement.agreed == agreement.compared > 900


def test_another_endpoint_ends_the_shift() -> None:
    """From its first result on, nothing of the one before is counted."""
    with (
        gating_endpoint(half_as_loud_again) as url,
        gating_endpoint(rms) as other,
        monitoring(url, LIVELY) as monitor,
    ):
        until(monitor, lambda state: state.agreement.compared >= 20)
        monitor.shift(3.5)
        shifted = until(monitor, lambda state: state.shift == 3.5)
        monitor.switch_provider(RemoteTarget(other))
        state = until(monitor, lambda state: state.shift == 0 and state.agreement.compared > 0)
        assert state.agreement.compared < shifted.agreement.compared
        assert state.agreement.agreed == state.agreement.compared


def test_the_shift_outlives_a_change_of_the_threshold() -> None:
    """It belongs to the endpoint, and not to what that is asked for."""
    with gating_endpoint(half_as_loud_again) as url, monitoring(url, LIVELY) as monitor:
        until(monitor, lambda state: state.agreement.compared > 0)
        monitor.shift(3.5)
        louder = StreamParameters(output_period=64, volume_threshold=0.02)
        monitor.apply(volume_threshold=0.02)
        state = until(monitor, lambda state: state.session.applied == louder)
        more = state.agreement.compared + 10
        state = until(monitor, lambda state: state.agreement.compared >= more)
        assert state.shift == 3.5
