"""The monitor as the rest of the program sees it: a thread, a state, commands."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
import soundfile
from support.endpoints.fake_endpoints import HangingProvider
from support.endpoints.recording_endpoint import RecordingEndpoint, recording_endpoint
from support.sources.acted_source import ActedSource
from support.time.waiting import until_state as until

from deeptone_tui.audio import SourceInfo, SourceKind, SourceOptions, SourceSpec
from deeptone_tui.dsp import Samples
from deeptone_tui.monitor import Monitor, PlacedResult, SessionPhase, SourcePhase, SourceStatus
from deeptone_tui.monitor.handover import ResultQueue
from deeptone_tui.monitor.pipeline import words_of
from deeptone_tui.monitor.state import MonitorState
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session import RemoteTarget

Listening = Callable[..., Monitor]
FAST = SourceOptions(realtime=False)
PARAMETERS = StreamParameters(output_period=128)
MICROPHONE = SourceSpec(SourceKind.MICROPHONE)


@pytest.fixture
def recording(tmp_path: Path) -> tuple[SourceSpec, Samples]:
    """Twenty seconds of noise in a file."""
    audio = (np.random.default_rng(5).standard_normal(320_000) * 3000).astype(np.int16)
    soundfile.write(tmp_path / "noise.wav", audio, 16_000, subtype="PCM_16")
    return SourceSpec(SourceKind.FILE, str(tmp_path / "noise.wav")), audio


def identity_holds(state: MonitorState) -> bool:
    """Every cursor is behind the one before it."""
    counters = state.counters
    in_flight = counters.captured - counters.answered - counters.lost
    return in_flight >= 0 and counters.captured >= counters.sent >= counters.answered


def test_a_file_reaches_the_endpoint_sample_for_sample(
    endpoint: RecordingEndpoint, recording: tuple[SourceSpec, Samples]
) -> None:
    """And every period's result comes back in its place."""
    spec, audio = recording
    states: list[MonitorState] = []
    monitor = Monitor(
        spec,
        FAST,
        RemoteTarget(endpoint.url, "hush"),
        PARAMETERS,
        on_update=lambda: states.append(monitor.state),
    )
    monitor.start()
    assert monitor.wait(20)
    entries = monitor.take_entries()
    state = monitor.state
    assert monitor.stop()
    assert bytes(endpoint.connections[0]) == audio.tobytes()
    assert [entry.sample for entry in entries] == list(range(0, 320_000 - 2047, 2048))
    assert [entry.step.timestamp for entry in entries] == [128.0 * n for n in range(156)]
    assert state.source.phase is SourcePhase.ENDED
    assert state.session.phase is SessionPhase.CLOSED
    assert state.counters.captured == state.counters.sent == 320_000
    assert state.counters.results == 156
    assert state.history.end_step == 312
    assert all(identity_holds(state) for state in states)
    assert [state.revision for state in states] == list(range(1, len(states) + 1))
    assert "hush" not in str(states)


