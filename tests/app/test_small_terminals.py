"""Keys and dialogs in terminals too small for anything, and after they have grown again."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest
from support.screens.app_states import app_of, drawn, playing, running, text_of
from textual.css.query import NoMatches
from textual.events import Key, Resize
from textual.geometry import Size
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import OptionList

from deeptone_tui import audio
from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.commands import KEYS
from deeptone_tui.app.widgets.painted import StripWidget
from deeptone_tui.audio import InputDevice

pytestmark = pytest.mark.long

DIALOGS = ("d", "e", "o", "equals_sign", "m", "x", "s", "question_mark", "g", "ctrl+p")
"""The keys that open one."""


async def back_to_the_main_screen(app: MonitorApp, pilot: Pilot[None]) -> None:
    """Leave whatever is open."""
    for _ in range(3):
        if app.screen is app.main:
            return
        await pilot.press("escape")


async def assert_whole(app: MonitorApp, pilot: Pilot[None]) -> None:
    """At home size again, all is there."""
    await back_to_the_main_screen(app, pilot)
    await pilot.resize_terminal(80, 24)
    await drawn(pilot)
    await pilot.pause()
    assert app.screen is app.main
    assert all(title in text_of(app) for title in ("Level", "Last minute", "Results", "quit"))


@pytest.fixture(autouse=True)
def one_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """No look at those of the machine."""

    async def listed() -> list[InputDevice]:
        return [InputDevice("desk", "ALSA", 1, 16_000, default=True, choice="desk")]

    async def level(_: str) -> float:
        return 0.1

    monkeypatch.setattr(audio, "look_for_input_devices", listed)
    monkeypatch.setattr(audio, "device_level", level)


@pytest.mark.parametrize("size", [(1, 1), pytest.param((4, 2), marks=pytest.mark.thorough)])
async def test_every_key_at_a_tiny_size(size: tuple[int, int]) -> None:
    """From the main screen; a dialog that it opens is left again."""
    app = app_of(playing())
    async with running(app, notifications=True) as pilot:
        await pilot.resize_terminal(*size)
        for binding in KEYS:
            if binding.id != "quit":
                await pilot.press(binding.key)
                await back_to_the_main_screen(app, pilot)
        assert app.is_running
        await assert_whole(app, pilot)


async def test_a_view_is_shown_between_a_new_size_and_its_resize_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The layout has sized a widget before it is told; a paste may come in between."""
    app = app_of(playing())
    async with running(app) as pilot:
        await drawn(pilot)
        view = app.main.view
        for part in app.main.query(StripWidget):
            for size in (Size(1, 1), Size(200, 50), Size(30, 3)):
                monkeypatch.setattr(type(part), "outer_size", size)
                for mark in (0.9, 0.001, view.mark):
                    part.present(replace(view, mark=mark))
            monkeypatch.undo()


@pytest.mark.parametrize("size", [(1, 1), pytest.param((7, 3), marks=pytest.mark.thorough)])
async def test_every_dialog_is_shrunk_to_a_tiny_size(size: tuple[int, int]) -> None:
    """And takes its keys there."""
    app = app_of(playing())
    async with running(app, notifications=True) as pilot:
        for key in DIALOGS:
            await pilot.resize_terminal(80, 24)
            await pilot.press(key)
            await pilot.resize_terminal(*size)
            await pilot.press("tab", "1")
            await back_to_the_main_screen(app, pilot)
        assert app.is_running
        await assert_whole(app, pilot)


async def test_keys_that_came_before_the_dialog_open_no_second_one() -> None:
    """However many had been pressed until it was there; afterwards the next one does."""
    app = app_of(playing())
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(2):
            for _ in range(20):
                app.action_command("export")
                app.action_command("type")
            await pilot.pause()
            await pilot.pause()
            assert len(app.screen_stack) == 2
            await pilot.press("escape")
            assert app.screen is app.main


async def test_a_dialog_that_opens_while_the_user_leaves_is_no_crash() -> None:
    """It gets no widgets any more, and may look for them."""
    app = app_of(playing())
    async with app.run_test(size=(80, 24)):
        app.exit()
        app._handle_exception(NoMatches("no list"))
    assert app.first_error is None
    assert app.return_code == 0


