"""What the tests of the screen share."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def terminal_and_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A terminal of many colours, and a home without anybody's choices."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path