def test_no_result_can_be_taken_before_a_state_counts_it(
    endpoint: RecordingEndpoint,
    recording: tuple[SourceSpec, Samples],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not even by a reader who comes at the worst moment: right after each was handed over."""
    seen: list[tuple[list[PlacedResult], MonitorState]] = []
    put = ResultQueue.put

    def put_and_look(handover: ResultQueue, entry: PlacedResult) -> None:
        put(handover, entry)
        seen.append((monitor.take_entries(), monitor.state))

    monkeypatch.setattr(ResultQueue, "put", put_and_look)
    monitor = Monitor(recording[0], FAST, RemoteTarget(endpoint.url), PARAMETERS)
    monitor.start()
    assert monitor.wait(20)
    seen.append((monitor.take_entries(), monitor.state))
    assert monitor.stop()
    assert sum(len(entries) for entries, _ in seen) == 156
    told = 0
    for entries, state in seen:
        told += len(entries)
        assert state.counters.results >= told
        assert all(state.counters.answered >= each.sample + each.samples for each in entries)
        assert all(state.history.end_step * 1024 >= each.sample for each in entries)


def test_a_start_and_a_stop_leave_nothing_behind(
    endpoint: RecordingEndpoint, recording: tuple[SourceSpec, Samples]
) -> None:
    """No thread stays, and stopping twice is as good as once."""
    before = threading.active_count()
    for _ in range(3):
        monitor = Monitor(recording[0], SourceOptions(), RemoteTarget(endpoint.url), PARAMETERS)
        monitor.start()
        until(monitor, lambda state: state.counters.results > 1)
        assert monitor.stop()
        assert monitor.stop()
    assert threading.active_count() == before


def test_a_monitor_that_never_started_stops_at_once(endpoint: RecordingEndpoint) -> None:
    """Commands before the start are kept, commands after the stop do nothing."""
    monitor = Monitor(MICROPHONE, SourceOptions(), RemoteTarget(endpoint.url), PARAMETERS)
    monitor.apply(volume_threshold=0.5)
    assert monitor.stop()
    monitor.start()
    monitor.pause()
    assert not endpoint.connections


def test_a_command_right_after_the_start_counts(
    recording: tuple[SourceSpec, Samples], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the new thread gets its first turn late."""

    class LateThread(threading.Thread):
        def run(self) -> None:
            time.sleep(0.1)
            super().run()

    monkeypatch.setattr(threading, "Thread", LateThread)
    monitor = Monitor(recording[0], FAST, HangingProvider(), PARAMETERS)
    wanted = replace(PARAMETERS, volume_threshold=0.5)
    monitor.start()
    monitor.apply(volume_threshold=0.5)
    until(monitor, lambda state: state.session.phase is SessionPhase.STARTING)
    until(monitor, lambda state: state.session.pending == wanted)
    assert monitor.stop()


def test_measuring_needs_no_endpoint(recording: tuple[SourceSpec, Samples]) -> None:
    """Levels are there, nobody is called, nothing is lost."""
    monitor = Monitor(recording[0], FAST, HangingProvider(), PARAMETERS, stream=False)
    monitor.start()
    assert monitor.wait(20)
    assert monitor.stop()
    assert monitor.state.counters.captured == 320_000
    assert monitor.state.counters.lost == 0
    assert monitor.state.history.end_step == 312
    assert monitor.state.session.phase is SessionPhase.IDLE


def test_a_file_that_is_not_there_is_said_and_ends_the_waiting(
    endpoint: RecordingEndpoint,
) -> None:
    """Failed for good."""
    spec = SourceSpec(SourceKind.FILE, "/nowhere/at/all.wav")
    monitor = Monitor(spec, FAST, RemoteTarget(endpoint.url), PARAMETERS)
    monitor.start()
    assert monitor.wait(10)
    assert monitor.state.source.phase is SourcePhase.FAILED
    assert "all.wav" in monitor.state.source.message
    assert monitor.stop()


def test_a_threshold_is_applied_over_a_new_connection_without_a_gap(
    endpoint: RecordingEndpoint, recording: tuple[SourceSpec, Samples]
) -> None:
    """The second connection hears a period again, for its model, and goes on to the sample."""
    spec, audio = recording
    monitor = Monitor(spec, SourceOptions(), RemoteTarget(endpoint.url), PARAMETERS)
    monitor.start()
    until(monitor, lambda state: state.counters.results >= 3)
    louder = replace(PARAMETERS, volume_threshold=0.5)
    monitor.apply(volume_threshold=0.5)
    state = until(monitor, lambda state: state.session.applied == louder)
    state = until(monitor, lambda now: now.counters.results > state.counters.results + 2)
    assert monitor.stop()
    first, second = (bytes(got) for got in endpoint.connections)
    assert first == audio.tobytes()[: len(first)]
    again = 2 * 2 * PARAMETERS.period_samples  # two periods cover 146 ms
    assert second == audio.tobytes()[len(first) - again :][: len(second)]
    assert state.counters.lost == 0
    assert state.session.pending is None
    samples = [entry.sample for entry in monitor.take_entries()]
    assert samples == [2048 * n for n in range(len(samples))]


def test_agreement_is_measured_at_the_applied_threshold(
    endpoint: RecordingEndpoint, recording: tuple[SourceSpec, Samples]
) -> None:
    """This endpoint calls everything silence: right at 1, wrong at 0."""
    for threshold, agreed in ((1.0, 156), (0.0, 0)):
        parameters = replace(PARAMETERS, volume_threshold=threshold)
        monitor = Monitor(recording[0], FAST, RemoteTarget(endpoint.url), parameters)
        monitor.start()
        assert monitor.wait(20)
        assert monitor.stop()
        assert monitor.state.agreement.compared == 156
        assert monitor.state.agreement.agreed == agreed


def test_pause_and_seek_go_through(
    endpoint: RecordingEndpoint, recording: tuple[SourceSpec, Samples]
) -> None:
    """A paused file stands; a seek begins a new connection, and the index goes on."""
    monitor = Monitor(recording[0], SourceOptions(), RemoteTarget(endpoint.url), PARAMETERS)
    monitor.start()
    until(monitor, lambda state: state.counters.results >= 2)
    monitor.pause()
    until(monitor, lambda state: state.source.phase is SourcePhase.PAUSED)
    standing = monitor.state.counters.captured
    monitor.seek(19.5)
    until(monitor, lambda state: state.source.position == 19.5)
    assert monitor.state.counters.captured == standing
    monitor.resume()
    assert monitor.wait(10)
    assert monitor.stop()
    assert monitor.state.counters.captured == standing + 8000
    assert len(endpoint.connections) == 2
    assert identity_holds(monitor.state)


def test_another_source_and_another_endpoint_go_through(
    endpoint: RecordingEndpoint, recording: tuple[SourceSpec, Samples]
) -> None:
    """One after the other, with the index going on."""
    monitor = Monitor(recording[0], SourceOptions(), RemoteTarget(endpoint.url), PARAMETERS)
    monitor.start()
    state = until(monitor, lambda state: state.counters.results >= 2)
    with recording_endpoint() as other:
        monitor.switch_provider(RemoteTarget(other.url))
        until(monitor, lambda state: state.session.url == other.url)
        until(monitor, lambda state: state.session.phase is SessionPhase.STREAMING)
        monitor.switch_source(recording[0], FAST)
        assert monitor.wait(20)
        assert monitor.state.counters.captured > 320_000 + state.counters.captured
        assert len(other.connections) == 2
        assert monitor.stop()


def test_an_ended_file_can_be_heard_again(
    endpoint: RecordingEndpoint, recording: tuple[SourceSpec, Samples]
) -> None:
    """A seek after the end begins a new connection, and its end is an end again."""
    monitor = Monitor(recording[0], FAST, RemoteTarget(endpoint.url), PARAMETERS)
    monitor.start()
    assert monitor.wait(20)
    monitor.seek(18.0)
    until(monitor, lambda state: state.counters.captured == 352_000)
    assert monitor.wait(20)
    assert monitor.stop()
    assert len(endpoint.connections) == 2
    assert monitor.state.session.phase is SessionPhase.CLOSED
    assert identity_holds(monitor.state)


def test_a_listener_that_is_gone_does_not_take_the_monitor_with_it(
    endpoint: RecordingEndpoint, recording: tuple[SourceSpec, Samples]
) -> None:
    """An error in the callback ends the callbacks, nothing else."""

    def fail() -> None:
        raise RuntimeError

    monitor = Monitor(recording[0], FAST, RemoteTarget(endpoint.url), PARAMETERS, on_update=fail)
    monitor.start()
    assert monitor.wait(20)
    assert monitor.stop()
    assert monitor.state.counters.results == 156


def test_a_state_that_does_not_change_is_not_published_again(
    endpoint: RecordingEndpoint, recording: tuple[SourceSpec, Samples]
) -> None:
    """A paused monitor costs nothing."""
    monitor = Monitor(recording[0], SourceOptions(), RemoteTarget(endpoint.url), PARAMETERS)
    monitor.start()
    until(monitor, lambda state: state.counters.results >= 1)
    monitor.pause()
    until(monitor, lambda state: state.source.phase is SourcePhase.PAUSED)
    time.sleep(0.4)
    revision = monitor.state.revision
    time.sleep(0.6)
    assert monitor.state.revision == revision
    assert monitor.stop()


DESK = SourceStatus(SourceInfo(SourceKind.MICROPHONE, "desk"), SourcePhase.RUNNING)


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ({}, {"phase": SourcePhase.STALLED}, "desk gives no data"),
        ({"phase": SourcePhase.STALLED}, {}, "desk gives data again"),
        ({}, {"phase": SourcePhase.LOST, "message": "desk was lost"}, "desk was lost"),
        ({"phase": SourcePhase.LOST}, {}, "desk is back"),
        (
            {"phase": SourcePhase.LOST},
            {"info": SourceInfo(SourceKind.MICROPHONE, "desk", rate=44_100)},
            "desk is back, at 44100 Hz instead of 16000",
        ),
        ({"phase": SourcePhase.OPENING}, {}, ""),
        ({}, {"info": SourceInfo(SourceKind.STDIN, "-"), "phase": SourcePhase.STALLED}, ""),
    ],
)
def test_each_trouble_of_a_device_has_its_words(
    before: dict[str, Any], now: dict[str, Any], words: str
) -> None:
    """For the log, the recording and the diagnostics of a stream."""
    assert words_of(replace(DESK, **before), replace(DESK, **now)) == words


