"""What the app does with the answers."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from support.screens.app_states import opened, until
from support.screens.dialog_host import DialogApp, NotingMonitor, result
from textual.widgets import Input, Static

from deeptone_tui import audio
from deeptone_tui.app.actions import dialogs, saving
from deeptone_tui.app.actions.in_force import EndpointChoice
from deeptone_tui.app.actions.saving import SaveError
from deeptone_tui.app.presenters.exports import json_line
from deeptone_tui.app.screens.device_picker import DevicePicker
from deeptone_tui.app.screens.device_table import DeviceTable
from deeptone_tui.app.screens.dialog import Dialog
from deeptone_tui.app.screens.prompts import ModelPicker
from deeptone_tui.audio import InputDevice, SourceInfo, SourceKind, SourceSpec
from deeptone_tui.monitor.state import Meter, MonitorState, SourcePhase, SourceStatus
from deeptone_tui.protocol import CATALOGUE
from deeptone_tui.session import RemoteTarget
from deeptone_tui.settings import paths

REMOTE = "ws://10.0.0.5:8765/stream"


@pytest.fixture
def microphones(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two devices; the list tells which were opened."""
    opened_devices: list[str] = []

    async def level(name: str) -> float:
        opened_devices.append(name)
        return 0.1

    async def listed() -> Sequence[InputDevice]:
        return [
            InputDevice("Desk", "ALSA", 1, 48000, choice="Desk"),
            InputDevice("Room", "ALSA", 1, 48000, default=True, choice="Room"),
        ]

    monkeypatch.setattr(audio, "device_level", level)
    monkeypatch.setattr(audio, "look_for_input_devices", listed)
    return opened_devices


def listening_to(kind: SourceKind, name: str, phase: SourcePhase) -> NotingMonitor:
    """A monitor with this source."""
    source = SourceStatus(SourceInfo(kind, name), phase)
    return NotingMonitor(MonitorState(source=source, meter=Meter(level=0.5)))


@pytest.mark.usefixtures("microphones")
async def test_a_picked_device_is_listened_to_and_remembered(tmp_path: Path) -> None:
    """By its name, never by a number; the last one is highlighted the next time."""
    state = tmp_path / "preferences.json"
    for keys, name in ((["up"], "Desk"), ([], "Desk")):
        app = DialogApp(dialogs.choose_device, preferences=state)
        async with app.run_test() as pilot:
            await opened(pilot, DevicePicker)
            table = app.screen.query_one(DeviceTable)
            await until(pilot, lambda table=table: table.row_count == 2)  # type: ignore[misc]  # this one
            await pilot.press(*keys, "enter")
            await app.workers.wait_for_complete()
        assert app.monitor.commands == [SourceSpec(SourceKind.MICROPHONE, name)]
        assert app.preferences.choices.device == "Desk"


@pytest.mark.parametrize(
    ("phase", "opens"), [(SourcePhase.RUNNING, False), (SourcePhase.FAILED, True)]
)
async def test_only_a_device_that_is_not_being_captured_is_opened(
    microphones: list[str], phase: SourcePhase, opens: bool
) -> None:
    """While it runs the monitor's level is shown; once it has failed it is tried like any."""
    app = DialogApp(
        dialogs.choose_device, monitor=listening_to(SourceKind.MICROPHONE, "Desk", phase)
    )
    async with app.run_test() as pilot:
        await opened(pilot, DevicePicker)
        await until(pilot, lambda: microphones.count("Room") >= 2)
        await pilot.press("escape")
    assert ("Desk" in microphones) is opens
    assert app.monitor.commands == []


async def test_a_typed_source_is_listened_to(folder: Path) -> None:
    """A file, by its path."""
    (folder / "a.wav").touch()
    app = DialogApp(dialogs.choose_source)
    async with app.run_test() as pilot:
        await opened(pilot, Dialog)
        app.screen.query_one(Input).value = "a.wav"
        await pilot.press("enter")
        await until(pilot, lambda: bool(app.monitor.commands))
    assert app.monitor.commands == [SourceSpec(SourceKind.FILE, "a.wav")]


