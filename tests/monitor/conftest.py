"""A monitor of a microphone that a test acts, and an endpoint that keeps what it gets."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.endpoints.recording_endpoint import RecordingEndpoint, recording_endpoint
from support.sources.acted_source import ActedSource

from deeptone_tui.audio import SourceKind, SourceOptions, SourceSpec
from deeptone_tui.monitor import Monitor
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session import TargetProvider


@pytest.fixture
def endpoint() -> Iterator[RecordingEndpoint]:
    """One that keeps what it gets."""
    with recording_endpoint() as running:
        yield running


@pytest.fixture
def microphone() -> ActedSource:
    """What every source opens as."""
    return ActedSource()


@pytest.fixture
def listening(microphone: ActedSource) -> Callable[..., Monitor]:
    """Start a monitor of the microphone."""

    def start(provider: TargetProvider, *, record: Path | None = None) -> Monitor:
        monitor = Monitor(
            SourceSpec(SourceKind.MICROPHONE),
            SourceOptions(),
            provider,
            StreamParameters(output_period=128),
            record=record,
            outside=microphone.outside,
        )
        monitor.start()
        return monitor

    return start