def test_a_live_source_is_measured_counted_and_streamed(
    endpoint: RecordingEndpoint, microphone: ActedSource, listening: Listening
) -> None:
    """Losses and overflows that the source reports are in the counters and in words."""
    monitor = listening(RemoteTarget(endpoint.url))
    microphone.deliver(4096)
    microphone.deliver(4096, lost=8000, overflowed=True)
    state = until(monitor, lambda state: state.counters.results == 4)
    assert monitor.stop()
    assert (state.counters.dropped_by_source, state.counters.overflows) == (8000, 1)
    assert monitor.state.notices[-1].words == (
        "0.50 s of audio lost from 00:00:00: the source did not hand it over"
    )
    assert state.meter.level > 0
    assert state.session.latency is not None
    assert microphone.closed == 1


def test_a_silent_device_is_told_from_a_quiet_one(
    endpoint: RecordingEndpoint, microphone: ActedSource, listening: Listening
) -> None:
    """No data comes up by itself, and a stalled device does not hold up the end."""
    monitor = listening(RemoteTarget(endpoint.url))
    microphone.deliver(4096)
    until(monitor, lambda state: state.source.phase is SourcePhase.STALLED)
    begun = time.monotonic()
    assert monitor.stop()
    assert time.monotonic() - begun < 0.5


