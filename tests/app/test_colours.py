"""Whether everything can be read and told apart, by everybody, in our own themes."""

from collections.abc import Callable, Iterator
from itertools import combinations

import pytest
from support.screens import app_states
from support.screens.app_states import app_of, playing, running
from support.screens.prepared_monitor import PreparedMonitor
from support.terminals.cells import Cell, cells_of
from support.terminals.colours import VISION, Rgb, contrast, difference
from textual.app import App

from deeptone_tui.app.presenters.palette import Palette
from deeptone_tui.app.themes import DARK, LIGHT

OWN = [DARK.name, LIGHT.name]
READABLE = 4.5
"""Contrast that WCAG 2 asks of text (AA)."""
APART = 8.0
"""Difference (CIEDE2000) at which colours are told apart without being side by side."""
CLASSES = ("first", "second", "third", "fourth", "fifth", "sixth", "quiet", "unsure")
STATES = ("good", "busy", "bad", "over", "text")


def palette_of(theme: str) -> Palette:
    """The colours of a theme."""
    app = app_of(PreparedMonitor(), theme=theme)
    palette = Palette()
    palette.use(app.get_css_variables())
    return palette


def colour(palette: Palette, tone: str) -> Rgb:
    """Of the signs of a tone."""
    found = palette[tone].color
    assert found is not None
    red, green, blue = found.get_truecolor()
    return red, green, blue


def apart_to(palette: Palette, one: str, other: str, vision: str) -> float:
    """How different two tones are."""
    return difference(colour(palette, one), colour(palette, other), vision)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", OWN)
@pytest.mark.parametrize("tones", [CLASSES, STATES], ids=["classes", "states"])
def test_colours_differ_to_everybody(theme: str, vision: str, tones: tuple[str, ...]) -> None:
    """Classes among one another and states among one another, each pair."""
    palette = palette_of(theme)
    near = {
        pair: round(apart, 1)
        for pair in combinations(tones, 2)
        if (apart := apart_to(palette, *pair, vision)) < APART
    }
    assert near == {}


def test_the_difference_is_the_one_of_the_standard() -> None:
    """Known values: none, black to white, and two colours of which one is hardly other."""
    assert difference((10, 20, 30), (10, 20, 30)) == 0
    assert difference((0, 0, 0), (255, 255, 255)) == pytest.approx(100, abs=0.01)
    assert difference((255, 0, 0), (0, 255, 0)) == pytest.approx(86.6, abs=0.1)
    assert difference((255, 0, 0), (130, 120, 0), "deuteranopia") < 15
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


def unreadable(app: App[None]) -> set[tuple[str, Rgb, Rgb, float]]:
    """Text with too little contrast; of a dialog its own, not what it has put aside."""
    frames = list(app.screen.query("#frame, CommandPalette #--container"))
    region = frames[0].region if frames else app.screen.region
    return {
        (cell.sign, cell.front, cell.back, round(cell.contrast, 2))
        for cell in _texts(app)
        if region.contains(cell.x, cell.y) and cell.contrast < READABLE
    }


def _texts(app: App[None]) -> Iterator[Cell]:
    """Letters and signs; not the coloured picture before the palette's input."""
    return (cell for cell in cells_of(app) if cell.is_text and cell.sign != "🔎")


STATES_OF_THE_SCREEN = (
    app_states.retrying,
    app_states.refused,
    app_states.stalled,
    app_states.muted,
    app_states.clipping,
    app_states.paused_file,
    app_states.recording,
    app_states.recording_stopped,
    app_states.ended,
    app_states.replayed,
    playing,
)


@pytest.mark.parametrize("theme", OWN)
@pytest.mark.parametrize("state", STATES_OF_THE_SCREEN, ids=lambda state: str(state.__name__))
async def test_every_state_can_be_read(state: Callable[[], PreparedMonitor], theme: str) -> None:
    """Every sign of the screen as it is drawn has a contrast of 4.5 and more."""
    app = app_of(state(), theme=theme)
    async with running(app, (100, 30)):
        assert unreadable(app) == set()


@pytest.mark.parametrize("theme", OWN)
async def test_everything_that_keys_open_can_be_read(theme: str) -> None:
    """Panels and dialogs, with what is selected in them and what they warn of."""
    app = app_of(playing("speech-rt", "gender"), theme=theme)
    async with running(app, (100, 30), notifications=True) as pilot:
        for keys in (
            ["up", "up"], ["a"], ["escape", "t"], ["escape", "equals_sign"], ["9", "enter"],
            ["escape", "question_mark"], ["escape", "x"], ["escape", "e"], ["escape", "m", "down"],
            ["escape", "s"], ["escape", "o"], ["escape", "colon"], ["m"], ["escape", "comma"],
        ):  # fmt: skip
            await pilot.press(*keys)
            await pilot.pause()
            assert unreadable(app) == set(), keys
