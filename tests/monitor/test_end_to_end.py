"""The monitor with the real endpoint in its child process, on the demo."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from support.endpoints.shared_endpoint import SharedEndpoint

from deeptone_tui.audio import SourceKind, SourceOptions, SourceSpec
from deeptone_tui.endpoint import LocalEndpoint
from deeptone_tui.monitor import Monitor, MonitorState, PlacedResult, SessionPhase
from deeptone_tui.protocol import StreamParameters

DEMO = SourceSpec(SourceKind.DEMO)
FAST = SourceOptions(realtime=False)
THRESHOLDS = (0.0, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5)


@pytest.fixture(scope="module")
def shared() -> Iterator[SharedEndpoint]:
    """One child for several tests."""
    endpoint = LocalEndpoint()
    yield SharedEndpoint(endpoint)
    asyncio.run(endpoint.close())


def heard(
    provider: SharedEndpoint, parameters: StreamParameters
) -> tuple[MonitorState, list[PlacedResult]]:
    """The demo, as fast as it goes, to the end."""
    monitor = Monitor(DEMO, FAST, provider, parameters)
    monitor.start()
    assert monitor.wait(60)
    entries = monitor.take_entries()
    assert monitor.stop()
    return monitor.state, entries


def test_the_demo_is_answered_period_by_period_to_its_end(shared: SharedEndpoint) -> None:
    """Timestamps 0, 1024, 2048, …, raw values where asked for, and nothing lost."""
    parameters = StreamParameters(models=("speech-rt", "gender"), include_raw_values=True)
    state, entries = heard(shared, parameters)
    counters = state.counters
    periods = -(-counters.captured // 16_384)
    assert [entry.step.timestamp for entry in entries] == [1024.0 * n for n in range(periods)]
    assert all(set(entry.step.answers) == {"speech-rt", "gender"} for entry in entries)
    assert all(entry.step.raw for entry in entries)
    assert (counters.answered, counters.lost) == (counters.captured, 0)
    assert state.session.phase is SessionPhase.CLOSED


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_preview_and_endpoint_agree_on_every_period(
    shared: SharedEndpoint, threshold: float
) -> None:
    """Silence is the same on both sides, at any threshold."""
    parameters = StreamParameters(output_period=64, volume_threshold=threshold)
    state, entries = heard(shared, parameters)
    assert state.agreement.compared == len(entries) == state.counters.captured // 1024
    assert state.agreement.agreed == state.agreement.compared


def test_a_stopped_endpoint_does_not_hold_up_the_end() -> None:
    """SIGSTOP in the middle of the stream; the child is gone afterwards."""
    endpoint = LocalEndpoint()
    monitor = Monitor(DEMO, SourceOptions(), endpoint, StreamParameters())
    monitor.start()
    while monitor.state.counters.results < 2:
        time.sleep(0.01)
    pid = endpoint.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    time.sleep(1)
    begun = time.monotonic()
    assert monitor.stop()
    assert time.monotonic() - begun < 0.5
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("after", [0.0, 0.05, 0.3])
def test_a_stop_while_the_endpoint_starts_leaves_no_child(after: float) -> None:
    """Whatever stage the start is at."""
    endpoint = LocalEndpoint()
    monitor = Monitor(DEMO, SourceOptions(), endpoint, StreamParameters())
    monitor.start()
    time.sleep(after)
    pid = endpoint.pid
    assert monitor.stop(2.0)
    assert endpoint.pid is None
    if pid is not None:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_killed_endpoint_is_started_again() -> None:
    """The next connection is to a new child, and every sample is accounted for."""
    endpoint = LocalEndpoint()
    monitor = Monitor(DEMO, FAST, endpoint, replace(StreamParameters(), output_period=512))
    monitor.start()
    while monitor.state.counters.results < 5:
        time.sleep(0.005)
    pid = endpoint.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert monitor.wait(60)
    entries = monitor.take_entries()
    counters = monitor.state.counters
    assert monitor.stop()
    assert (counters.answered, counters.lost) == (counters.captured, 0)
    assert [entry.sample for entry in entries] == [8192 * n for n in range(len(entries))]
