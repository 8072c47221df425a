"""What the dialog tests share: no blinking cursor, and no file of the user's touched."""

from pathlib import Path

import pytest
from textual.widgets import Input


@pytest.fixture(autouse=True)
def _still_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A blinking cursor is a clock, and pictures must not depend on one."""
    original = Input.__init__

    def still(self: Input, *positional: object, **named: object) -> None:
        original(self, *positional, **named)  # type: ignore[arg-type]  # passed on as they came
        self.cursor_blink = False

    monkeypatch.setattr(Input, "__init__", still)


@pytest.fixture(autouse=True)
def _own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """State and configuration of the tests' own."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("HOME", str(home))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the program runs in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
