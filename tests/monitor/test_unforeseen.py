"""Errors that nobody foresaw, in each part of the core: told, and all else goes on."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from support.endpoints.recording_endpoint import RecordingEndpoint, recording_endpoint
from support.sources.acted_source import ActedSource
from support.time.waiting import until_state as until

from deeptone_tui.audio import Source, SourceKind, SourceOptions, SourceSpec
from deeptone_tui.monitor import Monitor, SessionPhase, SourcePhase
from deeptone_tui.monitor.evaluation import ChangeLog, Comparison
from deeptone_tui.monitor.handover import Outside
from deeptone_tui.monitor.metering import FaultWatch, Metering
from deeptone_tui.monitor.recording_controller import RecordingController
from deeptone_tui.monitor.state import MonitorState
from deeptone_tui.monitor.status_reducer import StatusReducer
from deeptone_tui.protocol import STEP_SAMPLES, StreamParameters
from deeptone_tui.session import RemoteTarget
from deeptone_tui.session.stream_session import StreamSession
from deeptone_tui.session.target import StreamRequest

Listening = Callable[..., Monitor]
PARAMETERS = StreamParameters(output_period=128)
MICROPHONE = SourceSpec(SourceKind.MICROPHONE)
BLOCKS = 8


def told(state: MonitorState, words: str) -> bool:
    """Whether something was said."""
    return any(words in notice.words for notice in state.notices)


def fail(*_args: object, **_kwargs: object) -> NoReturn:
    """Break in a way that nobody foresaw."""
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("broken", "part"),
    [
        ((Metering, "feed"), "level meter"),
        ((FaultWatch, "feed"), "look at the input"),
        ((Comparison, "take"), "comparison"),
        ((ChangeLog, "begin_source"), "source"),
        ((RecordingController, "entry"), "recording"),
        ((RecordingController, "look"), "recording"),
        ((StatusReducer, "look"), "account of the session"),
        ((Metering, "history"), "state"),
    ],
)
def test_a_part_that_breaks_takes_nothing_with_it(  # noqa: PLR0917  fixtures
    endpoint: RecordingEndpoint,
    microphone: ActedSource,
    listening: Listening,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    broken: tuple[type, str],
    part: str,
) -> None:
    """Endpoint and recording get every sample, and it is told in words."""
    monkeypatch.setattr(*broken, fail)
    monitor = listening(RemoteTarget(endpoint.url), record=tmp_path)
    for _ in range(BLOCKS):
        microphone.deliver(STEP_SAMPLES)
    whole = BLOCKS * STEP_SAMPLES
    until(monitor, lambda state: told(state, f"unexpected ZeroDivisionError in the {part}"))
    deadline = time.monotonic() + 20
    while sum(map(len, endpoint.connections)) < 2 * whole:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert monitor.stop()
    (file,) = tmp_path.glob("*/audio-000.wav")
    assert file.stat().st_size == 44 + 2 * whole


def test_a_command_that_fails_ends_nothing(
    endpoint: RecordingEndpoint,
    microphone: ActedSource,
    listening: Listening,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The next one is obeyed."""
    monkeypatch.setattr(Metering, "reset_peaks", fail)
    monitor = listening(RemoteTarget(endpoint.url))
    microphone.deliver(4096)
    until(monitor, lambda state: state.counters.captured == 4096)
    monitor.reset_peaks()
    until(monitor, lambda state: told(state, "unexpected ZeroDivisionError in the command"))
    monitor.shift(3.0)
    until(monitor, lambda state: state.shift == 3.0)
    assert monitor.stop()


def test_a_source_that_breaks_in_a_new_way_is_opened_again(
    endpoint: RecordingEndpoint, microphone: ActedSource, listening: Listening
) -> None:
    """As one that was lost."""
    monitor = listening(RemoteTarget(endpoint.url))
    microphone.deliver(4096)
    until(monitor, lambda state: state.counters.captured == 4096)
    microphone.lose(ZeroDivisionError("hush"))
    until(monitor, lambda state: state.source.phase is SourcePhase.LOST)
    until(monitor, lambda state: state.source.phase is SourcePhase.RUNNING)
    microphone.deliver(4096)
    state = until(monitor, lambda state: state.counters.captured == 8192)
    assert monitor.stop()
    assert told(state, "unexpected ZeroDivisionError in the source")
    assert "hush" not in str(state.notices)


def test_another_source_can_be_chosen_after_one_that_breaks_at_opening(
    endpoint: RecordingEndpoint,
) -> None:
    """It has failed, and the core lives."""
    good = ActedSource()

    def opened(spec: SourceSpec, _options: SourceOptions) -> Source:
        if spec.value == "good":
            return good
        raise ZeroDivisionError

    outside = Outside(open_source=opened)
    provider = RemoteTarget(endpoint.url)
    monitor = Monitor(MICROPHONE, SourceOptions(), provider, PARAMETERS, outside=outside)
    monitor.start()
    until(monitor, lambda state: state.source.phase is SourcePhase.FAILED)
    monitor.switch_source(SourceSpec(SourceKind.MICROPHONE, "good"))
    good.deliver(4096)
    until(monitor, lambda state: state.counters.captured == 4096)
    assert monitor.stop()


def test_a_session_that_dies_again_and_again_takes_nothing_with_it(
    microphone: ActedSource, listening: Listening, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is told, the recording goes on, and another endpoint can be asked."""
    begin = StreamSession._begin_with

    async def begin_or_fail(self: StreamSession, plan: StreamRequest) -> object:
        return fail() if plan.provider.label == "nowhere" else await begin(self, plan)

    monkeypatch.setattr(StreamSession, "_begin_with", begin_or_fail)
    provider = RemoteTarget("ws://nowhere/stream")
    monitor = listening(provider, record=tmp_path)
    state = until(monitor, lambda state: state.session.phase is SessionPhase.REFUSED)
    assert "attempts in a row" in state.session.message
    for _ in range(BLOCKS):
        microphone.deliver(STEP_SAMPLES)
    until(monitor, lambda state: state.counters.captured == BLOCKS * STEP_SAMPLES)
    with recording_endpoint() as other:
        monitor.switch_provider(RemoteTarget(other.url))
        until(monitor, lambda state: state.session.phase is not SessionPhase.REFUSED)
        microphone.deliver(4096)
        until(monitor, lambda state: state.counters.results > 1)
        assert monitor.stop()
    (file,) = tmp_path.glob("*/audio-000.wav")
    assert file.stat().st_size == 44 + 2 * (BLOCKS * STEP_SAMPLES + 4096)
