"""The program's own themes, beside those of Textual."""

from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="deeptone-dark",
    dark=True,
    primary="#5aa9d6",
    secondary="#4fb8a4",
    accent="#b79bea",
    warning="#e6b450",
    error="#ee6d77",
    success="#8ec46f",
    foreground="#d5dbe3",
    background="#0e1217",
    surface="#171d25",
    panel="#1d2530",
    variables={
        "primary-muted": "#2b4a5f",
        "error-muted": "#43232a",
        "text-muted": "#7d8896",
        "footer-key-foreground": "#b79bea",
        "block-cursor-text-style": "none",
    },
)
"""The default: quiet greys, one blue for sound, one amber for the mark."""

LIGHT = Theme(
    name="deeptone-light",
    dark=False,
    primary="#1f77ad",
    secondary="#17806f",
    accent="#7a4fc0",
    warning="#b26a00",
    error="#c0303f",
    success="#3f7f1f",
    foreground="#1d2733",
    background="#f7f8fa",
    surface="#e9edf2",
    panel="#dfe5ec",
    variables={
        "primary-muted": "#a9cbe2",
        "error-muted": "#f6d6d9",
        "text-muted": "#66717f",
        "footer-key-foreground": "#7a4fc0",
        "block-cursor-text-style": "none",
    },
)
"""The same on paper."""

ANSI = Theme(
    name="deeptone-ansi",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_blue",
    accent="ansi_magenta",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "primary-muted": "ansi_blue",
        "border-blurred": "ansi_white",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_cyan",
        "block-cursor-blurred-foreground": "ansi_white",
        "block-cursor-blurred-background": "ansi_blue",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
    },
)
"""For simple terminals: their own sixteen colours."""

OWN = (DARK, LIGHT, ANSI)


def theme_names() -> list[str]:
    """Every name that can be asked for, the program's own first."""
    return [theme.name for theme in OWN] + sorted(BUILTIN_THEMES)


def theme_named(*wanted: str | None, known: frozenset[str], simple: bool) -> str:
    """The theme to begin with.

    Args:
        wanted: names, the most binding first; None or unknown ones are passed over.
        known: names of all themes.
        simple: whether the terminal has few colours or none are wanted.
    """
    for name in wanted:
        if name in known:
            return name
    return ANSI.name if simple else DARK.name
