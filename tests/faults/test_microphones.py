"""Every fault against a microphone, as a sound server and PortAudio deliver it, in real time."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from faults.table import FAULTS, Fault
from support.sources.sounds import noise, write_wav
from support.sources.virtual_mics import PROGRAMS, VirtualMics, virtual_mics

pytestmark = [pytest.mark.realtime, pytest.mark.system(*PROGRAMS)]

PROGRAM = Path(__file__).parent / "microphone_column.py"
PARTS = 4
"""Processes that share the faults: the monitors of one take turns with its interpreter."""
SECONDS = 12


@pytest.fixture(scope="module")
def column(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What was wrong, by fault; all of them at the same time on the same microphone."""
    wav = write_wav(tmp_path_factory.mktemp("played") / "noise.wav", noise(SECONDS * 16_000))
    with virtual_mics() as mics, ThreadPoolExecutor(PARTS) as threads:
        parts = [Part(mics, wav, FAULTS[number::PARTS]) for number in range(PARTS)]
        try:
            list(threads.map(Part.until_listening, parts))
            assert mics.play(wav, "room").wait(60) == 0
            wrong: dict[str, str] = {}
            for told in threads.map(Part.concluded, parts):
                wrong |= told
            yield wrong
        finally:
            for part in parts:
                part.process.kill()
                part.process.communicate()


class Part:
    """A process with some of the monitors."""

    def __init__(self, mics: VirtualMics, wav: Path, faults: tuple[Fault, ...]) -> None:
        names = [fault.name for fault in faults]
        self.wrong: dict[str, str] = {}
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), "room", str(wav), *names],
            env=mics.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def until_listening(self) -> None:
        """Wait until every monitor hears the microphone."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "listening" in (told := json.loads(line)):
                return
            self.wrong[told["fault"]] = told["failure"]
        raise AssertionError("the monitors have ended")

    def concluded(self) -> dict[str, str]:
        """Let the audio end; what was wrong, by fault."""
        out, _ = self.process.communicate("played\n", timeout=60)
        told = [json.loads(line) for line in out.splitlines()]
        return self.wrong | {cell["fault"]: cell["failure"] for cell in told}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_sample_of_a_microphone_is_accounted_for(
    fault: Fault, column: dict[str, str]
) -> None:
    """At every published state and at the end, whatever happens on the way."""
    assert column[fault.name] == "", column[fault.name]
