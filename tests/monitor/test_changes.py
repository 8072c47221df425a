"""What is in force, and the changes of it."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints.gating_endpoint import gating_endpoint, rms
from support.sources.acted_source import ActedSource
from support.sources.recordings import lines_of, only
from support.time.waiting import until_state as until

from deeptone_tui.audio import SourceInfo, SourceKind, SourceOptions, SourceSpec
from deeptone_tui.monitor import Monitor, MonitorState, PlacedResult, SourcePhase, capture
from deeptone_tui.monitor.evaluation import KEPT_CHANGES, ChangeLog, Judge
from deeptone_tui.monitor.handover import Outside
from deeptone_tui.monitor.state import Change, ChangeKind
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.recording.reading import open_recording
from deeptone_tui.replay import replay_monitor
from deeptone_tui.session import RemoteTarget

DESK = SourceInfo(SourceKind.MICROPHONE, "desk")
HEADSET = SourceInfo(SourceKind.MICROPHONE, "headset")
DEMO = SourceInfo(SourceKind.DEMO, "")
ASKED = StreamParameters(output_period=128)
HERE, THERE = Judge("here", "ws://here/stream"), Judge("there", "ws://there/stream")


def ignored(_change: Change) -> None:
    """Whom nothing is told."""


def test_the_first_of_all_is_no_change() -> None:
    """Nor is what comes again: a device that is back, a connection that is made anew."""
    log = ChangeLog(ignored)
    for sample in (0, 5000):
        log.begin_source(DESK, sample)
        log.take_result(HERE, replace(ASKED), sample)
    assert log.changes == ()
    assert log.source_at(4999) == log.source_at(5000) == "desk"


def test_sources_change_at_their_first_sample() -> None:
    """One microphone after another is a change of device, all else one of source."""
    told: list[Change] = []
    log = ChangeLog(told.append)
    log.begin_source(DESK, 0)
    log.begin_source(HEADSET, 1000)
    log.begin_source(DEMO, 2000)
    assert [(each.words, each.sample, each.number) for each in told] == [
        ("device desk → headset", 1000, 1),
        ("source headset → demo", 2000, 2),
    ]
    assert tuple(told) == log.changes
    names = [log.source_at(sample) for sample in (0, 999, 1000, 1999, 2000, 10**9)]
    assert names == ["desk", "desk", "headset", "headset", "demo", "demo"]


@pytest.mark.parametrize(
    ("endpoint", "asked", "words"),
    [
        (
            HERE,
            replace(ASKED, volume_threshold=0.0042),
            ["threshold 0.0050 → 0.0042 applied (−46.0 dBFS → −47.5 dBFS)"],
        ),
        (
            HERE,
            replace(ASKED, volume_threshold=0),
            ["threshold 0.0050 → 0.0000 applied (−46.0 dBFS → −∞ dBFS)"],
        ),
        (
            HERE,
            replace(ASKED, models=("speech-rt", "gender")),
            ["models speech-rt → speech-rt, gender applied"],
        ),
        (HERE, replace(ASKED, include_raw_values=True), []),
        (THERE, ASKED, ["endpoint here → there applied"]),
        (
            Judge("here", "ws://here/second"),
            ASKED,
            ["endpoint ws://here/stream → ws://here/second applied"],
        ),
        (
            THERE,
            StreamParameters(models=("speech",)),
            [
                "endpoint here → there applied",
                "models speech-rt → speech applied",
                "output period 128 ms → 1024 ms applied",
            ],
        ),
    ],
)
def test_what_results_are_judged_by_changes_with_the_first_of_them(
    endpoint: Judge, asked: StreamParameters, words: list[str]
) -> None:
    """Each thing by itself, at the sample where that result begins, and once."""
    log = ChangeLog(ignored)
    log.take_result(HERE, ASKED, 0)
    for sample in (2048, 4096):
        log.take_result(endpoint, asked, sample)
    assert [each.words for each in log.changes] == words
    assert {each.sample for each in log.changes} <= {2048}


def test_memory_is_bounded() -> None:
    """The newest stay, and numbers go on."""
    log = ChangeLog(ignored)
    for number in range(KEPT_CHANGES + 50):
        log.take_result(Judge(f"endpoint {number}"), ASKED, number)
    assert len(log.changes) == KEPT_CHANGES
    assert log.changes[-1].number == KEPT_CHANGES + 49


@given(st.lists(st.integers(1, 3)), st.integers(0, 20))
def test_what_is_new_is_told_once(batches: list[int], after: int) -> None:
    """However often the state is looked at."""
    log, states = ChangeLog(ignored), [MonitorState()]
    for count in [0, *batches]:
        for _ in range(count):
            log.add(Change(ChangeKind.SOURCE, "one", "other", 0))
        states.append(MonitorState(changes=log.changes))
    seen = [
        change.number
        for before, state in itertools.pairwise(states)
        for change in state.changes_since(before)
    ]
    assert seen == list(range(1, sum(batches) + 1))
    between = states[min(after, len(states) - 1)]
    assert len(states[-1].changes_since(between)) == sum(batches) - len(between.changes)


# In the running monitor.


@pytest.fixture
def endpoints() -> Iterator[tuple[str, str]]:
    """The addresses of two that really judge."""
    with gating_endpoint(rms) as one, gating_endpoint(rms) as other:
        yield one, other


def sound(folder: Path, name: str) -> SourceSpec:
    """A minute of noise in a file."""
    audio = (np.random.default_rng(5).standard_normal(960_000) * 3000).astype(np.int16)
    soundfile.write(folder / name, audio, 16_000, subtype="PCM_16")
    return SourceSpec(SourceKind.FILE, str(folder / name))


def told(monitor: Monitor, count: int) -> None:
    """Wait until so many changes were told, and results after them."""
    results = until(monitor, lambda state: len(state.changes) >= count).counters.results
    until(monitor, lambda state: state.counters.results > results + 2)


def first(entries: list[PlacedResult], condition: Callable[[PlacedResult], bool]) -> int:
    """Where the first result begins that is as wanted."""
    return next(entry.sample for entry in entries if condition(entry))


def test_changes_are_told_recorded_and_shown_again_where_they_take_effect(
    endpoints: tuple[str, str], tmp_path: Path
) -> None:
    """Threshold, models, endpoint and source, with a refused one among them that is none."""
    here, there = (url.split("/")[2] for url in endpoints)
    louder = replace(ASKED, volume_threshold=0.3)
    both = replace(louder, models=("speech-rt", "gender"))
    monitor = Monitor(
        sound(tmp_path, "one.wav"),
        SourceOptions(),
        RemoteTarget(endpoints[0]),
        ASKED,
        record=tmp_path / "r",
    )
    monitor.start()
    until(monitor, lambda state: state.counters.results > 2)
    monitor.apply(volume_threshold=louder.volume_threshold)
    told(monitor, 1)
    monitor.switch_provider(RemoteTarget("ws://127.0.0.1:1/stream"))
    until(monitor, lambda state: any("refused" in each.words for each in state.notices))
    monitor.apply(models=both.models)
    told(monitor, 2)
    monitor.switch_provider(RemoteTarget(endpoints[1]))
    told(monitor, 3)
    monitor.switch_source(sound(tmp_path, "two.wav"))
    told(monitor, 4)
    assert monitor.stop()
    entries, changes = monitor.take_entries(), monitor.state.changes
    assert [each.words for each in changes] == [
        "threshold 0.0050 → 0.3000 applied (−46.0 dBFS → −10.5 dBFS)",
        "models speech-rt → speech-rt, gender applied",
        f"endpoint {here} → {there} applied",
        "source one.wav → two.wav",
    ]
    source = changes[3].sample
    assert [each.sample for each in changes[:3]] == [
        first(entries, lambda entry: entry.parameters.volume_threshold == louder.volume_threshold),
        first(entries, lambda entry: entry.parameters == both),
        first(entries, lambda entry: entry.endpoint == there),
    ]
    assert {entry.source for entry in entries if entry.sample < source} == {"one.wav"}
    assert {entry.source for entry in entries if entry.sample >= source} == {"two.wav"}
    assert entries[0].endpoint == here
    check_recording(only(tmp_path / "r"), changes)


def microphone(name: str, refuses: str = "") -> ActedSource:
    """A device that is heard when something is put into it."""
    source = ActedSource(refuses=refuses)
    source.info = replace(source.info, name=name)
    return source


def test_a_device_is_another_only_once_it_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not when it cannot be opened, nor when one is lost and comes back."""
    devices = {name: microphone(name) for name in ("desk", "headset")}
    devices["broken"] = microphone("broken", "permission denied")
    monkeypatch.setattr(capture, "REOPEN_EVERY_S", 0.01)
    provider = RemoteTarget("ws://127.0.0.1:1/stream")
    outside = Outside(open_source=lambda spec, _: devices[spec.value])
    monitor = Monitor(device("desk"), SourceOptions(), provider, ASKED, outside=outside)
    monitor.start()
    devices["desk"].deliver(5000)
    until(monitor, lambda state: state.counters.captured == 5000)
    devices["desk"].lose("unplugged")
    devices["desk"].deliver(1000)
    until(monitor, lambda state: state.counters.captured == 6000)
    monitor.switch_source(device("broken"))
    until(monitor, lambda state: state.source.phase is SourcePhase.FAILED)
    monitor.switch_source(device("desk"))
    devices["desk"].deliver(1000)
    state = until(monitor, lambda state: state.counters.captured == 7000)
    assert state.changes == ()
    monitor.switch_source(device("broken"))
    until(monitor, lambda state: state.source.phase is SourcePhase.FAILED)
    monitor.switch_source(device("headset"))
    devices["headset"].deliver(1000)
    until(monitor, lambda state: state.counters.captured == 8000)
    assert monitor.stop()
    (change,) = monitor.state.changes
    assert (change.words, change.sample) == ("device desk → headset", 7000)


def device(name: str) -> SourceSpec:
    """A microphone by its name."""
    return SourceSpec(SourceKind.MICROPHONE, name)


def check_recording(folder: Path, changes: tuple[Change, ...]) -> None:
    """The changes are events of the recording, and are shown again with it."""
    events = [line for line in lines_of(folder / "events.jsonl") if line["event"] == "change"]
    assert [
        (line["what"], line["before"], line["after"], line["words"], line["sample"])
        for line in events
    ] == [(each.kind, each.before, each.after, each.words, each.sample) for each in changes]
    recording = open_recording(folder)
    again = replay_monitor(recording)
    again.set_speed(500.0)
    again.start()
    assert again.wait(30)
    entries, shown = again.take_entries(), again.state.changes
    assert again.stop()
    begun = recording.pieces[0].start
    recording.close()
    assert [(each.words, each.sample + begun) for each in shown] == [
        (each.words, each.sample) for each in sorted(changes, key=lambda each: each.sample)
    ]
    assert {entry.source for entry in entries} == {"one.wav", "two.wav"}
    assert {entry.endpoint for entry in entries} == {changes[2].before, changes[2].after}
