"""From a microphone to the endpoint: sample for sample, unplugged, stalled, and ended."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.endpoints.recording_endpoint import RecordingEndpoint, recording_endpoint
from support.sources.sounds import Samples, found_in, noise, write_wav
from support.sources.virtual_mics import PROGRAMS, VirtualMics, virtual_mics

pytestmark = pytest.mark.system(*PROGRAMS)
PROGRAM = Path(__file__).parents[1] / "support" / "programs" / "monitor_program.py"


@pytest.fixture(scope="module")
def mics() -> Iterator[VirtualMics]:
    """Microphones for all tests of this file."""
    with virtual_mics() as running:
        yield running


class Monitored:
    """The program on a microphone, and the endpoint that it streams to."""

    def __init__(self, mics: VirtualMics, endpoint: RecordingEndpoint) -> None:
        self.endpoint = endpoint
        self._mics = mics
        self._process = subprocess.Popen(
            [sys.executable, str(PROGRAM), "room", endpoint.url],
            env=mics.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def until(self, **phases: str) -> None:
        """Read on until the program tells these phases."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            if phases.items() <= told.items():
                return
        pytest.fail(f"it ended before it told {phases}")

    def play(self, samples: Samples, folder: Path) -> None:
        """Play to the end, and let it arrive."""
        path = write_wav(folder / "noise.wav", samples)
        assert self._mics.play(path, "room").wait(20) == 0
        time.sleep(0.3)

    def until_heard(self, played: Samples) -> None:
        """Wait until the endpoint has got all of it; the bound only catches a hang."""
        end = time.monotonic() + 20
        while played.astype("<i2").tobytes() not in self.endpoint.connections[0]:
            assert time.monotonic() < end, "what was played did not arrive"
            time.sleep(0.1)

    def heard(self) -> Samples:
        """What the endpoint got on its first connection."""
        return np.frombuffer(bytes(self.endpoint.connections[0]), dtype="<i2")

    def stop(self) -> None:
        """Let the program stand still."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def end(self) -> dict[str, Any]:
        """Stop it; gives how that went."""
        out, _ = self._process.communicate(timeout=10)
        assert self._process.returncode == 0
        summary: dict[str, Any] = json.loads(out.splitlines()[-1])
        return summary

    def kill(self) -> None:
        """End it whatever it does."""
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def monitored(mics: VirtualMics) -> Iterator[Monitored]:
    """A monitor on the microphone ``room``."""
    with recording_endpoint() as endpoint:
        running = Monitored(mics, endpoint)
        try:
            running.until(source="running", session="streaming")
            yield running
        finally:
            running.kill()


def test_what_is_played_is_what_the_endpoint_gets(monitored: Monitored, tmp_path: Path) -> None:
    """Sample for sample, over one connection, with nothing lost."""
    played = noise(32_000)
    monitored.play(played, tmp_path)
    assert np.array_equal(found_in(monitored.heard(), played), played)
    summary = monitored.end()
    assert summary["stopped"]
    assert summary["threads"] <= 2
    assert len(monitored.endpoint.connections) == 1


def test_an_unplugged_microphone_comes_back_by_itself(
    monitored: Monitored, mics: VirtualMics, tmp_path: Path
) -> None:
    """Lost is told, the device is opened again by its name, and the same connection goes on."""
    mics.unplug("room")
    monitored.until(source="lost")
    mics.replug("room")
    monitored.until(source="running")
    played = noise(16_000, seed=9)
    monitored.play(played, tmp_path)
    assert np.array_equal(found_in(monitored.heard(), played), played)
    summary = monitored.end()
    assert len(monitored.endpoint.connections) == 1
    assert any("room was lost" in notice for notice in summary["notices"])
    assert "room is back" in summary["notices"]


def test_what_was_said_while_the_program_stood_still_comes_afterwards(
    monitored: Monitored, tmp_path: Path
) -> None:
    """As with Ctrl+z and fg: the sound server keeps it, and nothing is told as lost."""
    played = noise(32_000, seed=4)
    monitored.stop()
    monitored.play(played, tmp_path)
    monitored.resume()
    monitored.until_heard(played)
    summary = monitored.end()
    assert set(summary["notices"]) <= {"room gives no data", "room gives data again"}
    assert len(monitored.endpoint.connections) == 1


@pytest.mark.parametrize("trouble", ["unplugged", "suspended"])
def test_a_microphone_in_trouble_does_not_hold_up_the_end(
    monitored: Monitored, mics: VirtualMics, trouble: str
) -> None:
    """Gone, or there without data: quitting takes under half a second."""
    try:
        if trouble == "unplugged":
            mics.unplug("room")
            monitored.until(source="lost")
        else:
            mics.suspend("room")
            monitored.until(source="no data")
        summary = monitored.end()
        assert summary["stopped"]
        assert summary["seconds"] < 0.5
    finally:
        if trouble == "unplugged":
            mics.replug("room")
        else:
            mics.suspend("room", suspended=False)
