"""The look of every dialog, at the home size and at the smallest."""

import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.screens.app_states import until
from support.screens.dialog_host import Asked, DialogApp
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Static

from deeptone_tui.app.actions.dialogs import describe
from deeptone_tui.app.presenters.exports import forms_of
from deeptone_tui.app.screens.device_picker import DevicePicker
from deeptone_tui.app.screens.device_table import DeviceTable
from deeptone_tui.app.screens.help import HelpScreen, sections_of
from deeptone_tui.app.screens.prompts import EndpointPrompt, ModelPicker, ThresholdPrompt
from deeptone_tui.app.screens.save_prompt import FilePrompt, FileRequest, ProfilePrompt, SavePrompt
from deeptone_tui.app.screens.source_prompt import SourcePrompt
from deeptone_tui.app.screens.tuned_screen import TunedScreen
from deeptone_tui.app.themes import DARK
from deeptone_tui.audio import InputDevice, PortAudioMissing, SourceError
from deeptone_tui.protocol import CATALOGUE, StreamParameters
from deeptone_tui.settings.export import ExportSettings

pytestmark = pytest.mark.long

Before = Callable[[Pilot[Any]], Awaitable[None]]
Snap = Callable[..., bool]

SIZES = [(80, 24), (60, 20)]
DEVICES = [
    InputDevice("USB Audio CODEC: - (hw:1,0)", "ALSA", 1, 44100, choice="usb"),
    InputDevice("HDA Intel PCH: ALC257 Analog (hw:0,0)", "ALSA", 2, 48000, choice="built in"),
    InputDevice("pulse", "ALSA", 32, 44100, default=True, choice="pulse"),
    InputDevice("[room] マイク", "JACK Audio Connection Kit", 2, 48000, choice="room"),
    InputDevice("Webcam C920", "ALSA", 2, 32000, choice="webcam"),
    InputDevice("Loopback", "ALSA", 2, 96000, choice="loopback"),
    InputDevice("Headset", "ALSA", 1, 16000, choice="headset"),
]
LEVELS: dict[str, float | str] = {
    "usb": 0.0269,
    "built in": "HDA Intel PCH is in use by another program; close that one or choose another",
    "pulse": 0.0051,
    "room": 0.9,
    "webcam": 0.0,
    "loopback": "Loopback may not be used by this user; sudo usermod -aG audio $USER",
    "headset": "Headset does not answer: unplugged, or its sound server has ended",
}
SSH = {"SSH_CONNECTION": "192.0.2.9 50222 192.0.2.5 22", "USER": "kiosk"}


class Pictured(Asked):
    """The question in the program's own colours."""

    def __init__(self, make: Callable[[], Screen[Any]]) -> None:
        super().__init__(make)
        self.register_theme(DARK)
        self.theme = DARK.name


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def pictured(request: pytest.FixtureRequest, snap_compare: Snap) -> Callable[..., None]:
    """Compares a dialog with its picture, at both sizes."""

    def compare(make: Callable[[], Screen[Any]], before: Before | None = None) -> None:
        assert snap_compare(Pictured(make), terminal_size=request.param, run_before=before)

    return compare


async def probe(name: str) -> float:
    """A level, or what is wrong."""
    level = LEVELS[name]
    if isinstance(level, str):
        raise SourceError(level)
    return level


def picker(
    devices: Sequence[InputDevice] | str, current: str = "", environ: dict[str, str] | None = None
) -> Callable[[], DevicePicker]:
    """A device picker with these devices, or this reason why there are none."""

    async def scan() -> Sequence[InputDevice]:
        if isinstance(devices, str):
            raise PortAudioMissing(devices)
        return devices

    return lambda: DevicePicker(current, scan, probe, environ=environ or {})


async def all_heard(pilot: Pilot[Any]) -> None:
    """Wait until every line says something."""
    table = pilot.app.screen.query_one(DeviceTable)
    await until(pilot, lambda: table.row_count == len(DEVICES))
    await until(pilot, lambda: all(table.get_row_at(i)[5].plain != "…" for i in range(7)))
    await pilot.pause()


async def explained(pilot: Pilot[Any]) -> None:
    """Wait until it is said why there are no devices."""
    notice = pilot.app.screen.query_one("#notice", Static)
    await until(pilot, lambda: "'o' opens" in str(notice.render()))
    await pilot.pause()


