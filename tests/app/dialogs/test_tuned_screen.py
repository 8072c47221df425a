"""Taking the tuned settings out: shown, copied, saved, written as a profile."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.screens.app_states import opened, until
from support.screens.dialog_host import Asked, DialogApp, NotingMonitor
from textual.widgets import Input, Static

from deeptone_tui.app.actions.in_force import EndpointChoice, provider_of, tuned_of
from deeptone_tui.app.actions.saving import show_tuned
from deeptone_tui.app.presenters.exports import forms_of
from deeptone_tui.app.screens.save_prompt import FilePrompt, FileRequest, ProfilePrompt
from deeptone_tui.app.screens.tuned_screen import TunedScreen
from deeptone_tui.app.settings import ScreenSettings
from deeptone_tui.audio import SourceInfo, SourceKind
from deeptone_tui.core.address import PLACEHOLDER
from deeptone_tui.monitor.state import MonitorState, SourceStatus
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.settings import paths
from deeptone_tui.settings.config import load_configuration
from deeptone_tui.settings.export import ExportSettings
from deeptone_tui.settings.options import Options

CODEC = "USB Audio CODEC: - (hw:1,0)"
KEY = "hush-hush"


def exporter(
    name: str = CODEC, kind: SourceKind = SourceKind.MICROPHONE, place: Path | None = None
) -> DialogApp:
    """An app on this source that is asked for its settings; −38 dBFS is applied."""
    info = SourceInfo(kind, name, "ALSA" if kind is SourceKind.MICROPHONE else "FLAC")
    app = DialogApp(
        show_tuned,
        monitor=NotingMonitor(MonitorState(source=SourceStatus(info))),
        settings=ScreenSettings(configuration=place),
    )
    tune(app, 0.0125)
    return app


def tune(app: DialogApp, threshold: float) -> None:
    """Have a threshold applied."""
    app.main.move_mark(threshold)
    app.monitor.answered(applied=StreamParameters(volume_threshold=threshold))


def written(app: DialogApp, name: str) -> str:
    """What a line of the screen says."""
    return str(app.screen.query_one(name, Static).render())


def copied() -> str:
    """What the file of the copied text holds."""
    return paths.copied_file().read_text() if paths.copied_file().exists() else ""


async def test_each_form_is_shown_and_copied_by_a_key() -> None:
    """To the terminal, and into the file that is named; the screen stays."""
    app = exporter()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, TunedScreen)
        forms = forms_of(tuned_of(app.as_monitor_app), "usb-audio-codec")
        assert [form.name for form in forms] == [
            *("sox line", "URL", "Query", "Python", "Environment", "Profile")
        ]
        for key, copy, form in zip("123456", ["c", "enter"] * 3, forms, strict=True):
            await pilot.press(key)
            await pilot.pause()
            assert written(app, "#text") == form.text
            await pilot.press(copy)
            await until(pilot, lambda text=form.text: copied() == f"{text}\n")  # type: ignore[misc]  # this one
            assert app.clipboard == form.text
        assert app.told == [f"Sent to the terminal's clipboard; also in {paths.copied_file()}"] * 6
        await pilot.press("escape")
        await app.workers.wait_for_complete()
    assert app.monitor.commands == []


@pytest.mark.parametrize("key", ["escape", "x", "q"])
async def test_it_is_left_without_a_change(key: str) -> None:
    """By the key that opened it too."""
    app = exporter()
    async with app.run_test() as pilot:
        await opened(pilot, TunedScreen)
        await pilot.press(key)
        await app.workers.wait_for_complete()
        assert app.is_running
    assert not paths.configuration_file().exists()


async def test_the_settings_are_those_in_force() -> None:
    """In words and units; a mark that is not applied is told apart."""
    app = exporter()
    app.main.move_mark(0.005)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, TunedScreen)
        assert written(app, "#settings").splitlines() == [
            "Threshold 0.0125  −38.1 dBFS   speech-rt every 1024 ms",
            f"{CODEC} · local endpoint",
        ]
        assert written(app, "#pending") == "Not applied: threshold 0.0050  −46.0 dBFS."
        assert "volume_threshold=0.0125'" in written(app, "#text")
        assert "AUDIODEV=plughw:1,0" in written(app, "#text")
        assert "deeptone-tui serve" in written(app, "#note")
        await pilot.press("escape")
    app = exporter("call.flac", SourceKind.FILE)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, TunedScreen)
        assert written(app, "#settings").splitlines()[1] == "call.flac · local endpoint"
        assert not app.screen.query_one("#pending").display
        assert written(app, "#text").startswith("sox -q -d")


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_no_key_is_on_the_screen(size: tuple[int, int]) -> None:
    """The placeholder stands in its place, and is explained."""
    app = exporter()
    choice = EndpointChoice(f"wss://voice.example.net/stream?api_key={KEY}", KEY)
    app.monitor.answered(provider=provider_of(choice))
    async with app.run_test(size=size) as pilot:
        await opened(pilot, TunedScreen)
        for number in "123456":
            await pilot.press(number)
            await pilot.pause()
            everything = " ".join(str(each.render()) for each in app.screen.query(Static))
            assert KEY not in everything
            if PLACEHOLDER in written(app, "#text"):
                assert f"Replace {PLACEHOLDER}" in written(app, "#note")
        await pilot.press("escape")


async def test_arrows_go_round_and_pages_scroll_the_text() -> None:
    """All of a form can be read on the smallest terminal."""
    app = exporter()
    async with app.run_test(size=(60, 20)) as pilot:
        await opened(pilot, TunedScreen)
        await pilot.press("up")
        await pilot.pause()
        assert written(app, "#text").startswith("[profiles.usb-audio-codec]")
        await pilot.press("down", "down", "down", "down")
        await pilot.pause()
        view = app.screen.query_one("VerticalScroll")
        assert view.max_scroll_y > 0
        await pilot.press("pagedown", "space")
        await pilot.pause()
        assert view.scroll_y == view.max_scroll_y
        await pilot.press("pageup", "pageup")
        await pilot.pause()
        assert view.scroll_y == 0
        await pilot.press("escape")


async def test_the_profile_is_written_and_the_next_one_replaces_it(tmp_path: Path) -> None:
    """Named after its device, into the configuration that the program was started with."""
    place = tmp_path / "own.toml"
    place.write_text("# ours\nfps = 5\n")
    for mark in (0.0125, 0.025):
        app = exporter(place=place)
        tune(app, mark)
        async with app.run_test() as pilot:
            await opened(pilot, TunedScreen)
            await pilot.press("p")
            await opened(pilot, ProfilePrompt)
            assert app.screen.query_one(Input).value == "usb-audio-codec"
            await pilot.press("enter")
            await pilot.pause()
            if mark > 0.02:
                assert "exists. Press enter again" in written(app, "#problem")
                await pilot.press("enter")
            await until(pilot, lambda: bool(app.told))  # noqa: B023  called in this turn
            await opened(pilot, TunedScreen)
            await pilot.press("escape")
        assert app.told == [f"Profile usb-audio-codec written in {place}; loaded with {CODEC}"]
        assert load_configuration(place).profiles == {
            "usb-audio-codec": Options(
                device=CODEC,
                url="local",
                models=("speech-rt",),
                output_period=1024,
                volume_threshold=mark,
            )
        }
    assert place.read_text().startswith("# ours\nfps = 5\n")


async def test_a_device_that_has_a_profile_keeps_its_name(tmp_path: Path) -> None:
    """Whatever the person called it."""
    place = tmp_path / "own.toml"
    place.write_text(f'[profiles.kiosk]\ndevice = "{CODEC}"\n')
    app = exporter(place=place)
    async with app.run_test() as pilot:
        await opened(pilot, TunedScreen)
        await pilot.press("6", "p")
        await opened(pilot, ProfilePrompt)
        assert app.screen.query_one(Input).value == "kiosk"
        await pilot.press("escape")
        await opened(pilot, TunedScreen)
        assert written(app, "#text").startswith("[profiles.kiosk]")
        await pilot.press("escape")


async def test_a_profile_that_cannot_be_written_is_asked_for_again(tmp_path: Path) -> None:
    """With the reason in a line, and the file as it was."""
    place = tmp_path / "own.toml"
    place.write_text("fsp = 3\n")
    app = exporter(place=place)
    async with app.run_test(size=(200, 50)) as pilot:
        await opened(pilot, TunedScreen)
        await pilot.press("p")
        await opened(pilot, ProfilePrompt)
        await pilot.press("enter")
        await until(
            pilot,
            lambda: (
                isinstance(app.screen, ProfilePrompt)
                and "did you mean fps?" in written(app, "#problem")
            ),
        )
        await pilot.press("escape", "escape")
    assert place.read_text() == "fsp = 3\n"


async def test_a_name_that_is_none_is_refused() -> None:
    """And the line goes when something else is typed."""
    app = Asked(lambda: ProfilePrompt("config.toml", ["desk"], ""))
    async with app.run_test() as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert "needs a name" in app.problem
        await pilot.press(*"desk", "enter")
        await pilot.pause()
        assert "exists. Press enter again" in app.problem
        await pilot.press("2")
        await pilot.pause()
        assert app.problem == ""
        await pilot.press("enter")
        await app.until_answered(pilot)
    assert app.answers == ["desk2"]


async def test_the_form_shown_is_saved(folder: Path) -> None:
    """A file that exists only after a second enter; it is named when the program ends."""
    (folder / "deeptone.env").write_text("mine\n")
    app = exporter()
    async with app.run_test() as pilot:
        await opened(pilot, TunedScreen)
        await pilot.press("5", "s")
        await opened(pilot, FilePrompt)
        await pilot.press("enter")
        await pilot.pause()
        assert "deeptone.env exists. Press enter again" in written(app, "#problem")
        await pilot.press("enter")
        await until(pilot, lambda: bool(app.told))
        await opened(pilot, TunedScreen)
        await pilot.press("escape")
    assert (
        folder / "deeptone.env"
    ).read_text() == f"{tuned_of(app.as_monitor_app).environment_lines}\n"
    assert app.saved_paths == [folder / "deeptone.env"]
    assert app.told == [f"Environment saved in {folder / 'deeptone.env'}"]


async def test_a_file_that_appears_meanwhile_is_not_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saving fails then, and it is asked for again."""
    app = exporter()
    monkeypatch.setattr(FilePrompt, "accept", _answer_once(folder / "new.sh"))
    async with app.run_test() as pilot:
        await opened(pilot, TunedScreen)
        await pilot.press("s")
        await opened(pilot, FilePrompt)
        await pilot.press("enter")
        await until(
            pilot,
            lambda: (
                isinstance(app.screen, FilePrompt) and "exists already" in written(app, "#problem")
            ),
        )
        await pilot.press("escape", "escape")
    assert (folder / "new.sh").read_text() == "theirs"


def _answer_once(path: Path) -> Callable[[FilePrompt], None]:
    """Answering, with somebody else who is quicker."""

    def accept(prompt: FilePrompt) -> None:
        path.write_text("theirs")
        prompt.answer(FileRequest(path))

    return accept


def test_what_has_to_be_known_is_noted() -> None:
    """Where the lines are not the whole of it."""
    remote = ExportSettings(
        parameters=StreamParameters(),
        url="wss://voice.example.net/stream?room=1",
        device="Mic",
        host_api="JACK Audio Connection Kit",
    )
    notes = {form.name: form.note for form in forms_of(remote, "mic")}
    assert notes["sox line"] == (
        "sox uses the default input: set it to Mic. Replace YOUR_API_KEY with your key."
    )
    assert notes["URL"] == ""
    assert notes["Python"] == "The scripts set API_KEY at the top."
    assert notes["Profile"].startswith("p writes it; it is loaded with the device")
    secret = replace(remote, url="wss://voice.example.net/stream?token=1")
    (profile,) = (form.note for form in forms_of(secret, "mic") if form.name == "Profile")
    assert "set DEEPTONE_URL" in profile
