"""Errors of the screen itself, wherever they come up: it closes, prints nothing, and tells one."""

import contextlib
import threading
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from support.screens.app_states import app_of, playing, until

from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.themed import ScreenError
from deeptone_tui.app.widgets.status_line import StatusLine


class UnforeseenError(Exception):
    """One that Textual would print in its own way."""

    def __rich__(self) -> str:
        """All that it knows."""
        return "SECRET"


def fail(*_args: object, **_options: object) -> NoReturn:
    """Break."""
    raise UnforeseenError


async def work() -> NoReturn:
    """Break beside everything else."""
    fail()


def in_a_thread(app: MonitorApp) -> None:
    """What the drivers do with an error of their own threads."""
    call = lambda: app.call_later(app._handle_exception, UnforeseenError())  # noqa: E731
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()


WAYS: dict[str, Callable[[MonitorApp], Any]] = {
    "timer": lambda app: app.set_timer(0.01, fail),
    "interval of a widget": lambda app: app.main.set_interval(0.01, fail),
    "worker": lambda app: app.run_worker(work(), group="dialog"),
    "thread": in_a_thread,
    "callback": lambda app: app.call_later(fail),
    "after a refresh": lambda app: app.main.call_after_refresh(fail),
}


async def crashed_by(break_it: Callable[[MonitorApp], object]) -> MonitorApp:
    """An app that has ended itself."""
    app = app_of(playing())
    with contextlib.suppress(UnforeseenError, ScreenError):  # raised once more for tests
        async with app.run_test(size=(80, 24)) as pilot:
            break_it(app)
            await until(pilot, lambda: app.first_error is not None)
    assert app.return_code == 1
    assert not app._exit_renderables
    return app


@pytest.mark.parametrize("way", WAYS)
async def test_the_error_itself_is_told_and_nothing_is_printed(
    way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says where it comes from, also out of a worker."""
    app = await crashed_by(WAYS[way])
    assert isinstance(app.first_error, UnforeseenError)
    assert capsys.readouterr() == ("", "")


async def test_an_error_in_what_is_drawn_ends_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Textual composes the screen."""

    def break_it(app: MonitorApp) -> None:
        monkeypatch.setattr(StatusLine, "render_line", fail)
        app.refresh(layout=True)

    app = await crashed_by(break_it)
    assert isinstance(app.first_error, UnforeseenError)


async def test_a_panic_of_textual_is_an_error_like_another() -> None:
    """With exit code 1, though it has none of its own."""
    app = await crashed_by(lambda app: app.panic("no such terminal"))
    assert str(app.first_error) == "no such terminal"
