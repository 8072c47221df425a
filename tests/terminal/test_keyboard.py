"""The thread of the keys, where it fails."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from deeptone_tui.terminal import keyboard
from deeptone_tui.terminal.keyboard import KeyboardDriver


class Listening:
    """What the driver tells the app of."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def call_later(self, call: Callable[..., Any], *given: Any) -> None:  # noqa: ANN401  Textual's
        """In the thread of the app."""
        call(*given)

    def exit(self, _result: None, code: int) -> None:
        """Leave."""
        self.told.append(("exit", code))

    def _handle_exception(self, error: Exception) -> None:
        self.told.append((type(error), str(error)))


def test_an_error_is_the_apps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who raises it again once the screen has closed; nothing is printed over it."""

    def failing(_: KeyboardDriver) -> None:
        raise LookupError("that was not foreseen")

    monkeypatch.setattr(KeyboardDriver, "run_input_thread", failing)
    driver, app = KeyboardDriver.__new__(KeyboardDriver), Listening()
    monkeypatch.setattr(driver, "_app", app, raising=False)
    driver._run_input_thread()
    assert app.told == [(LookupError, "that was not foreseen")]


def test_a_terminal_that_has_gone_ends_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no signal tells that it has."""

    def failing(_: KeyboardDriver) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(KeyboardDriver, "run_input_thread", failing)
    monkeypatch.setattr(keyboard, "_SIGNAL_COMES_WITHIN_S", 0.01)
    driver, app = KeyboardDriver.__new__(KeyboardDriver), Listening()
    monkeypatch.setattr(driver, "_app", app, raising=False)
    monkeypatch.setattr(driver, "exit_event", Event(), raising=False)
    driver._run_input_thread()
    assert app.told == [("exit", 1)]