async def settled(pilot: Pilot[Any]) -> None:
    """Wait until folders are read and messages handled."""
    for _ in range(3):
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def pressing(*keys: str) -> Before:
    """Press keys, and let them take effect."""

    async def before(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await pilot.press(*keys)
        await settled(pilot)

    return before


def test_devices_with_their_levels(pictured: Callable[..., None]) -> None:
    """Levels, words, default and current, in columns."""
    pictured(picker(DEVICES, "usb"), all_heard)


def test_a_device_that_is_refused(pictured: Callable[..., None]) -> None:
    """The reason below the table; the remembered device is not connected."""

    async def before(pilot: Pilot[Any]) -> None:
        await all_heard(pilot)
        await pilot.press("up")
        await pilot.pause()

    pictured(picker(DEVICES, "Desk"), before)


def test_no_devices_over_ssh(pictured: Callable[..., None]) -> None:
    """The recipe, whole, on the smallest terminal too."""
    pictured(picker("microphones need PortAudio, which is missing here", environ=SSH), explained)


def test_no_portaudio(pictured: Callable[..., None]) -> None:
    """What to install, and what works without."""
    line = "microphones need PortAudio, which is missing here; install it: sudo apt install x"
    pictured(picker(line), explained)


def test_models(pictured: Callable[..., None]) -> None:
    """Names, receptive fields, classes; marks that need no colour."""
    models = {model.name: describe(model) for model in CATALOGUE.values()}
    pictured(lambda: ModelPicker(models, ("speech-rt", "gender")), pressing("down", "down"))


def test_source(pictured: Callable[..., None], folder: Path) -> None:
    """What could be typed, folders before files."""
    (folder / "recordings").mkdir()
    for index in range(12):
        (folder / f"take-{index:02}.wav").touch()
    pictured(SourcePrompt, settled)


def test_a_wrong_source(pictured: Callable[..., None], folder: Path) -> None:
    """The line that says what is wrong."""
    assert folder.is_dir()
    pictured(SourcePrompt, pressing(*"none.wav", "enter"))


def test_local_endpoint(pictured: Callable[..., None]) -> None:
    """No field that it does not need."""
    pictured(lambda: EndpointPrompt(None))


def test_another_endpoint(pictured: Callable[..., None]) -> None:
    """The key is dots, and the warning that it can be read."""
    pictured(
        lambda: EndpointPrompt("ws://10.0.0.5:8765/stream?models=gender"),
        pressing("tab", "tab", *"hush", "enter"),
    )


def test_threshold(pictured: Callable[..., None]) -> None:
    """Both units while typing."""
    pictured(lambda: ThresholdPrompt(0.005), pressing(*"-31.5"))


def test_a_wrong_threshold(pictured: Callable[..., None]) -> None:
    """What is allowed, in both units."""
    pictured(lambda: ThresholdPrompt(0.005), pressing(*"6 dB", "enter"))


def test_saving(pictured: Callable[..., None]) -> None:
    """Where to, and as what."""
    path = Path("/srv/recordings/deeptone-20260301-123000.jsonl")
    pictured(lambda: SavePrompt(FileRequest(path)))


def test_saving_where_a_file_is(pictured: Callable[..., None], folder: Path) -> None:
    """The question before anything is replaced."""
    (folder / "results.csv").touch()

    async def before(pilot: Pilot[Any]) -> None:
        pilot.app.screen.query_one(Input).value = "results.csv"
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)

    pictured(lambda: SavePrompt(FileRequest(folder / "r.jsonl")), before)


@pytest.mark.parametrize("keys", [(), ("end",)], ids=["top", "end"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_help(snap_compare: Snap, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    """Keys first, words after them."""

    async def before(pilot: Pilot[Any]) -> None:
        app = pilot.app
        app.push_screen(HelpScreen(sections_of(app.screen)))
        await pressing(*keys)(pilot)

    assert snap_compare(DialogApp(), terminal_size=size, run_before=before)


TUNED = ExportSettings(
    parameters=StreamParameters(
        models=("speech-rt", "gender"), volume_threshold=10 ** (-38.5 / 20)
    ),
    url="wss://voice.example.net/stream",
    has_key=True,
    device="USB Audio CODEC: - (hw:1,0)",
    host_api="ALSA",
)


def exported(pending: str = "", url: str | None = TUNED.url) -> TunedScreen:
    """The export screen, on which nothing happens."""

    async def nothing(*_: object) -> None: ...

    tuned = dataclasses.replace(TUNED, url=url, has_key=url is not None)
    return TunedScreen(
        "Threshold 0.01189  −38.5 dBFS   speech-rt, gender every 1024 ms\n"
        "USB Audio CODEC: - (hw:1,0) · voice.example.net",
        forms_of(tuned, "kiosk"),
        copy=nothing,
        save=nothing,
        write_profile=nothing,
        pending=pending,
    )


@pytest.mark.parametrize("form", "123456")
def test_the_tuned_settings(pictured: Callable[..., None], form: str) -> None:
    """What was tuned, the list, and one form with what to know about it."""
    pictured(exported, pressing(form))


def test_tuned_settings_that_the_endpoint_does_not_have(pictured: Callable[..., None]) -> None:
    """It is said; and which endpoint the lines name instead of the program's own."""
    pictured(lambda: exported("Not applied: threshold 0.0050  −46.0 dBFS.", None))


def test_writing_a_profile_that_is_there(pictured: Callable[..., None]) -> None:
    """The question before it is replaced."""
    place = "/home/kiosk/.config/deeptone-tui/config.toml"
    pictured(lambda: ProfilePrompt(place, ["kiosk"], "kiosk"), pressing("enter"))


def test_saving_a_form(pictured: Callable[..., None]) -> None:
    """Where to."""
    first = FileRequest(Path("/srv/recordings/deeptone.sh"))
    pictured(lambda: FilePrompt("Save: sox line", first))
