"""Colours and characters."""

import ast
from pathlib import Path

import pytest
from textual.app import App
from textual.theme import BUILTIN_THEMES

import deeptone_tui
from deeptone_tui.app.presenters.palette import LOOKS, Palette
from deeptone_tui.app.themed import plain
from deeptone_tui.app.themes import ANSI, DARK, LIGHT, OWN, is_light, theme_named

DRAWN = ("app", "audio", "dsp", "monitor", "recording", "session", "tuning")
"""Packages whose words are on the screen."""
THEMES = {**BUILTIN_THEMES, **{theme.name: theme for theme in OWN}}


def variables_of(name: str) -> dict[str, str]:
    """What a theme gives the stylesheets."""
    app: App[None] = App()
    app.register_theme(THEMES[name])
    app.theme = name
    return app.get_css_variables()


@pytest.mark.parametrize("name", THEMES)
def test_every_tone_has_a_style_in_every_theme(name: str) -> None:
    """Textual's own themes too; what is over something takes its colour."""
    palette = Palette()
    palette.use(variables_of(name))
    for tone in LOOKS:
        assert palette[tone].color is not None
    over = palette.over("mark", "above")
    assert (over.color, over.bgcolor) == (palette["above"].color, palette["mark"].color)
    assert over.reverse


def test_the_terminals_own_colours_are_dimmed_not_blended() -> None:
    """Half of an unknown colour cannot be computed."""
    palette = Palette()
    palette.use(variables_of(ANSI.name))
    assert palette["dim"].dim
    assert palette["above"].color is not None
    assert palette["above"].color.number == 6


def test_the_first_theme() -> None:
    """What was asked for, what was remembered, what suits the terminal."""
    known = frozenset(THEMES)
    assert theme_named("nord", "dracula", known=known, simple=True) == "nord"
    assert theme_named(None, "dracula", known=known, simple=False) == "dracula"
    assert theme_named("gone", None, known=known, simple=False) == DARK.name
    assert theme_named(None, None, known=known, simple=True) == ANSI.name
    assert theme_named(None, None, known=known, simple=False, light=True) == LIGHT.name


@pytest.mark.parametrize(
    ("colours", "light"),
    [(None, False), ("", False), ("15;0", False), ("0;15", True), ("0;default;7", True)],
)
def test_a_terminal_can_say_that_it_is_light(colours: str | None, light: bool) -> None:
    """By ``COLORFGBG``."""
    assert is_light(colours) is light


def test_every_sign_of_the_screen_has_a_likeness() -> None:
    """Whatever the sources write that end up on it, ASCII has something for it."""
    folders = (Path(deeptone_tui.__file__).parent / name for name in DRAWN)
    written = {
        sign
        for folder in folders
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for sign in node.value
        if not sign.isascii()
    }
    assert {sign for sign in written if "?" in plain(sign)} == set()


def test_plain_text_keeps_its_width() -> None:
    """Every sign of the screen has a likeness in ASCII; the rest is a question mark."""
    text = "● STREAMING ─ ▌ −46.0 dBFS ▁▂▃▄▅▆▇█ ┃╌╵▲◀ ━╸ …"
    assert plain(text).isascii()
    assert len(plain(text)) == len(text)
    assert "?" not in plain(text)
    assert plain("Größe") == "Gr??e"
    assert plain("🔎 日本e\u0301") == "?? ????e"
    assert plain("0.0000  −∞ dBFS") == "0.0000  -inf dB"
