"""The app itself on the wire."""

import sys
from pathlib import Path

import pytest
from support.programs.program import surroundings
from support.screens.prepared_monitor import ScenePlayer
from support.terminals.answering_terminal import answering_terminal
from support.terminals.two_terminals import use_at_random

from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.settings import ScreenSettings
from deeptone_tui.settings.options import Options
from deeptone_tui.terminal.driver import ScreenDriver

pytestmark = pytest.mark.long

INLINE = """
from textual.app import App
from textual.widgets import Static
from deeptone_tui.terminal import driver_class

class Small(App):
    BINDINGS = [("q", "quit", "Quit")]

    def compose(self):
        yield Static("a few lines of the shell")

Small(driver_class=driver_class(diff=True)).run(inline=True)
"""


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A terminal of many colours, and a home without anybody's choices."""
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)


@pytest.mark.parametrize(
    "seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(2, 8))]
)
async def test_the_app_looks_the_same_on_the_wire(seed: int) -> None:
    """Keys, dialogs, resizes and a terminal that stalls: cell by cell, with all attributes."""
    assert await use_at_random(seed) == ""


def test_the_wire_is_the_default_and_can_be_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another driver that is asked for, as in a browser, goes before it."""
    assert MonitorApp(ScenePlayer(), ScreenSettings()).driver_class is ScreenDriver
    assert (
        MonitorApp(ScenePlayer(), ScreenSettings(options=Options(diff=False))).driver_class
        is not ScreenDriver
    )
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.headless_driver:HeadlessDriver")
    assert MonitorApp(ScenePlayer(), ScreenSettings()).driver_class is not ScreenDriver


def test_inline_textual_draws_by_itself(tmp_path: Path) -> None:
    """Within the shell's lines nothing is known of what stands around."""
    with answering_terminal([sys.executable, "-c", INLINE], env=surroundings(tmp_path)) as session:
        session.wait_for("a few lines of the shell")
        session.send("q")
        session.wait_for_exit()
        assert b"\x1b[?1049h" not in session.output
        assert b"\x1b[6n" in session.output
