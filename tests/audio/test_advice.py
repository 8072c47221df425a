"""What to do about microphones on this system."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.sources.sounds import noise, write_wav

from deeptone_tui.audio import PortAudioMissing, known_input_devices
from deeptone_tui.audio.devices import no_device_advice, portaudio_command

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("system", "release", "command"),
    [
        ("linux", {"ID": "debian"}, "sudo apt install libportaudio2"),
        ("linux", {"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, "sudo apt install"),
        ("linux", {"ID": "fedora"}, "sudo dnf install portaudio"),
        ("linux", {"ID": "rocky", "ID_LIKE": "rhel centos fedora"}, "epel-release"),
        ("linux", {"ID": "manjaro", "ID_LIKE": "arch"}, "sudo pacman -S portaudio"),
        ("linux", {"ID": "alpine"}, "sudo apk add portaudio"),
        ("linux", {"ID": "opensuse-leap", "ID_LIKE": "suse opensuse"}, "sudo zypper install"),
        ("linux", {"ID": "plan9"}, None),
        ("linux", {}, None),
        ("darwin", {}, "brew install portaudio"),
    ],
)
def test_the_command_fits_the_system(
    system: str, release: dict[str, str], command: str | None
) -> None:
    """By the distribution's own name or the family it says it belongs to."""
    found = portaudio_command(system, release)
    assert found is None if command is None else command in str(found)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux keeps its devices there")
def test_devices_this_user_may_not_use_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual reason on a fresh Raspberry Pi: not in the group audio."""
    assert "plug one in" in no_device_advice(tmp_path)
    (tmp_path / "pcmC0D0c").touch()
    assert "plug one in" in no_device_advice(tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "sudo usermod -aG audio $USER" in no_device_advice(tmp_path)


MISSING = """
import asyncio, sys
from deeptone_tui.audio import *

async def main():
    for attempt in range(2):  # asking again does not change the answer
        try:
            input_devices()
        except PortAudioMissing as error:
            print(error)
    print(known_input_devices())
    try:
        await open_source(parse_source("mic"), SourceOptions()).open()
    except PortAudioMissing as error:
        print("microphone:", error)
    source = open_source(parse_source(sys.argv[1]), SourceOptions(realtime=False))
    await source.open()
    print(sum([len(block.samples) async for block in source.blocks()]))
    await source.close()

asyncio.run(main())
"""


def test_without_portaudio_everything_else_works(tmp_path: Path) -> None:
    """The line says what to install; a file still plays."""
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")
    wav = write_wav(tmp_path / "noise.wav", noise(1000))
    path = os.pathsep.join([str(tmp_path), str(REPOSITORY)])
    done = subprocess.run(
        [sys.executable, "-c", MISSING, str(wav)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    first, again, known, microphone, samples = done.stdout.splitlines()
    assert first.startswith("microphones need PortAudio, which is missing here; install")
    assert again == first
    assert known == "[]"
    assert microphone == f"microphone: {first}"
    assert samples == "1000"
    assert done.stderr == ""


def test_asking_for_a_device_never_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong, the answer is that none is known."""

    def missing() -> None:
        raise PortAudioMissing("missing")

    monkeypatch.setattr("deeptone_tui.audio.portaudio.portaudio", missing)
    assert known_input_devices() == []
