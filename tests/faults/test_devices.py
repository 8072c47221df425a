"""A microphone that is unplugged, stalls, or loses its sound server: the session is kept."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.sources.sounds import noise, write_wav
from support.sources.virtual_mics import PROGRAMS, VirtualMics, virtual_mics

pytestmark = pytest.mark.system(*PROGRAMS)

PROGRAM = Path(__file__).parent / "device_program.py"


class Monitored:
    """The program on a microphone."""

    def __init__(self, mics: VirtualMics, wav: Path) -> None:
        self.mics = mics
        self.wav = wav
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), "room", str(wav)],
            env=mics.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def until(self, **words: str) -> None:
        """Read on until the program tells these."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if words.items() <= json.loads(line).items():
                return
        pytest.fail(f"it ended before it told {words}")

    def play(self) -> None:
        """Let the microphone hear something."""
        assert self.mics.play(self.wav, "room").wait(20) == 0

    def end(self) -> dict[str, Any]:
        """Let the audio end; what was seen."""
        out, _ = self.process.communicate(timeout=20)
        summary: dict[str, Any] = json.loads(out.splitlines()[-1])
        return summary


@pytest.fixture
def monitored(tmp_path: Path) -> Iterator[Monitored]:
    """A monitor on a sound server of its own: what is done to that is not undone."""
    wav = write_wav(tmp_path / "noise.wav", noise(16_000))
    with virtual_mics() as mics:
        running = Monitored(mics, wav)
        try:
            running.until(source="running", session="streaming")
            yield running
        finally:
            running.process.kill()
            running.process.communicate()


def unplug(running: Monitored) -> None:
    """Gone, and back."""
    running.mics.unplug("room")
    running.until(source="lost")
    running.mics.replug("room")


def suspend(running: Monitored) -> None:
    """There, but without data for a while."""
    running.mics.suspend("room")
    running.until(source="no data")
    running.mics.suspend("room", suspended=False)


def kill_the_server(running: Monitored) -> None:
    """The sound server dies and is started anew."""
    running.mics.stop()
    running.until(source="lost")
    running.mics.start()


@pytest.mark.parametrize(
    ("strike", "words"),
    [
        (unplug, ("room was lost", "room is back")),
        (suspend, ("room gives no data", "room gives data again", "s of audio lost from")),
        (kill_the_server, ("room was lost", "room is back")),
    ],
    ids=["unplug", "suspend", "daemon killed"],
)
def test_a_microphone_in_trouble_keeps_the_session(
    monitored: Monitored, strike: Callable[[Monitored], None], words: tuple[str, ...]
) -> None:
    """Each sample that came is answered once, over the same connection, and it is told."""
    strike(monitored)
    monitored.until(source="running")
    monitored.play()
    seen = monitored.end()
    assert not seen["complaints"]
    assert seen["found"], "what was played afterwards is not what was heard"
    assert seen["connections"] == 1
    assert seen["captured"] == seen["heard"] == seen["answered"] + seen["lost"]
    assert seen["lost"] < 1024
    for expected in words:
        assert expected in "\n".join(seen["notices"])
