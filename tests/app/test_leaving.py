"""Leaving the screen: a threshold that nothing keeps is offered to be saved, once."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.screens.app_states import app_of, drawn, playing, replayed, running, text_of, until
from support.screens.prepared_monitor import MICROPHONE, PreparedMonitor
from textual.pilot import Pilot

from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.run import ReplayApp, summary_of
from deeptone_tui.app.settings import ScreenSettings
from deeptone_tui.audio import SourceKind, SourceSpec
from deeptone_tui.monitor.state import OpenedSource
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.settings import paths
from deeptone_tui.settings.config import load_configuration
from deeptone_tui.settings.options import Options

TUNED = 0.005623
"""Two steps up from the default."""
CODEC = "usb-audio-codec"


def listening(**settings: object) -> tuple[PreparedMonitor, MonitorApp]:
    """To a microphone that is open, at the default threshold."""
    monitor = playing()
    opened = OpenedSource(MICROPHONE, SourceSpec(SourceKind.MICROPHONE, MICROPHONE.name))
    monitor.change(source=replace(monitor.state.source, opened=opened))
    return monitor, app_of(monitor, **settings)


async def offered(pilot: Pilot[None], *keys: str) -> MonitorApp:
    """Press keys and ``q``, and wait for the offer."""
    app = pilot.app
    assert isinstance(app, MonitorApp)
    await drawn(pilot)
    await pilot.press(*keys, "q")
    await until(pilot, lambda: app.main.view.leaving is not None)
    await pilot.pause()
    return app


@pytest.mark.parametrize(
    ("size", "line"),
    [
        ((80, 24), f" 0.005623  −45.0 dBFS not saved  enter saves as {CODEC[:10]}…"),
        (
            (100, 30),
            f" 0.005623  −45.0 dBFS not saved  enter saves as {CODEC}  q quits",
        ),
        ((60, 20), " 0.005623 not saved  enter saves  q quits  esc stays"),
    ],
)
async def test_a_threshold_that_nothing_keeps_is_offered(size: tuple[int, int], line: str) -> None:
    """In place of the keys, with what each key does; all else goes on."""
    _, app = listening()
    async with app.run_test(size=size) as pilot:
        await offered(pilot, "right", "right", "enter")
        assert text_of(app).splitlines()[-1].startswith(line)
        assert text_of(app).splitlines()[-1].endswith("esc stays")
        assert app.is_running
        await pilot.press("ctrl+c")


async def test_a_second_press_leaves_and_what_was_not_saved_is_told() -> None:
    """With the threshold in both units, and the line that uses it."""
    _, app = listening()
    async with app.run_test(size=(80, 24)) as pilot:
        await offered(pilot, "right", "right", "enter")
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    assert summary_of(app)[1:] == (
        "threshold 0.005623  −45.0 dBFS, not saved; to use it:",
        "  deeptone-tui --device 'USB Audio CODEC' --volume-threshold 0.005623",
    )
    assert not paths.configuration_file().exists()


async def test_it_is_saved_to_the_profile_of_the_device() -> None:
    """The next start comes to it: the device is remembered with it."""
    _, app = listening(preferences=paths.preferences_file())
    async with app.run_test(size=(80, 24)) as pilot:
        await offered(pilot, "right", "right", "enter")
        await pilot.press("enter")
        await until(pilot, lambda: not app.is_running)
    place = paths.configuration_file()
    assert load_configuration().profiles == {
        CODEC: Options(
            device=MICROPHONE.name,
            url="local",
            models=("speech-rt",),
            output_period=1024,
            volume_threshold=TUNED,
        )
    }
    assert app.preferences.choices.device == MICROPHONE.name
    assert summary_of(app)[1:] == (
        f"threshold 0.005623  −45.0 dBFS, saved in profile {CODEC} ({place}); to use it:",
        "  deeptone-tui --device 'USB Audio CODEC'",
    )


async def test_it_is_offered_once() -> None:
    """Who stays knows it; another threshold is another question."""
    _, app = listening()
    async with app.run_test(size=(80, 24)) as pilot:
        await offered(pilot, "right", "right", "enter")
        await pilot.press("escape")
        assert app.main.view.leaving is None
        assert "q quit" in text_of(app).splitlines()[-1]
        await offered(pilot, "right", "enter")
        await pilot.press("escape", "q")
        await until(pilot, lambda: not app.is_running)


async def test_a_threshold_that_is_being_applied_counts() -> None:
    """Who presses q right after enter; it is saved only once the endpoint has it."""
    monitor = PreparedMonitor(playing().state)
    app = app_of(monitor)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await offered(pilot, "right", "right", "enter")
        await pilot.press("enter")
        await until(pilot, lambda: app.main.view.leaving is None)
        assert "0.005623  −45.0 dBFS is not applied" in " ".join(
            each.message for each in app._notifications
        )
        assert not paths.configuration_file().exists()
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    first, line, under_way = summary_of(app)[1], *summary_of(app)[2::2]
    assert first == "threshold 0.0050  −46.0 dBFS, the default; to use it:"
    assert "0.005623" not in line
    assert under_way == "Pending: threshold 0.005623  −45.0 dBFS."


@pytest.mark.parametrize("keys", [[], ["right", "left", "enter"], ["right", "right"]])
async def test_what_is_kept_anyway_is_not_asked_for(keys: list[str]) -> None:
    """The default, the number of before, and a mark that was never applied, which is told."""
    _, app = listening(parameters=StreamParameters(volume_threshold=0.005012))
    app.monitor.apply(volume_threshold=0.005012)
    paths.configuration_file().parent.mkdir(parents=True, exist_ok=True)
    paths.configuration_file().write_text('volume_threshold = "-46 dB"\n')
    async with running(app) as pilot:
        await pilot.press(*keys, "q")
        await until(pilot, lambda: not app.is_running)
    _, first, _, *more = summary_of(app)
    assert f"0.005012  −46.0 dBFS, set in {paths.configuration_file()}" in first
    moved = len(keys) == 2
    assert more == (["Not applied: threshold 0.005623  −45.0 dBFS."] if moved else [])


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+q"])
async def test_other_ways_out_never_ask(key: str) -> None:
    """What was not saved is told all the same."""
    _, app = listening()
    async with running(app) as pilot:
        await pilot.press("right", "right", "enter", key)
        await until(pilot, lambda: not app.is_running)
    assert "not saved" in summary_of(app)[1]


async def test_tune_mode_is_left_with_the_threshold_of_before() -> None:
    """Its 0 is a measurement; nobody wants that saved, or exported."""
    _, app = listening()
    async with running(app) as pilot:
        await pilot.press("t", "right", "right")
        await drawn(pilot)
        assert app.parameters.volume_threshold == 0.005
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    _, first, _, mark = summary_of(app)
    assert first.startswith("threshold 0.0050  −46.0 dBFS, the default")
    assert mark == "Not applied: threshold 0.005623  −45.0 dBFS."


async def test_a_configuration_that_cannot_be_written_is_told() -> None:
    """And the screen stays."""
    place = paths.configuration_file()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("fsp = 3\n")
    _, app = listening()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await offered(pilot, "right", "right", "enter")
        await pilot.press("enter")
        await until(pilot, lambda: app.main.view.leaving is None)
        assert "did you mean fps?" in " ".join(each.message for each in app._notifications)
        assert app.is_running
        await pilot.press("ctrl+c")
    assert place.read_text() == "fsp = 3\n"


async def test_no_other_devices_profile_is_replaced(tmp_path: Path) -> None:
    """Where the name is taken, another is found."""
    place = tmp_path / "own.toml"
    place.write_text(f'[profiles.{CODEC}]\ndevice = "Another one"\nvolume_threshold = 0.5\n')
    _, app = listening(configuration=place)
    async with app.run_test(size=(80, 24)) as pilot:
        await offered(pilot, "right", "right", "enter")
        await pilot.press("enter")
        await until(pilot, lambda: not app.is_running)
    found = load_configuration(place).profiles
    assert {name: each.volume_threshold for name, each in found.items()} == {
        CODEC: 0.5,
        f"{CODEC}-2": TUNED,
    }
    assert f"--config {place}" in summary_of(app)[2]


@pytest.mark.parametrize("asked", [None, "desk"])
async def test_a_profile_of_this_run_is_not_replaced_by_another_device(
    tmp_path: Path, asked: str | None
) -> None:
    """Nor is the requested one, if it is for another device."""
    place = tmp_path / "own.toml"
    place.write_text('[profiles.desk]\ndevice = "Another one"\nvolume_threshold = 0.5\n')
    _, app = listening(configuration=place, profile=asked)
    async with app.run_test(size=(80, 24)) as pilot:
        app.saved_profiles.append("desk")
        await offered(pilot, "right", "right", "enter")
        await pilot.press("enter")
        await until(pilot, lambda: not app.is_running)
    found = load_configuration(place).profiles
    assert (found["desk"].device, found["desk"].volume_threshold) == ("Another one", 0.5)
    assert found[CODEC].volume_threshold == TUNED


@pytest.mark.parametrize("left", [None, "[profiles.hall]\n", "fsp = 3\n"])
async def test_a_requested_profile_may_be_gone(tmp_path: Path, left: str | None) -> None:
    """Removed, with its file or without, or no longer readable: its name leads to no start."""
    place = tmp_path / "own.toml"
    if left is not None:
        place.write_text(left)
    _, app = listening(configuration=place, profile="desk")
    async with app.run_test(size=(80, 24)) as pilot:
        await offered(pilot, "right", "right", "enter")
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    first, line = summary_of(app)[1:]
    assert first == "threshold 0.005623  −45.0 dBFS, not saved; to use it:"
    assert "--profile" not in line


@pytest.mark.parametrize("moved", [False, True])
async def test_a_recording_asks_nothing_and_tells_what_was_tried(moved: bool) -> None:
    """The mark is all there is: no endpoint can be asked for it."""
    monitor = replayed()
    app = ReplayApp(monitor, ScreenSettings(options=Options(theme="deeptone-dark")))
    async with running(app) as pilot:
        await pilot.press(*["right"] * 2 * moved, "q")
        await until(pilot, lambda: not app.is_running)
    tried = (
        "threshold 0.005623  −45.0 dBFS, tried on the recording, not saved; to use it:",
        "  deeptone-tui mic --volume-threshold 0.005623",
    )
    assert summary_of(app) == (tried if moved else ())