async def test_another_endpoint_is_talked_to() -> None:
    """With the key that was typed for it."""
    app = DialogApp(dialogs.choose_endpoint)
    async with app.run_test() as pilot:
        await opened(pilot, Dialog)
        app.screen.query_one("#url", Input).value = REMOTE
        app.screen.query_one("#key", Input).value = "hush"
        await pilot.press("down", "enter")
        await until(pilot, lambda: bool(app.monitor.commands))
    (provider,) = app.monitor.commands
    assert isinstance(provider, RemoteTarget)
    target = await provider.target()
    assert (target.url, target.api_key) == (REMOTE, "hush")
    assert app.endpoint == EndpointChoice(REMOTE, "hush")


@pytest.mark.parametrize(("url", "key"), [(REMOTE, "hush"), ("ws://elsewhere/stream", None)])
async def test_a_key_is_kept_for_its_address_and_sent_to_no_other(
    url: str, key: str | None
) -> None:
    """The field for the key is empty each time; empty means as it is, there only."""
    app = DialogApp(dialogs.choose_endpoint)
    app.monitor.answered(provider=RemoteTarget(REMOTE, "hush"))
    async with app.run_test() as pilot:
        await opened(pilot, Dialog)
        app.screen.query_one("#url", Input).value = url
        await pilot.press("enter")
        await until(pilot, lambda: bool(app.monitor.commands))
    assert app.endpoint == EndpointChoice(url, key)


async def test_going_back_to_the_local_endpoint() -> None:
    """Which is made anew, and started by whoever connects to it."""
    app = DialogApp(dialogs.choose_endpoint)
    app.monitor.answered(provider=RemoteTarget(REMOTE, "hush"))
    async with app.run_test() as pilot:
        await opened(pilot, Dialog)
        await pilot.press("up", "enter")
        await until(pilot, lambda: bool(app.monitor.commands))
    assert app.endpoint == EndpointChoice()
    assert type(app.monitor.commands[0]).__name__ == "LocalEndpoint"


async def test_chosen_models_are_asked_for() -> None:
    """All else stays as it is; the same models again are no new connection."""
    app = DialogApp(dialogs.choose_models)
    async with app.run_test() as pilot:
        await opened(pilot, ModelPicker)
        await pilot.press("down", "down", "space", "enter")
        await until(pilot, lambda: bool(app.monitor.commands))
        assert app.parameters.models == ("speech-rt", "gender")
        assert app.monitor.commands == [app.parameters]
        again = app.run_worker(dialogs.choose_models(app.as_monitor_app))
        await opened(pilot, ModelPicker)
        await pilot.press("enter")
        await again.wait()
    assert len(app.monitor.commands) == 1


def test_every_model_is_described_in_a_line() -> None:
    """Its receptive field, and what it answers."""
    described = [dialogs.describe(model) for model in CATALOGUE.values()]
    assert described[0] == "   146 ms   speech, music, other, silence"
    assert all(" ms   " in line for line in described)


async def test_a_typed_threshold_moves_the_mark() -> None:
    """Only the mark: the endpoint gets it by its own key."""
    app = DialogApp(dialogs.type_threshold)
    async with app.run_test() as pilot:
        await opened(pilot, Dialog)
        await pilot.press(*"-20", "enter")
        await until(pilot, lambda: app.main.view.mark != 0.005)
    assert app.main.view.mark == pytest.approx(0.1)
    assert app.monitor.commands == []