def test_an_endpoint_that_never_gets_ready_does_not_hold_up_the_end(
    microphone: ActedSource,
    listening: Listening,
) -> None:
    """Nor the levels."""
    monitor = listening(HangingProvider())
    microphone.deliver(4096)
    until(monitor, lambda state: state.history.end_step == 4)
    until(monitor, lambda state: state.session.phase is SessionPhase.STARTING)
    assert monitor.stop()


def test_an_endpoint_that_is_not_there_does_not_hold_up_the_measuring(
    microphone: ActedSource,
    listening: Listening,
) -> None:
    """The meter goes on; more audio than the ring holds is no problem."""
    monitor = listening(RemoteTarget("wss://127.0.0.1:9/stream"))
    for _ in range(70):
        microphone.deliver(16_000)
    until(monitor, lambda state: state.counters.captured == 70 * 16_000)
    state = until(monitor, lambda state: state.session.phase is SessionPhase.RETRYING)
    assert "connection refused" in state.session.message
    assert identity_holds(state)
    assert monitor.stop()


def test_a_core_that_fails_says_so_instead_of_standing_still(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of the program is seen, also where there is no core that could go on."""

    def fail(*_args: object, **_options: object) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr("deeptone_tui.monitor.pipeline.Pipeline.__init__", fail)
    monitor = Monitor(MICROPHONE, SourceOptions(), HangingProvider(), PARAMETERS)
    monitor.start()
    assert monitor.wait(10)
    assert monitor.state.session.phase is SessionPhase.REFUSED
    assert "unexpected ZeroDivisionError in the monitor's core" in monitor.state.session.message
    assert "Traceback" in caplog.text
    assert monitor.stop()
