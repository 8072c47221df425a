"""A terminal that does not read, changes its size all the time, or is closed: the audio goes on."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from faults.sources import spoken
from support.endpoints.recording_endpoint import RecordingEndpoint, recording_endpoint
from support.programs.program import PROGRAM, surroundings
from support.sources.sounds import Samples, write_wav
from support.terminals.terminal import Terminal, is_running, terminal

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

AUDIO = spoken(120.0)
SIZES = [(24, 80), (5, 20), (60, 200), (1, 1), (30, 100), (24, 300), (100, 40), (20, 60)]
"""Rows and columns."""


@pytest.fixture
def endpoint() -> Iterator[RecordingEndpoint]:
    """One that keeps what it gets."""
    with recording_endpoint() as running:
        yield running


@pytest.fixture
def monitor(endpoint: RecordingEndpoint, tmp_path: Path) -> Iterator[Terminal]:
    """The program on a file, with the first audio at the endpoint, recording."""
    wav = write_wav(tmp_path / "audio.wav", AUDIO)
    options = ("--url", endpoint.url, "--record", str(tmp_path / "recordings"))
    env = surroundings(tmp_path)
    with terminal([*PROGRAM, str(wav), *options], env=env) as session:
        session.wait_for("STREAMING")
        session.wait_until(lambda: received(endpoint) > 16_000)
        yield session


def received(endpoint: RecordingEndpoint) -> int:
    """Samples that the endpoint has got."""
    return sum(len(got) for got in endpoint.connections) // 2


def until_received(session: Terminal, endpoint: RecordingEndpoint, seconds: float) -> None:
    """Wait for so much more audio, without reading what the program writes."""
    wanted = received(endpoint) + round(seconds * 16_000)
    session.wait_until(lambda: received(endpoint) >= wanted, pumping=False)


def sent(endpoint: RecordingEndpoint) -> Samples:
    """What the one connection has brought."""
    (got,) = endpoint.connections
    return np.frombuffer(bytes(got[: len(got) & ~1]), dtype="<i2")


def recorded(folder: Path) -> Samples:
    """The one recording."""
    (recording,) = (folder / "recordings").iterdir()
    (wav,) = recording.glob("*.wav")
    samples: Samples = soundfile.read(wav, dtype="int16")[0]
    return samples


def begins(samples: Samples) -> bool:
    """Whether these are the source's first samples."""
    return np.array_equal(samples, AUDIO[: len(samples)])


def test_a_terminal_that_nobody_reads_costs_nothing_but_its_picture(
    monitor: Terminal, endpoint: RecordingEndpoint, tmp_path: Path
) -> None:
    """The audio goes on meanwhile; the picture comes back with the reader."""
    until_received(monitor, endpoint, 6.0)
    monitor.wait_for("STREAMING")
    monitor.send("q")
    assert monitor.wait_for_exit() == 0
    assert begins(sent(endpoint))
    assert begins(recorded(tmp_path))
    assert len(recorded(tmp_path)) >= len(sent(endpoint))


def test_a_storm_of_sizes_passes_by(
    monitor: Terminal, endpoint: RecordingEndpoint, tmp_path: Path
) -> None:
    """Large, tiny and back, many times a second."""
    for rows, columns in SIZES * 12:
        monitor.process.setwinsize(rows, columns)
        monitor.pump(0.02)
    monitor.screen.resize(24, 80)
    monitor.process.setwinsize(24, 80)
    monitor.wait_for("STREAMING")
    until_received(monitor, endpoint, 0.5)
    monitor.send("q")
    assert monitor.wait_for_exit() == 0
    assert begins(sent(endpoint))
    assert begins(recorded(tmp_path))


def test_a_closed_terminal_leaves_a_finished_recording(
    monitor: Terminal, endpoint: RecordingEndpoint, tmp_path: Path
) -> None:
    """The program ends, and the WAV holds everything that was heard."""
    pid = monitor.pid
    monitor.hang_up()
    monitor.wait_until(lambda: not is_running(pid), pumping=False)
    assert begins(recorded(tmp_path))
    assert len(recorded(tmp_path)) >= len(sent(endpoint))
