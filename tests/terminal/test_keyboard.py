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


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (LookupError("that was not foreseen"), (LookupError, "that was not foreseen")),
        (OSError(5, "Input/output error"), ("exit", 1)),
    ],
    ids=["raised again once the screen has closed", "the terminal has gone and no signal tells"],
)
def test_an_error_ends_the_app(
    monkeypatch: pytest.MonkeyPatch, error: Exception, told: tuple[object, ...]
) -> None:
    """And nothing is printed over it."""

    def failing(_: KeyboardDriver) -> None:
        raise error

    monkeypatch.setattr(KeyboardDriver, "run_input_thread", failing)
    monkeypatch.setattr(keyboard, "_SIGNAL_COMES_WITHIN_S", 0.01)
    driver, app = KeyboardDriver.__new__(KeyboardDriver), Listening()
    monkeypatch.setattr(driver, "_app", app, raising=False)
    monkeypatch.setattr(driver, "exit_event", Event(), raising=False)
    driver._run_input_thread()
    assert app.told == [told]
