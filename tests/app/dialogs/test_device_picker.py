"""The device picker: what it shows, whom it asks, and what it answers."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from support.screens.app_states import until
from support.screens.dialog_host import Asked
from textual.coordinate import Coordinate
from textual.widgets import Static

from deeptone_tui.app.screens import device_picker
from deeptone_tui.app.screens.device_picker import DevicePicker
from deeptone_tui.app.screens.device_table import DeviceTable
from deeptone_tui.audio import InputDevice, SourceError

DESK = InputDevice("Desk Mic", "ALSA", 1, 48000, choice="Desk Mic")
ROOM = InputDevice("Room", "ALSA", 2, 44100, default=True, choice="Room")
SAME = InputDevice("Room", "JACK", 2, 48000, choice="Room, JACK")


class Microphones:
    """Devices that answer at once: with a level, or with what is wrong."""

    def __init__(self, **levels: float | str) -> None:
        self.devices: list[InputDevice] = [DESK, ROOM, SAME]
        self.levels: dict[str, float | str] = {
            name.replace("_", " "): v for name, v in levels.items()
        }
        self.asked: list[str] = []
        self.scans = 0
        self.open = 0

    async def scan(self) -> Sequence[InputDevice]:
        """List them; never while one is open."""
        assert self.open == 0
        self.scans += 1
        return tuple(self.devices)

    async def probe(self, name: str) -> float:
        """One at a time."""
        assert self.open == 0
        self.asked.append(name)
        self.open += 1
        try:
            await asyncio.sleep(0)
        finally:
            self.open -= 1
        level = self.levels.get(name, 0.1)
        if isinstance(level, str):
            raise SourceError(level)
        return level


async def test_a_picker_that_is_being_removed_accepts_nothing() -> None:
    """Keys and refreshes may still come when its widgets have gone."""
    async with asking(Microphones()).run_test(size=(100, 30)) as pilot:
        picker = pilot.app.screen
        assert isinstance(picker, DevicePicker)
        await picker.query("#frame").remove()
        assert not picker.check_action("accept", ())
        picker.on_resize()
        await pilot.pause()
        pilot.app.pop_screen()


async def test_an_error_that_nobody_foresaw_is_told() -> None:
    """The picker does not go on looking for ever, and can be left."""
    microphones = Microphones()
    microphones.devices = 5  # type: ignore[assignment]
    async with asking(microphones).run_test(size=(100, 30)) as pilot:
        problem = pilot.app.screen.query_one("#problem", Static)
        await until(pilot, lambda: "unexpected TypeError in the dialog" in str(problem.content))
        await pilot.press("escape")


def asking(
    microphones: Microphones, current: str = "", level: Callable[[], float] | None = None
) -> Asked:
    """An app with the picker open."""
    return Asked(
        lambda: DevicePicker(
            current, microphones.scan, microphones.probe, current_level=level, environ={}
        )
    )


def row(app: Asked, index: int) -> list[str]:
    """A line of the table as it is written."""
    table = app.screen.query_one(DeviceTable)
    return [table.get_cell_at(Coordinate(index, column)).plain.strip() for column in range(6)]


def shown(app: Asked, name: str) -> str:
    """The text of a part of the dialog."""
    return str(app.screen.query_one(name, Static).render())


async def test_every_device_has_its_line_and_its_level() -> None:
    """Name, host API, channels, rate, level; default and current are marked."""
    microphones = Microphones(Desk_Mic=0.0269, Room=0.005)
    app = asking(microphones, current="Desk Mic")
    async with app.run_test() as pilot:
        await until(pilot, lambda: "Room, JACK" in microphones.asked)
        await until(pilot, lambda: row(app, 2)[5] != "…")
        assert row(app, 0)[:5] == ["●", "Desk Mic", "ALSA", "1", "48"]
        assert row(app, 0)[5].endswith("−31.4")
        assert row(app, 1)[:5] == ["", "Room default", "ALSA", "2", "44.1"]
        assert row(app, 1)[5].endswith("−46.0")
        assert shown(app, "#detail") == "Desk Mic · ALSA · 1 ch · 48000 Hz · ● in use"


async def test_levels_live() -> None:
    """A level that changes is seen without a key."""
    microphones = Microphones(Desk_Mic=0.001)
    app = asking(microphones)
    async with app.run_test() as pilot:
        await until(pilot, lambda: row(app, 0)[5].endswith("−60.0"))
        microphones.levels["Desk Mic"] = 0.1
        await until(pilot, lambda: row(app, 0)[5].endswith("−20.0"))


async def test_what_cannot_be_opened_says_why() -> None:
    """A word in the table; the whole line for the highlighted one."""
    busy = "Room is in use by another program; close that one or choose another device"
    app = asking(Microphones(Room=busy, Desk_Mic=0.0))
    async with app.run_test() as pilot:
        await until(pilot, lambda: row(app, 1)[5] == "busy")
        await until(pilot, lambda: row(app, 0)[5] == "muted")
        assert shown(app, "#detail") == f"busy: {busy}"


async def test_a_device_that_never_answers_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is given up after a while, and its turn is over."""
    monkeypatch.setattr(device_picker, "_OPEN_TIMEOUT_S", 0.05)
    microphones = Microphones()
    answering = microphones.probe

    async def probe(name: str) -> float:
        if name == "Room":
            await asyncio.Event().wait()
        return await answering(name)

    microphones.probe = probe  # type: ignore[method-assign]  # the fake's mood
    app = asking(microphones)
    async with app.run_test() as pilot:
        await until(pilot, lambda: row(app, 1)[5] == "no answer")
        await until(pilot, lambda: row(app, 0)[5].endswith("−20.0"))


