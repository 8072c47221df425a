"""What a bug report needs, on any machine, and never a key."""

import json
from pathlib import Path
from unittest.mock import Mock

import pytest
from support.programs.program import run_program

from deeptone_tui import audio
from deeptone_tui.audio import InputDevice, SoundSystemSilent
from deeptone_tui.cli import devices, main
from deeptone_tui.cli.info import as_text


def test_info_names_versions_paths_and_endpoint(capsys: pytest.CaptureFixture[str]) -> None:
    """One object with five groups."""
    assert main(["info", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert list(facts) == ["versions", "paths", "terminal", "audio", "endpoint"]
    assert facts["versions"]["textual"]
    assert facts["endpoint"]["used"] == "local"
    assert facts["endpoint"]["key set"] is False
    assert facts["paths"]["log"].endswith("deeptone-tui.log")


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_info_never_shows_a_key(
    form: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the variable's nor the one in an address."""
    monkeypatch.setenv("DEEPTONE_API_KEY", "secret")
    monkeypatch.setenv("DEEPTONE_URL", "wss://me:secret@host/stream?api_key=secret")
    assert main(["info", *form]) == 0
    shown = capsys.readouterr().out
    assert "secret" not in shown
    assert "wss://host/stream" in shown


def test_info_uses_the_profile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The endpoint that would be used with it."""
    place = tmp_path / "c.toml"
    place.write_text('[profiles.cloud]\nurl = "wss://host/stream"\napi_key = "secret"\n')
    assert main(["info", "--json", "--config", str(place), "--profile", "cloud"]) == 0
    found = json.loads(capsys.readouterr().out)["endpoint"]
    assert (found["used"], found["key set"], found["profile"]) == (
        "wss://host/stream",
        True,
        "cloud",
    )


def test_info_says_what_is_wrong_with_the_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A broken file is a fact, not a failure."""
    place = tmp_path / "c.toml"
    place.write_text("fps = 'many'")
    assert main(["info", "--config", str(place)]) == 0
    assert "fps: must be a whole number" in capsys.readouterr().out


def test_text_has_a_line_for_each_fact() -> None:
    """Lists below each other, flags in words, nothing as none."""
    text = as_text({"one": {"a": True, "long": None}, "two": {"b": ["x", "y"], "c": []}})
    assert text.split("\n") == [
        "one",
        "  a     yes",
        "  long  none",
        "",
        "two",
        "  b     x",
        "        y",
        "  c     none",
    ]


@pytest.fixture
def without_portaudio(tmp_path: Path) -> dict[str, str]:
    """An environment in which the library cannot be loaded, as on a machine that lacks it."""
    place = tmp_path / "modules"
    place.mkdir()
    (place / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")
    return {"PYTHONPATH": str(place)}


def test_devices_without_portaudio_says_what_to_install(
    tmp_path: Path, without_portaudio: dict[str, str]
) -> None:
    """No device, no failure: what is missing, and what works without it."""
    done = run_program(tmp_path, "devices", env=without_portaudio)
    assert done.returncode == 0
    assert done.stderr == b""
    assert b"PortAudio" in done.stdout
    assert b"demo" in done.stdout
    done = run_program(tmp_path, "devices", "--json", env=without_portaudio)
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["devices"] == []
    assert "PortAudio" in found["message"]


def test_info_without_portaudio_terminal_and_home(
    tmp_path: Path, without_portaudio: dict[str, str]
) -> None:
    """It is the command for machines where things are missing."""
    bare = {"TERM": "", "HOME": "/nowhere", "LANG": "C", "COLUMNS": ""}
    done = run_program(tmp_path, "info", "--json", env=without_portaudio | bare)
    assert done.returncode == 0
    assert "PortAudio" in json.loads(done.stdout)["audio"]["portaudio"]


@pytest.mark.parametrize("command", [["devices"], ["devices", "--json"], ["info"]])
def test_a_sound_system_that_does_not_answer_is_a_failure(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether there are devices is not known then; all else is said."""
    monkeypatch.setattr(audio, "input_devices", Mock(side_effect=SoundSystemSilent))
    assert main(command) == 1
    told = capsys.readouterr()
    assert "the sound system does not answer" in told.out
    assert told.err.startswith("deeptone-tui: the sound system does not answer")


def test_the_table_marks_the_default_and_names_the_choice() -> None:
    """The names are those that ``--device`` takes."""
    found = [
        InputDevice("Mic", "ALSA", 2, 48_000, default=True, choice="Mic, ALSA"),
        InputDevice("USB Audio", "ALSA", 1, 16_000, choice="USB Audio"),
    ]
    assert devices.table(found) == [
        "*  Mic, ALSA  ALSA  2 ch  48000 Hz",
        "   USB Audio  ALSA  1 ch  16000 Hz",
    ]
