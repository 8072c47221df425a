"""Colours and characters."""

import pytest
from textual.app import App
from textual.theme import BUILTIN_THEMES

from deeptone_tui.app.palette import LOOKS, Palette
from deeptone_tui.app.plain import plain
from deeptone_tui.app.themes import ANSI, DARK, OWN, theme_named

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


@pytest.mark.parametrize("name", [theme.name for theme in OWN if not theme.ansi])
def test_our_themes_can_be_read(name: str) -> None:
    """Words stand out from their ground: contrast of 4.5 at least, 3 for what is muted."""
    palette = Palette()
    palette.use(variables_of(name))
    for tone in ("text", "title", "key", "good", "held", "bad", "first", "second", "third"):
        assert _contrast(palette, tone) >= 4.5, tone
    for tone in ("dim", "quiet", "mark", "loud"):
        assert _contrast(palette, tone) >= 3, tone
    assert palette["silent"] != palette["loud"]


def _contrast(palette: Palette, tone: str) -> float:
    """Contrast ratio after WCAG 2."""
    style = palette[tone]
    assert style.color is not None
    assert style.bgcolor is not None
    light, dark = sorted(
        (_luminance(colour.get_truecolor()) for colour in (style.color, style.bgcolor)),
        reverse=True,
    )
    return (light + 0.05) / (dark + 0.05)


def _luminance(triplet: tuple[int, int, int]) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (part / 255 for part in triplet)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


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


def test_plain_text_keeps_its_width() -> None:
    """Every sign of the screen has a likeness in ASCII; the rest is a question mark."""
    text = "● STREAMING ─ ▌ −46.0 dBFS ▁▂▃▄▅▆▇█ ┃╌╵▲◀ ━╸ …"
    assert plain(text).isascii()
    assert len(plain(text)) == len(text)
    assert "?" not in plain(text)
    assert plain("Größe") == "Gr??e"
    assert plain("0.0000  −∞ dBFS") == "0.0000  -inf dB"
