"""Twenty changes in the middle of speech, with the real endpoint."""

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.endpoints.shared_endpoint import SharedEndpoint
from support.sources.attentive_source import AttentiveSource
from support.sources.sounds import Samples

from deeptone_tui.audio import SourceKind, SourceOptions, SourceSpec
from deeptone_tui.endpoint import LocalEndpoint
from deeptone_tui.monitor import Monitor, MonitorState, PlacedResult
from deeptone_tui.monitor.handover import Outside
from deeptone_tui.protocol import StreamParameters

pytestmark = pytest.mark.thorough  # the matrix makes twenty changes with a scripted endpoint

DATA = Path(__file__).parent.parent / "data"
LOW = StreamParameters(models=("speech-rt", "speech"), volume_threshold=0.002)
HIGH = replace(LOW, volume_threshold=0.02)
FEWER = replace(LOW, models=("speech",))
SECONDS = 240
CHANGES = 20
SPEED = 12.0
"""Times real time: a change takes a fifth of a second whatever the machine, and must not take
more than a few seconds of the speech."""
Run = tuple[MonitorState, list[PlacedResult]]


@pytest.fixture(scope="module")
def shared() -> Iterator[SharedEndpoint]:
    """One child for all runs."""
    endpoint = LocalEndpoint()
    yield SharedEndpoint(endpoint)
    asyncio.run(endpoint.close())


def speech() -> Samples:
    """A man and a woman in turn, with the short pauses of speech only."""
    voices = [soundfile.read(DATA / name, dtype="int16")[0] for name in ("man.flac", "woman.flac")]
    turn = np.concatenate(voices)
    return np.tile(turn, -(-SECONDS * 16_000 // len(turn)))[: SECONDS * 16_000]


def run(
    endpoint: SharedEndpoint,
    changes: Sequence[StreamParameters],
    first: StreamParameters,
) -> Run:
    """All of the speech, with changes, each made when the one before has been answered to."""
    monitor: Monitor
    source = AttentiveSource(
        speech(), lambda: monitor.state.counters.in_flight, speed=SPEED if changes else 0.0
    )
    outside = Outside(open_source=lambda *_: source)
    microphone = SourceSpec(SourceKind.MICROPHONE)
    monitor = Monitor(microphone, SourceOptions(), endpoint, first, outside=outside)
    monitor.start()
    for parameters in changes:
        answered = monitor.state.counters.results
        while monitor.state.counters.results < answered + 2:
            assert not monitor.wait(0), "the speech was too short for so many changes"
            time.sleep(0.005)
        monitor.apply(models=parameters.models, volume_threshold=parameters.volume_threshold)
        while monitor.state.session.applied != parameters:
            assert not monitor.wait(0), "the speech was too short for so many changes"
            time.sleep(0.005)
    assert monitor.wait(120)
    entries = monitor.take_entries()
    assert monitor.stop()
    return monitor.state, entries


def test_twenty_changes_in_speech_leave_no_trace(
    shared: SharedEndpoint,
) -> None:
    """No sample lost, no result missing or double, each label as in a run without a change."""
    changes = tuple(itertools.islice(itertools.cycle((HIGH, FEWER, LOW)), CHANGES))
    state, entries = run(shared, changes, LOW)
    counters = state.counters
    assert (counters.answered, counters.lost) == (counters.captured, 0)
    assert [entry.sample for entry in entries] == [16_384 * n for n in range(len(entries))]
    runs = [entry.parameters for entry in entries]
    assert sum(one != other for one, other in itertools.pairwise(runs)) == CHANGES
    expected = {each: run(shared, (), each)[1] for each in (LOW, HIGH)}
    for number, entry in enumerate(entries):
        asked = entry.parameters
        all_models = labels(expected[replace(asked, models=LOW.models)][number])
        wanted = {name: all_models[name] for name in asked.models}
        assert labels(entry) == wanted, f"at {entry.seconds:.1f} s"


def labels(entry: PlacedResult) -> dict[str, str | None]:
    """What each model says."""
    return {name: answer.result for name, answer in entry.step.answers.items()}
