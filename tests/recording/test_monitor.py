"""The monitor's recordings, against what went into it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.endpoints.recording_endpoint import RecordingEndpoint, recording_endpoint
from support.sources.recordings import audio_of, lines_of, only
from support.sources.recordings import recorded as recording_of
from support.sources.sounds import noise

from deeptone_tui.audio import SourceKind, SourceOptions, SourceSpec
from deeptone_tui.dsp import Samples
from deeptone_tui.monitor import Monitor
from deeptone_tui.monitor.state import MonitorState
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.recording.reading import open_recording
from deeptone_tui.replay import replay_monitor
from deeptone_tui.session import RemoteTarget

FAST = SourceOptions(realtime=False)
PARAMETERS = StreamParameters(output_period=128)


@pytest.fixture
def endpoint() -> Iterator[RecordingEndpoint]:
    """One that keeps what it gets, and calls everything silence."""
    with recording_endpoint() as running:
        yield running


@pytest.fixture
def sound(tmp_path: Path) -> tuple[SourceSpec, Samples]:
    """Twenty seconds of noise in a file."""
    audio = noise(320_000, peak=6000)
    soundfile.write(tmp_path / "noise.wav", audio, 16_000, subtype="PCM_16")
    return SourceSpec(SourceKind.FILE, str(tmp_path / "noise.wav")), audio


def until(monitor: Monitor, condition: Callable[[MonitorState], bool]) -> MonitorState:
    """Wait until the state is as wanted."""
    deadline = time.monotonic() + 20
    while not condition(state := monitor.state):
        assert time.monotonic() < deadline, state
        time.sleep(0.005)
    return state


def until_heard(monitor: Monitor, seconds: float) -> None:
    """Wait until so much was captured."""
    until(monitor, lambda state: state.seconds > seconds)


def until_answered(monitor: Monitor, samples: int) -> None:
    """Wait until so much has results."""
    until(monitor, lambda state: state.counters.answered >= samples)


def recorded(state: MonitorState, samples: int) -> bool:
    """Whether so much is in the recording."""
    return state.recording is not None and state.recording.samples >= samples


def test_a_recording_equals_the_source_and_holds_every_result(
    endpoint: RecordingEndpoint, sound: tuple[SourceSpec, Samples], tmp_path: Path
) -> None:
    """Sample for sample, from the first to the last."""
    spec, audio = sound
    parent = tmp_path / "recordings"
    monitor = Monitor(spec, FAST, RemoteTarget(endpoint.url), PARAMETERS, record=parent)
    monitor.start()
    assert monitor.wait(20)
    entries = monitor.take_entries()
    assert monitor.stop()
    folder = only(parent)
    status = monitor.state.recording
    assert status is not None
    assert (status.path, status.samples, status.problem) == (folder, len(audio), "")
    assert np.array_equal(audio_of(folder), audio)
    assert audio_of(folder).tobytes() == bytes(endpoint.connections[0])
    lines = lines_of(folder / "results.jsonl")
    assert [(line["sample"], line["samples"]) for line in lines] == [
        (entry.sample, entry.samples) for entry in entries
    ]
    assert [line["results"] for line in lines] == [
        entry.step.to_wire()["results"] for entry in entries
    ]
    assert lines_of(folder / "events.jsonl")[-1]["event"] == "ended"


def test_what_was_recorded_is_shown_again(
    endpoint: RecordingEndpoint, sound: tuple[SourceSpec, Samples], tmp_path: Path
) -> None:
    """The same levels, the same results, the same agreement."""
    spec, _ = sound
    parent = tmp_path / "recordings"
    first = Monitor(spec, FAST, RemoteTarget(endpoint.url), PARAMETERS, record=parent)
    first.start()
    assert first.wait(20)
    before, entries = first.state, first.take_entries()
    assert first.stop()
    recording = open_recording(only(parent))
    again = replay_monitor(recording)
    again.set_speed(500.0)
    again.start()
    assert again.wait(20)
    after, shown = again.state, again.take_entries()
    assert again.stop()
    recording.close()
    assert np.array_equal(after.history.levels, before.history.levels)
    assert [(each.sample, each.samples, each.step.answers) for each in shown] == [
        (each.sample, each.samples, each.step.answers) for each in entries
    ]
    assert (after.agreement.compared, after.agreement.agreed) == (
        before.agreement.compared,
        before.agreement.agreed,
    )
    assert after.session.applied == PARAMETERS
    assert after.speed == 500.0


def test_a_recording_without_results_is_not_behind_when_it_is_shown(tmp_path: Path) -> None:
    """It was made while no endpoint answered; nothing of it waits to be sent."""
    folder = recording_of(tmp_path, noise(160_000, peak=6000))
    (folder / "results.jsonl").unlink()
    recording = open_recording(folder)
    again = replay_monitor(recording)
    again.set_speed(500.0)
    again.start()
    assert again.wait(20)
    assert again.state.counters.captured == 160_000
    assert again.state.counters.behind == 0
    assert again.stop()
    recording.close()


def test_recordings_begin_and_end_in_the_middle(
    endpoint: RecordingEndpoint, sound: tuple[SourceSpec, Samples], tmp_path: Path
) -> None:
    """Each is a piece of the source, from its first sample on, in a folder of its own."""
    spec, audio = sound
    parent = tmp_path / "recordings"
    monitor = Monitor(spec, SourceOptions(), RemoteTarget(endpoint.url), PARAMETERS)
    monitor.start()
    for seconds in (0.5, 1.2):
        until_heard(monitor, seconds)
        monitor.record(parent)
        until(monitor, lambda state: recorded(state, 8000))
        monitor.stop_recording()
        ended = until(monitor, lambda state: state.recording is None).counters.captured
        until_answered(monitor, ended)
    assert monitor.stop()
    folders = sorted(parent.iterdir())
    assert len(folders) == 2
    for folder in folders:
        recording = open_recording(folder)
        (piece,) = recording.pieces
        assert piece.start >= 8000
        assert piece.start % 1024 == 0
        assert np.array_equal(audio_of(folder), audio[piece.start :][: piece.samples])
        results = recording.results.starts
        assert results[0] - piece.start < PARAMETERS.period_samples
        end = piece.start + piece.samples
        assert end - results[-1] < 2 * PARAMETERS.period_samples  # one is not whole
        assert np.all(np.diff(results) == PARAMETERS.period_samples)
        assert recording.problems == ()
        recording.close()


def test_winding_a_file_is_told_in_the_recording(
    endpoint: RecordingEndpoint, sound: tuple[SourceSpec, Samples], tmp_path: Path
) -> None:
    """The recording is what was heard: one piece after the other, and where they meet."""
    spec, audio = sound
    monitor = Monitor(
        spec, SourceOptions(), RemoteTarget(endpoint.url), PARAMETERS, record=tmp_path / "r"
    )
    monitor.start()
    until_heard(monitor, 0.3)
    monitor.seek(10.0)
    until(monitor, lambda state: (state.source.position or 0) > 10.3)
    assert monitor.stop()
    folder = only(tmp_path / "r")
    told = [line for line in lines_of(folder / "events.jsonl") if line["event"] == "notice"]
    (wound,) = [line for line in told if line["words"] == "wound to 00:00:10"]
    at = wound["sample"]
    assert isinstance(at, int)
    recording = audio_of(folder)
    assert np.array_equal(recording[:at], audio[:at])
    assert np.array_equal(recording[at:], audio[160_000 : 160_000 + len(recording) - at])


def test_a_loss_and_a_changed_threshold_are_in_the_recording(
    endpoint: RecordingEndpoint, sound: tuple[SourceSpec, Samples], tmp_path: Path
) -> None:
    """Each result with the question that it answers."""
    spec, _ = sound
    louder = StreamParameters(output_period=128, volume_threshold=0.3)
    monitor = Monitor(
        spec, SourceOptions(), RemoteTarget(endpoint.url), PARAMETERS, record=tmp_path / "r"
    )
    monitor.start()
    until(monitor, lambda state: state.counters.results > 2)
    monitor.apply(volume_threshold=0.3)
    until(monitor, lambda state: state.session.applied == louder)
    results = monitor.state.counters.results
    until(monitor, lambda state: state.counters.results > results + 5)
    until(monitor, lambda state: recorded(state, state.counters.captured - 16_000))
    assert monitor.stop()
    folder = only(tmp_path / "r")
    asked = [line["asked"] for line in lines_of(folder / "results.jsonl")]
    assert asked[0] == PARAMETERS.to_query()
    assert asked[-1] == louder.to_query()
    events = lines_of(folder / "events.jsonl")
    thresholds = [
        line["parameters"]["volume_threshold"]  # type: ignore[index]  # JSON
        for line in events
        if line["event"] == "settings"
    ]
    assert thresholds[0] == 0.005
    assert thresholds[-1] == 0.3


def test_a_folder_that_cannot_be_made_stops_nothing_but_the_recording(
    endpoint: RecordingEndpoint, sound: tuple[SourceSpec, Samples], tmp_path: Path
) -> None:
    """It is told once, in words."""
    spec, _ = sound
    (tmp_path / "file").write_text("")
    monitor = Monitor(
        spec, SourceOptions(), RemoteTarget(endpoint.url), PARAMETERS, record=tmp_path / "file"
    )
    monitor.start()
    state = until(monitor, lambda state: bool(state.notices) and state.counters.results > 3)
    assert [each.words for each in state.notices if "recording" in each.words] == [
        f"recording stopped: that is a file, not a folder ({tmp_path / 'file'})"
    ]
    assert state.recording is not None
    assert state.recording.problem
    assert monitor.stop()
