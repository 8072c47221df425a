"""The mouse on the main screen."""

import pytest
from support.screens.app_states import app_of, playing, running, text_of, until
from textual import events
from textual.command import CommandList, CommandPalette
from textual.widget import Widget

from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.widgets.status_line import KeyBar, StatusLine
from deeptone_tui.protocol.units import to_dbfs


async def drag(app: MonitorApp, widget: Widget, *places: tuple[int, int]) -> None:
    """Press at the first place, move over the others, let go at the last."""
    async with running(app) as pilot:
        await pilot.mouse_down(widget, offset=places[0])
        for place in places[1:]:
            await pilot.hover(widget, offset=place)
        await pilot.mouse_up(widget, offset=places[-1])
        await pilot.pause()


@pytest.mark.parametrize(("column", "dbfs"), [(0, -60.0), (20, -40.0), (59, -1.0), (62, 0.0)])
async def test_a_click_on_the_meter_puts_the_mark_there(column: int, dbfs: float) -> None:
    """At home, the column is the decibel."""
    app = app_of(playing())
    await drag(app, app.main.meter, (column, 0))
    assert to_dbfs(app.main.view.mark) == pytest.approx(dbfs, abs=0.005)


async def test_the_mark_is_dragged_along_the_meter() -> None:
    """And stays where it was let go."""
    app = app_of(playing())
    async with running(app) as pilot:
        await pilot.mouse_down(app.main.meter, offset=(14, 0))
        await pilot.hover(app.main.meter, offset=(30, 1))
        await pilot.pause()
        assert "−30.0 dBFS" in text_of(app)
        await pilot.mouse_up(app.main.meter, offset=(30, 1))
        await pilot.hover(app.main.meter, offset=(50, 1))
        await pilot.pause()
        assert app.main.view.mark == 0.03162


async def test_the_line_is_dragged_over_the_timeline() -> None:
    """Up is louder."""
    app = app_of(playing())
    await drag(app, app.main.timeline, (30, 2), (30, 1))
    assert app.main.view.mark == 0.03162
    assert to_dbfs(app_of(playing()).main.view.mark) == pytest.approx(-46.0, abs=0.03)


async def test_the_wheel_looks_at_older_results() -> None:
    """And down at the end follows again."""
    app = app_of(playing())
    async with running(app) as pilot:
        log = app.main.log_view
        await pilot._post_mouse_events([events.MouseScrollUp], log)
        assert not log.scroll_state.following
        assert "end follows" in text_of(app)
        await pilot._post_mouse_events([events.MouseScrollDown], log)
        assert log.scroll_state.following


async def test_a_click_selects_a_result() -> None:
    """The line under the mouse."""
    app = app_of(playing())
    async with running(app) as pilot:
        await pilot.click(app.main.log_view, offset=(10, 2))
        assert text_of(app).splitlines()[app.main.log_view.region.y + 2].startswith("▸")


async def test_at_home_the_keys_to_a_threshold_are_all_there() -> None:
    """Suggest, calibrate, tune, export: on 80 columns in one line."""
    app = app_of(playing())
    async with running(app) as pilot:
        keys = text_of(app).splitlines()[-1]
        assert "enter apply  a suggest  g calibrate  t tune  x export  ? help  q quit" in keys
        await pilot.click(app.main.query_one(KeyBar), offset=(keys.index("t tune"), 0))
        assert app.main.view.tuning


async def test_a_click_on_a_key_does_what_the_key_does() -> None:
    """Here: pause."""
    app = app_of(playing())
    async with running(app, (120, 24)) as pilot:
        bar = app.main.query_one(KeyBar)
        column = text_of(app).splitlines()[-1].index("space")
        await pilot.click(bar, offset=(column + 1, 0))
        assert app.main.view.frozen


async def test_the_mouse_reaches_every_action() -> None:
    """A click on the first line opens the list of all; a click in it does one."""
    app = app_of(playing())
    async with running(app, (60, 20)) as pilot:
        await pilot.click(app.main.query_one(StatusLine), offset=(20, 0))
        await pilot.pause()
        palette = app.screen
        assert isinstance(palette, CommandPalette)
        await pilot.press(*"previous result")
        commands = palette.query_one(CommandList)
        await until(pilot, lambda: commands.option_count == 1)
        await pilot.click(commands, offset=(5, 1))
        await pilot.pause()
        assert not palette.is_current
        assert not app.main.log_view.scroll_state.following