async def test_a_captured_device_is_not_opened_a_second_time() -> None:
    """Its level is the monitor's own."""
    microphones = Microphones()
    app = asking(microphones, "Desk Mic", lambda: 0.5)
    async with app.run_test() as pilot:
        await until(pilot, lambda: len(microphones.asked) >= 4)
        assert "Desk Mic" not in microphones.asked
        assert row(app, 0)[5].endswith("−6.0")


@pytest.mark.parametrize(
    ("current", "keys", "answer"),
    [("", [], "Room"), ("Desk Mic", ["down", "down"], "Room, JACK"), ("Room", [], "Room")],
)
async def test_enter_picks_what_is_highlighted(current: str, keys: list[str], answer: str) -> None:
    """The cursor begins at the current device, or at the default; the answer is its choice."""
    app = asking(Microphones(), current)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.screen.query_one(DeviceTable).row_count == 3)
        await pilot.press(*keys, "enter")
        await pilot.pause()
    assert app.answers == [answer]


async def test_a_second_click_picks() -> None:
    """The first only moves the cursor, so that one can look before.

    The second may be in another column, and come after the table was fitted anew.
    """
    app = asking(Microphones())
    async with app.run_test() as pilot:
        table = app.screen.query_one(DeviceTable)
        await until(pilot, lambda: table.row_count == 3 and table.region.height == 4)
        await pilot.pause()
        await pilot.click(DeviceTable, offset=(6, 1))
        await until(pilot, lambda: table.cursor_row == 0)
        assert app.answers == []
        table.fit(60)
        await pilot.pause()
        await pilot.click(DeviceTable, offset=(30, 1))
        await until(pilot, lambda: app.answers == ["Desk Mic"])


async def test_escape_leaves_and_nothing_is_probed_any_more() -> None:
    """The devices are let go of with the dialog."""
    microphones = Microphones()
    app = asking(microphones)
    async with app.run_test() as pilot:
        await until(pilot, lambda: bool(microphones.asked))
        await pilot.press("escape")
        await pilot.pause()
        assert app.answers == [None]
        asked = len(microphones.asked)
        await pilot.pause(0.3)
        assert len(microphones.asked) == asked
        assert microphones.open == 0


async def test_r_lists_the_devices_anew() -> None:
    """A microphone plugged in meanwhile is there, and one that went is not."""
    microphones = Microphones()
    app = asking(microphones, "Desk Mic")
    async with app.run_test() as pilot:
        await until(pilot, lambda: bool(microphones.asked))
        microphones.devices = [ROOM]
        await pilot.press("r")
        await until(pilot, lambda: app.screen.query_one(DeviceTable).row_count == 1)
        assert shown(app, "#notice") == '"Desk Mic" is not connected.'
        assert microphones.scans == 2


async def test_no_device_is_told_with_what_to_try() -> None:
    """Enter has nothing to pick; a rescan finds what is plugged in then."""
    microphones = Microphones()
    microphones.devices = []
    app = asking(microphones)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "o input device was found" in shown(app, "#notice"))
        assert "demo" in shown(app, "#notice")
        await pilot.press("enter")
        assert app.answers == []
        microphones.devices = [DESK]
        await pilot.press("r")
        await until(pilot, lambda: app.screen.query_one(DeviceTable).row_count == 1)
        await pilot.press("enter")
        await pilot.pause()
    assert app.answers == ["Desk Mic"]


async def test_resizing_fits_the_columns() -> None:
    """Cursor and levels stay."""
    app = asking(Microphones(), "Room, JACK")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.screen.query_one(DeviceTable).row_count == 3)
        await until(pilot, lambda: row(app, 2)[5].endswith("−20.0"))
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        table = app.screen.query_one(DeviceTable)
        await until(pilot, lambda: table.virtual_size.width <= table.size.width)
        assert table.cursor_row == 2
        assert row(app, 2)[5].endswith("−20.0")
