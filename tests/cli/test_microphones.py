"""The command line on a machine with microphones."""

import json
import signal
from collections.abc import Iterator

import pytest
from support.programs.program import PATIENCE, run_program, started
from support.sources.virtual_mics import PROGRAMS, VirtualMics, virtual_mics

pytestmark = pytest.mark.system(*PROGRAMS)


@pytest.fixture(scope="module")
def mics() -> Iterator[VirtualMics]:
    """Two microphones, for every test here."""
    with virtual_mics() as running:
        yield running


def test_devices_and_completion_name_the_microphones(mics: VirtualMics) -> None:
    """The same names, and those that ``--device`` takes; nothing of ALSA's own words."""
    done = run_program(mics.folder, "devices", "--json", env=mics.env)
    assert (done.returncode, done.stderr) == (0, b"")
    named = {item["choice"] for item in json.loads(done.stdout)["devices"]}
    assert {"desk", "room"} <= named
    asking = {
        "_DEEPTONE_TUI_COMPLETE": "bash_complete",
        "COMP_LINE": "deeptone-tui --device ro",
    }
    done = run_program(mics.folder, env=mics.env | asking)
    assert done.stdout.split() == [b"plain,room"]


def test_an_unknown_microphone_is_answered_with_those_there_are(mics: VirtualMics) -> None:
    """One line that names them."""
    done = run_program(mics.folder, "stream", "--device", "rom", env=mics.env)
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1
    assert b"room" in done.stderr


def test_a_microphone_is_streamed_until_the_signal(mics: VirtualMics) -> None:
    """Results come as the audio does; Ctrl+C ends it with 130 and a line."""
    words = ("stream", "--device", "room", "--output-period", "128")
    with started(mics.folder, *words, env=mics.env) as process:
        assert process.stdout is not None
        steps = [json.loads(process.stdout.readline()) for _ in range(3)]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    assert [step["timestamp"] for step in steps] == [0, 128, 256]
    assert process.returncode == 130
    assert err.startswith(b"deeptone-tui: interrupted after ")
