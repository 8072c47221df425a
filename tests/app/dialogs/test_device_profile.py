"""Picking a device that has a profile."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.screens.app_states import opened, until
from support.screens.dialog_host import DialogApp

from deeptone_tui import audio
from deeptone_tui.app.actions.dialogs import choose_device, load_profile
from deeptone_tui.app.actions.in_force import EndpointChoice
from deeptone_tui.app.screens.device_picker import DevicePicker
from deeptone_tui.app.screens.device_table import DeviceTable
from deeptone_tui.app.settings import ScreenSettings
from deeptone_tui.audio import InputDevice, SourceKind, SourceSpec
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session import RemoteTarget
from deeptone_tui.settings.options import Options

REMOTE = "wss://voice.example.net/stream"
PROFILES = f"""
api_key = "of-the-file"

[profiles.kiosk]
device = "Desk"
volume_threshold = 0.0125
models = ["speech-rt", "gender"]
output_period = 2048

[profiles.hall]
device = "Hall"
url = "{REMOTE}"

[profiles.attic]
device = "Attic"
url = "local"
volume_threshold = 0.005
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A configuration with profiles for three devices."""
    path = tmp_path / "own.toml"
    path.write_text(PROFILES)
    path.chmod(0o600)
    return path


async def picked(app: DialogApp, device: str) -> DialogApp:
    """What a picked device has made of the app."""
    async with app.run_test():
        await load_profile(app.as_monitor_app, device)
    return app


async def test_its_values_are_taken_and_it_is_said(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the picker itself; the mark stands at the profile's threshold."""

    async def listed() -> Sequence[InputDevice]:
        return [InputDevice("Desk", "ALSA", 1, 48000, choice="Desk")]

    async def level(_: str) -> float:
        return 0.1

    monkeypatch.setattr(audio, "look_for_input_devices", listed)
    monkeypatch.setattr(audio, "device_level", level)
    app = DialogApp(choose_device, settings=ScreenSettings(configuration=place))
    async with app.run_test() as pilot:
        await opened(pilot, DevicePicker)
        await until(pilot, lambda: app.screen.query_one(DeviceTable).device is not None)
        await pilot.press("enter")
        await app.workers.wait_for_complete()
    wanted = StreamParameters(
        models=("speech-rt", "gender"), output_period=2048, volume_threshold=0.0125
    )
    assert app.monitor.commands == [SourceSpec(SourceKind.MICROPHONE, "Desk"), wanted]
    assert (app.parameters, app.main.view.mark) == (wanted, 0.0125)
    assert app.told == ["Profile kiosk loaded: threshold 0.0125  −38.1 dBFS"]


async def test_what_was_said_at_the_start_stays(place: Path) -> None:
    """Options and environment go before any profile, and that is told."""
    settings = ScreenSettings(
        configuration=place, explicit=frozenset({"volume_threshold", "device"})
    )
    app = await picked(DialogApp(settings=settings), "desk ")
    assert app.main.view.mark == 0.005
    assert app.monitor.commands == [
        StreamParameters(models=("speech-rt", "gender"), output_period=2048)
    ]
    (line,) = app.told
    assert line.endswith("0.0050  −46.0 dBFS. Set at start-up: volume_threshold")


@pytest.mark.parametrize(
    ("explicit", "key"), [(frozenset[str](), "of-the-file"), (frozenset({"api_key"}), "said")]
)
async def test_its_endpoint_is_talked_to(place: Path, explicit: frozenset[str], key: str) -> None:
    """With the key that a start with this profile would have."""
    options = Options(api_key="said")
    settings = ScreenSettings(configuration=place, options=options, explicit=explicit)
    app = await picked(DialogApp(settings=settings), "Hall")
    (provider,) = app.monitor.commands
    assert isinstance(provider, RemoteTarget)
    target = await provider.target()
    assert (target.url, target.api_key) == (REMOTE, key)
    assert app.endpoint == EndpointChoice(REMOTE, key)


async def test_what_is_so_already_makes_no_new_connection(place: Path) -> None:
    """The same endpoint, the same parameters: nothing to do but to say so."""
    app = await picked(DialogApp(settings=ScreenSettings(configuration=place)), "Attic")
    assert app.monitor.commands == []
    assert app.told == ["Profile attic loaded: threshold 0.0050  −46.0 dBFS"]


async def test_a_device_without_a_profile_changes_nothing(place: Path) -> None:
    """And nothing is said."""
    app = await picked(DialogApp(settings=ScreenSettings(configuration=place)), "Room")
    assert (app.monitor.commands, app.told) == ([], [])


async def test_a_configuration_that_is_wrong_is_told(place: Path) -> None:
    """In a line; the device is listened to all the same."""
    place.write_text("fsp = 3\n")  # noqa: ASYNC240  nothing else runs yet
    app = await picked(DialogApp(settings=ScreenSettings(configuration=place)), "Desk")
    assert app.told == [f"No profile was loaded: {place}: unknown key fsp; did you mean fps?"]


async def test_a_key_that_cannot_be_one_is_told_without_it(place: Path) -> None:
    """The endpoint stays what it was."""
    place.write_text(PROFILES.replace("of-the-file", "a key in words"))  # noqa: ASYNC240  as above
    app = await picked(DialogApp(settings=ScreenSettings(configuration=place)), "Hall")
    assert app.endpoint == EndpointChoice()
    assert app.monitor.commands == []
    (line,) = app.told
    assert "in words" not in line
