"""Every command that listens to a microphone listens to the same one, with the same profile."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from unittest.mock import Mock

import click
import pytest

from deeptone_tui import audio
from deeptone_tui.archive.recordings import AudioInput
from deeptone_tui.audio import InputDevice, SoundSystemSilent
from deeptone_tui.cli import stream, tune
from deeptone_tui.cli.root import monitor
from deeptone_tui.cli.settings import read_settings, with_device
from deeptone_tui.cli.tune_request import read_request
from deeptone_tui.settings.paths import Preferences, configuration_file, preferences_file

DESK = InputDevice("USB desk", "ALSA", 1, 48_000, choice="USB desk")
ROOM = InputDevice("room", "ALSA", 1, 16_000, default=True, choice="room")
PROFILES = """
[profiles.ours]
device = "USB desk"
url = "ws://desk.example/stream"
volume_threshold = 0.004216965034285823
"""


class Found(NamedTuple):
    """What a command listens to."""

    device: str
    url: str | None
    notices: tuple[str, ...]
    threshold: float | None
    """None for a command that asks for none."""


def of_monitor(*arguments: str) -> Found:
    """As the monitor finds it."""
    return _of(monitor, arguments, is_monitor=True)


def of_stream(*arguments: str) -> Found:
    """As ``stream`` finds it."""
    return _of(stream.command, arguments, is_monitor=False)


def of_tune(*arguments: str) -> Found:
    """As ``tune`` finds it."""
    with tune.command.make_context("tune", list(arguments)) as context:
        request = read_request(context.params)
    (recording,) = request.recordings
    assert isinstance(recording, AudioInput)
    return Found(recording.spec.value, request.url, request.notices, None)


def _of(command: click.Command, arguments: tuple[str, ...], *, is_monitor: bool) -> Found:
    with command.make_context("any", list(arguments)) as context:
        given = context.params
        settings = with_device(given, read_settings(given), monitor=is_monitor)
    threshold = settings.parameters.volume_threshold
    return Found(settings.source.value, settings.url, settings.notices, threshold)


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, _own_folders: None) -> None:
    """Two microphones, one with a profile."""
    monkeypatch.setattr(audio, "known_input_devices", lambda: [DESK, ROOM])
    configuration_file().parent.mkdir(parents=True)
    configuration_file().write_text(PROFILES)


COMMANDS = [of_monitor, of_stream, of_tune]


@pytest.mark.parametrize("find", COMMANDS)
def test_the_device_picked_last_is_meant_with_its_profile(find: Callable[..., Found]) -> None:
    """By ``mic``, in every command; where nobody sees it, it is told."""
    Preferences(preferences_file()).remember(device="USB desk")
    found = find("mic")
    assert (found.device, found.url) == ("USB desk", "ws://desk.example/stream")
    assert found.threshold in {0.004217, None}
    told = ("listening to USB desk, the last device picked",) if find is not of_monitor else ()
    assert found.notices == (*told, "profile ours loaded for USB desk")


@pytest.mark.parametrize("find", COMMANDS)
@pytest.mark.parametrize("name", ["USB desk", "usb DESK", "desk"])
def test_a_device_that_is_named_brings_its_profile(find: Callable[..., Found], name: str) -> None:
    """By its whole name, or by a part that only one has; another one was picked last."""
    Preferences(preferences_file()).remember(device="room")
    found = find("--device", name)
    assert found.device in {name, "USB desk"}
    assert found.url == "ws://desk.example/stream"
    assert found.threshold in {0.004217, None}
    (told,) = found.notices
    assert told.startswith("profile ours loaded for ")


@pytest.mark.parametrize("find", COMMANDS)
def test_a_device_that_is_gone_is_told(find: Callable[..., Found]) -> None:
    """The default input is listened to, without a profile."""
    Preferences(preferences_file()).remember(device="headset")
    found = find("mic")
    assert found[:3] == ("", None, ("headset was not found: listening to the default input",))
    assert found.threshold in {0.005, None}


@pytest.mark.parametrize("find", COMMANDS)
def test_without_a_choice_it_is_the_default_input(
    find: Callable[..., Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no device is looked for."""

    def never() -> list[InputDevice]:
        raise AssertionError("PortAudio takes its time, and nothing depends on it")

    monkeypatch.setattr(audio, "known_input_devices", never)
    assert find("mic")[:3] == ("", None, ())


@pytest.mark.parametrize("find", COMMANDS)
def test_what_is_said_goes_before_the_profile_of_the_device(find: Callable[..., Found]) -> None:
    """As with any profile."""
    Preferences(preferences_file()).remember(device="USB desk")
    assert find("mic", "--url", "ws://other/stream").url == "ws://other/stream"


def test_no_microphone_at_all_plays_the_demo_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only in the monitor, and only where nothing else was named."""
    monkeypatch.setattr(audio, "known_input_devices", list)
    assert of_monitor().notices == ("no input device on this machine: playing the demo",)
    assert of_monitor("mic").notices == of_stream().notices == ()


def test_a_sound_system_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The monitor plays the demo; nothing is said of a device that may be there."""
    monkeypatch.setattr(audio, "known_input_devices", Mock(side_effect=SoundSystemSilent))
    assert of_monitor().notices == ("the sound system does not answer: playing the demo",)
    Preferences(preferences_file()).remember(device="USB desk")
    told = "the sound system does not answer: listening to the default input"
    assert of_stream("mic").notices == (told,)
    assert of_stream("--device", "desk")[:3] == ("desk", None, ())


def test_a_device_of_the_configuration_has_its_profile_too(tmp_path: Path) -> None:
    """It need not be named again."""
    del tmp_path
    configuration_file().write_text(f'device = "USB desk"\n{PROFILES}')
    assert of_stream().threshold == 0.004217
    assert of_stream("demo").threshold == 0.005