@pytest.mark.parametrize("key", DIALOGS)
async def test_a_dialog_left_before_it_has_its_widgets_is_no_crash(key: str) -> None:
    """Its key and escape came in one piece: it is told to begin without any of them."""
    app = app_of(playing())
    left = asyncio.Event()
    push = app.push_screen

    def push_and_leave(screen: Screen[None], *answered: object, **how: bool) -> object:
        pushed = push(screen, *answered, **how)
        screen.dismiss()
        left.set()
        return pushed

    async with running(app) as pilot:
        app.push_screen = push_and_leave  # type: ignore[method-assign]
        await pilot.press(key)
        async with asyncio.timeout(10):
            await left.wait()
        await pilot.pause()
        assert app.screen is app.main
        assert app.first_error is None


@pytest.mark.parametrize(
    ("key", "typed"), [("question_mark", "pagedown"), ("x", "2"), ("g", "escape")]
)
async def test_a_key_typed_ahead_waits_for_the_dialog(key: str, typed: str) -> None:
    """It is that dialog's, which has no widgets yet."""
    app = app_of(playing())
    push = app.push_screen

    def push_and_type(screen: Screen[None], *answered: object, **how: bool) -> object:
        pushed = push(screen, *answered, **how)
        app.post_message(Key(typed, None))
        return pushed

    async with running(app) as pilot:
        app.push_screen = push_and_type  # type: ignore[method-assign]
        await pilot.press(key)
        await pilot.pause()
        await pilot.pause()
        assert app.first_error is None
        assert (app.screen is app.main) == (typed == "escape")
        if typed == "2":
            assert app.screen.query_one(OptionList).highlighted == 1


@pytest.mark.parametrize("turns", range(6))
@pytest.mark.parametrize("typed", ["pagedown", "pageup", "down", "end"])
async def test_a_key_finds_the_palette_before_its_list_is_laid_out(turns: int, typed: str) -> None:
    """Textual moves by lines that a list does not have before."""
    app = app_of(playing())
    async with running(app) as pilot:
        app.post_message(Key("ctrl+p", None))
        for _ in range(turns):
            await asyncio.sleep(0)
        for _ in range(2):
            app.post_message(Key(typed, None))
        await pilot.pause()
        assert app.first_error is None


@pytest.mark.parametrize("key", ["question_mark", "ctrl+p", ""])
async def test_sizes_that_the_terminal_has_no_more_are_not_laid_out(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dialog, the palette and the main screen take the newest one of many."""
    app = app_of(playing())
    async with running(app) as pilot:
        if key:
            await pilot.press(key)
        await pilot.pause()
        laid_out: list[Size] = []
        lay_out = Screen._refresh_layout

        def counted(screen: Screen[object], size: Size | None = None, **how: bool) -> None:
            laid_out.append(size or screen.size)
            lay_out(screen, size, **how)

        monkeypatch.setattr(Screen, "_refresh_layout", counted)
        sizes = [Size(100 + width % 7, 30) for width in range(100)]
        app._size = sizes[-1]
        for size in sizes:
            app.screen.post_message(Resize(size, size))
            app.screen.call_later(lambda: None)  # or Textual itself leaves all but the last one out
        await pilot.pause()
        assert set(laid_out) == {sizes[-1]}
        assert app.screen.size == sizes[-1]
        assert len(laid_out) < 20


async def test_a_palette_that_searches_on_once_left_is_no_crash() -> None:
    """What it finds then has no list to go to."""
    app = app_of(playing())
    async with running(app) as pilot:
        app.action_command_palette()
        await pilot.pause()
        palette = app.screen
        await pilot.press("escape")
        await pilot.pause()
        palette.run_worker(partial(palette.query_one, OptionList), thread=True)
        await pilot.pause(0.1)
        assert app.first_error is None
        app.main.run_worker(partial(app.main.query_one, OptionList), thread=True)
        with pytest.raises(NoMatches):  # that of a screen that is there is one
            raise await crash_of(app)


async def crash_of(app: MonitorApp) -> Exception:
    """What ends the app."""
    async with asyncio.timeout(10):
        while app.first_error is None:  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(0.01)
    crash, app._exception = app.first_error, None  # or the test is ended with it
    return crash


async def test_a_palette_that_is_asked_to_close_as_the_last_screen_is_no_error() -> None:
    """A command was chosen in it while the app ended."""
    app = app_of(playing())
    async with app.run_test() as pilot:
        await drawn(pilot)
        app.action_command_palette()
        await pilot.pause()
        palette, stack = app.screen, app.screen_stack
        del app._screen_stack[:-1]
        await palette.dismiss()
        app._screen_stack[:] = stack
        await pilot.pause()
        assert app.is_running