async def test_results_are_saved_and_the_path_is_noted(folder: Path) -> None:
    """Under a name with the time of saving, in the folder the program runs in."""

    async def save(app: DialogApp) -> None:
        await saving.save_results(app.as_monitor_app, lambda: datetime(2026, 3, 1, 12, 30))  # noqa: DTZ001  a name

    app = DialogApp(save, results=[result(0), result(1)])
    async with app.run_test() as pilot:
        await opened(pilot, Dialog)
        await pilot.press("enter")
        await until(pilot, lambda: bool(app.saved_paths))
    path = folder / "deeptone-20260301-123000.jsonl"
    assert app.saved_paths == [path]
    assert path.read_text("utf-8").splitlines() == [json_line(result(0)), json_line(result(1))]
    assert app.told == [f"2 results saved in {path}"]


async def test_a_failed_save_is_asked_about_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the path as it was typed, and the reason beside it."""
    tried: list[str] = []

    def fail(text: str, path: Path, *, overwrite: bool) -> None:
        tried.append(text.partition(",")[0])
        assert not overwrite
        raise SaveError(f"{path} was not saved: no space left on device")

    monkeypatch.setattr(saving, "save_text", fail)
    app = DialogApp(saving.save_results, results=[result(0)])
    async with app.run_test() as pilot:
        await opened(pilot, Dialog)
        app.screen.query_one(Input).value = "mine.csv"
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: len(tried) == 1 and isinstance(app.screen, Dialog))
        await until(pilot, lambda: bool(app.screen.query("#problem.-told")))
        await pilot.pause()
        problem = app.screen.query_one("#problem.-told", Static)
        assert "no space left" in str(problem.render())
        assert app.screen.query_one(Input).value == str(folder / "mine.csv")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, Dialog))
    assert tried == ["time"], "the head of the table"
    assert app.saved_paths == []


@pytest.mark.parametrize("ask", [saving.save_results, saving.copy_item])
async def test_nothing_to_save_or_copy_is_said(
    ask: Callable[[DialogApp], Awaitable[None]],
) -> None:
    """No dialog comes up for it."""
    app = DialogApp()
    async with app.run_test():
        await ask(app)
        assert len(app.screen_stack) == 1
    assert "no result" in app.told[0]


async def test_a_copied_line_is_kept_in_a_file_too() -> None:
    """The clipboard is a request to the terminal, so the words claim no success."""
    app = DialogApp(results=[result(0), result(1)])
    async with app.run_test():
        await saving.copy_item(app.as_monitor_app)
        assert app.clipboard == json_line(result(1))
        assert paths.copied_file().read_text("utf-8") == json_line(result(1)) + "\n"
        await saving.copy_item(app.as_monitor_app, result(0))
        assert app.clipboard == json_line(result(0))
    assert app.told[0] == f"Sent to the terminal's clipboard; also in {paths.copied_file()}"


async def test_a_home_that_cannot_be_written_does_not_stop_copying(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Then only what was done is said."""
    (tmp_path / "file").touch()
    monkeypatch.setattr(paths, "copied_file", lambda: tmp_path / "file" / "copied.txt")
    app = DialogApp()
    async with app.run_test():
        await saving.copy_text(app.as_monitor_app, "text")
        assert app.clipboard == "text"
    assert app.told == ["Sent to the terminal's clipboard."]


@pytest.mark.parametrize(
    "ask",
    [
        dialogs.choose_device,
        dialogs.choose_source,
        dialogs.choose_endpoint,
        dialogs.choose_models,
        dialogs.type_threshold,
        saving.save_results,
    ],
)
@pytest.mark.usefixtures("microphones", "folder")
async def test_a_dialog_that_is_left_changes_nothing(
    ask: Callable[[DialogApp], Awaitable[None]],
) -> None:
    """Escape is always safe."""
    app = DialogApp(results=[result(0)])
    before = (app.parameters, app.main.view.mark, app.endpoint, app.preferences.choices)
    async with app.run_test() as pilot:
        asked = app.run_worker(ask(app))
        await opened(pilot, Dialog)
        await pilot.press("escape")
        await asked.wait()
    assert (app.parameters, app.main.view.mark, app.endpoint, app.preferences.choices) == before
    assert app.monitor.commands == []
    assert app.saved_paths == []
    assert app.told == []
