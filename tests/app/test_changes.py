"""What has come into force: its line in the log, its tick below the history."""

from collections.abc import Callable

import pytest
from support.screens.app_states import app_of, drawn, playing, running, text_of
from support.screens.prepared_monitor import ScenePlayer

from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.screens.help import NUMBERS
from deeptone_tui.app.widgets.timeline import CHANGE, Timeline
from deeptone_tui.monitor.state import Change, ChangeKind
from deeptone_tui.protocol import SAMPLE_RATE_HZ

LOWER = Change(ChangeKind.THRESHOLD, "0.0050", "0.0042", 20 * 16_384, number=1)
HEADSET = Change(ChangeKind.DEVICE, "desk", "headset", 30 * SAMPLE_RATE_HZ, number=2)
WORDS = "threshold 0.0050 → 0.0042 applied (−46.0 dBFS → −47.5 dBFS)"


def changed(*changes: Change, **settings: object) -> tuple[ScenePlayer, MonitorApp]:
    """A scene in which something comes into force, and the app that is to find it."""
    monitor = playing(steps=700)
    app = app_of(monitor, **settings)
    monitor.change(changes=changes)
    return monitor, app


def axis_of(app: MonitorApp) -> str:
    """The time axis."""
    timeline = app.main.query_one(Timeline)
    return timeline.render_line(timeline.rows).text


def log_of(app: MonitorApp) -> list[str]:
    """The lines of the log in view."""
    log = app.main.log_view
    return [log.render_line(y).text.strip() for y in range(log.size.height)]


async def test_a_change_is_a_line_before_the_first_result_that_it_holds_for() -> None:
    """At its time, with its sign, in both units."""
    _, app = changed(LOWER)
    async with running(app, (100, 60)) as pilot:
        await pilot.press("home")
        await drawn(pilot)
        lines = log_of(app)
        (place,) = [n for n, line in enumerate(lines) if CHANGE in line]
        assert lines[place] == f"00:00:20.4  {CHANGE} {WORDS}"
        assert lines[place - 1].startswith("00:00:19.4")
        assert lines[place + 1].startswith("00:00:20.4")


async def test_a_change_stays_listed_under_a_filter_and_can_be_copied() -> None:
    """It concerns every model; what is copied is its words."""
    _, app = changed(LOWER)
    async with running(app, (100, 60)) as pilot:
        await pilot.press("f", "home")
        await drawn(pilot)
        (place,) = [n for n, line in enumerate(log_of(app)) if CHANGE in line]
        await pilot.press(*["down"] * place, "c")
        await pilot.pause()
        assert app.clipboard == WORDS


async def test_each_change_is_told_once() -> None:
    """However often the state is published, and when more come later."""
    monitor, app = changed(LOWER)
    async with running(app, (100, 60)) as pilot:
        for changes in ((LOWER,), (LOWER, HEADSET), (LOWER, HEADSET)):
            monitor.change(changes=changes)
            await drawn(pilot)
        told = [line for line in log_of(app) if CHANGE in line]
        assert told == [f"00:00:20.4  {CHANGE} {WORDS}", f"00:00:30.0  {CHANGE} {HEADSET.words}"]


async def test_a_tick_stands_where_it_took_effect_and_moves_with_the_history() -> None:
    """At home a column is a second; it goes out at the left."""
    monitor, app = changed(LOWER, HEADSET)
    async with running(app) as pilot:
        timeline = app.main.timeline
        for _ in range(3):
            end = timeline.columns.end
            places = [n - (end - timeline.plot) for n in (20, 30)]
            axis = axis_of(app)
            assert [n for n, sign in enumerate(axis) if sign == CHANGE] == places
            monitor.advance(160)
            await drawn(pilot)
        monitor.advance(900)
        await drawn(pilot)
        assert CHANGE not in axis_of(app)
        assert "−60 s" in axis_of(app)


async def test_a_late_tick_is_drawn_where_it_belongs() -> None:
    """The change is told with its first result, when its columns were drawn already."""
    monitor, app = changed()
    async with running(app) as pilot:
        assert CHANGE not in axis_of(app)
        monitor.change(changes=(LOWER,))
        await drawn(pilot)
        assert axis_of(app).count(CHANGE) == 1


async def test_a_frozen_history_gets_no_ticks() -> None:
    """It shows one moment; the log goes on below."""
    monitor, app = changed(LOWER)
    async with running(app) as pilot:
        await pilot.press("space")
        monitor.change(changes=(LOWER, HEADSET))
        await drawn(pilot)
        assert axis_of(app).count(CHANGE) == 1
        await pilot.press("space")
        await drawn(pilot)
        assert axis_of(app).count(CHANGE) == 2
        assert "device desk → headset" in text_of(app)


@pytest.mark.parametrize("size", [(80, 24), (100, 30)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_look(snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    """Two changes, a moment ago."""
    just_now = Change(ChangeKind.THRESHOLD, "0.0050", "0.0042", 42 * 16_384, number=2)
    earlier = Change(ChangeKind.DEVICE, "desk", "USB Audio CODEC", 320_000, number=1)
    _, app = changed(earlier, just_now)
    assert snap_compare(app, terminal_size=size, run_before=drawn)


def test_the_look_in_ascii(snap_compare: Callable[..., bool]) -> None:
    """Without colours and signs."""
    _, app = changed(LOWER, plain=True, theme=None)
    assert snap_compare(app, terminal_size=(80, 24), run_before=drawn)


def test_the_help_says_what_it_is() -> None:
    """By its sign."""
    assert "applies" in NUMBERS[CHANGE]
