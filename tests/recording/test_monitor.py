"""The monitor's recordings, against what went into it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from support.endpoints.recording_endpoint import RecordingEndpoint, recording_endpoint
from support.sources.recordings import audio_of, lines_of, only
from support.sources.recordings import recorded as recording_of
from support.sources.sounds import noise, write_wav
from support.time.waiting import until_state

from deeptone_tui.audio import SourceKind, SourceOptions, SourceSpec
from deeptone_tui.monitor import Monitor, PlacedResult
from deeptone_tui.monitor.state import MonitorState
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.recording.reading import open_recording
from deeptone_tui.replay import replay_monitor
from deeptone_tui.session import RemoteTarget

PARAMETERS = StreamParameters(output_period=128)
AUDIO = noise(320_000, peak=6000)
"""Twenty seconds."""
Start = Callable[..., Monitor]


@pytest.fixture
def endpoint() -> Iterator[RecordingEndpoint]:
    """One that keeps what it gets, and calls everything silence."""
    with recording_endpoint() as running:
        yield running


@pytest.fixture
def start(endpoint: RecordingEndpoint, tmp_path: Path) -> Start:
    """Starts a monitor on a file of the audio, which records at once where it is told to."""
    file = write_wav(tmp_path / "noise.wav", AUDIO)

    def started(record: Path | None = None, *, realtime: bool = True) -> Monitor:
        spec, options = SourceSpec(SourceKind.FILE, str(file)), SourceOptions(realtime=realtime)
        monitor = Monitor(spec, options, RemoteTarget(endpoint.url), PARAMETERS, record=record)
        monitor.start()
        return monitor

    return started


def heard_out(monitor: Monitor) -> tuple[MonitorState, list[PlacedResult]]:
    """The last state before the stop, and the results, of one that hears its source to the end."""
    assert monitor.wait(20)
    heard = monitor.state, monitor.take_entries()
    assert monitor.stop()
    return heard


def shown_again(folder: Path) -> tuple[MonitorState, list[PlacedResult]]:
    """The same of a recording, at high speed."""
    with closing(open_recording(folder)) as recording:
        again = replay_monitor(recording)
        again.set_speed(500.0)
        again.start()
        return heard_out(again)


def until_heard(monitor: Monitor, seconds: float) -> None:
    """Wait until so much was captured."""
    until_state(monitor, lambda state: state.seconds > seconds)


def recorded(state: MonitorState, samples: int) -> bool:
    """Whether so much is in the recording."""
    return state.recording is not None and state.recording.samples >= samples


def test_a_recording_equals_the_source_and_holds_every_result(
    endpoint: RecordingEndpoint, start: Start, tmp_path: Path
) -> None:
    """Sample for sample, from the first to the last."""
    monitor = start(tmp_path / "recordings", realtime=False)
    _, entries = heard_out(monitor)
    folder = only(tmp_path / "recordings")
    status = monitor.state.recording
    assert status is not None
    assert (status.path, status.samples, status.problem) == (folder, len(AUDIO), "")
    assert np.array_equal(audio_of(folder), AUDIO)
    assert audio_of(folder).tobytes() == bytes(endpoint.connections[0])
    lines = lines_of(folder / "results.jsonl")
    assert [(line["sample"], line["samples"], line["results"]) for line in lines] == [
        (entry.sample, entry.samples, entry.step.to_wire()["results"]) for entry in entries
    ]
    assert lines_of(folder / "events.jsonl")[-1]["event"] == "ended"


def test_what_was_recorded_is_shown_again(start: Start, tmp_path: Path) -> None:
    """The same levels, the same results, the same agreement."""
    before, entries = heard_out(start(tmp_path / "recordings", realtime=False))
    after, shown = shown_again(only(tmp_path / "recordings"))
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
    state, _ = shown_again(folder)
    assert state.counters.captured == 160_000
    assert state.counters.behind == 0


def test_recordings_begin_and_end_in_the_middle(start: Start, tmp_path: Path) -> None:
    """Each is a piece of the source, from its first sample on, in a folder of its own."""
    parent, monitor = tmp_path / "recordings", start()
    for seconds in (0.5, 1.2):
        until_heard(monitor, seconds)
        monitor.record(parent)
        until_state(monitor, lambda state: recorded(state, 8000))
        monitor.stop_recording()
        ended = until_state(monitor, lambda state: state.recording is None).counters.captured
        until_state(monitor, lambda state: state.counters.answered >= ended)  # noqa: B023  now
    assert monitor.stop()
    folders = sorted(parent.iterdir())
    assert len(folders) == 2
    for folder in folders:
        with closing(open_recording(folder)) as recording:
            (piece,) = recording.pieces
            results = recording.results.starts
            assert recording.problems == ()
        assert piece.start >= 8000
        assert piece.start % 1024 == 0
        assert np.array_equal(audio_of(folder), AUDIO[piece.start :][: piece.samples])
        assert results[0] - piece.start < PARAMETERS.period_samples
        end = piece.start + piece.samples
        assert end - results[-1] < 2 * PARAMETERS.period_samples  # one is not whole
        assert np.all(np.diff(results) == PARAMETERS.period_samples)


def test_winding_a_file_is_told_in_the_recording(start: Start, tmp_path: Path) -> None:
    """The recording is what was heard: one piece after the other, and where they meet."""
    monitor = start(tmp_path / "r")
    until_heard(monitor, 0.3)
    monitor.seek(10.0)
    until_state(monitor, lambda state: (state.source.position or 0) > 10.3)
    assert monitor.stop()
    folder = only(tmp_path / "r")
    told = [line for line in lines_of(folder / "events.jsonl") if line["event"] == "notice"]
    (wound,) = [line for line in told if line["words"] == "wound to 00:00:10"]
    at = wound["sample"]
    assert isinstance(at, int)
    recording = audio_of(folder)
    assert np.array_equal(recording[:at], AUDIO[:at])
    assert np.array_equal(recording[at:], AUDIO[160_000 : 160_000 + len(recording) - at])


def test_a_changed_threshold_is_in_the_recording(start: Start, tmp_path: Path) -> None:
    """Each result with the question that it answers."""
    louder = StreamParameters(output_period=128, volume_threshold=0.3)
    monitor = start(tmp_path / "r")
    until_state(monitor, lambda state: state.counters.results > 2)
    monitor.apply(volume_threshold=0.3)
    until_state(monitor, lambda state: state.session.applied == louder)
    results = monitor.state.counters.results
    until_state(monitor, lambda state: state.counters.results > results + 5)
    until_state(monitor, lambda state: recorded(state, state.counters.captured - 16_000))
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
    start: Start, tmp_path: Path
) -> None:
    """It is told once, in words."""
    (tmp_path / "file").write_text("")
    monitor = start(tmp_path / "file")
    state = until_state(monitor, lambda state: bool(state.notices) and state.counters.results > 3)
    assert [each.words for each in state.notices if "recording" in each.words] == [
        f"recording stopped: that is a file, not a folder ({tmp_path / 'file'})"
    ]
    assert state.recording is not None
    assert state.recording.problem
    assert monitor.stop()
