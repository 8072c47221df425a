"""The program's own themes, in addition to Textual's.

The six colours of classes and states in `DARK` and `LIGHT` were found by search: together with
text and muted text they stay distinct under protanopia, deuteranopia and tritanopia, and have a
contrast of 4.5 on every background they are used on. Tests compute both; do not change any of
them by hand.
"""

from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="deeptone-dark",
    dark=True,
    primary="#379cc9",
    secondary="#23c9a7",
    accent="#c3aefb",
    warning="#f7c262",
    error="#f26b7a",
    success="#76ac31",
    foreground="#d5dbe3",
    background="#0e1217",
    surface="#171d25",
    panel="#1d2530",
    variables={
        "primary-muted": "#2b4a5f",
        "error-muted": "#43232a",
        "text-primary": "#379cc9",
        "text-accent": "#c3aefb",
        "text-warning": "#f7c262",
        "text-error": "#f26b7a",
        "text-success": "#76ac31",
        "text-muted": "#96a1ae",
        "text-disabled": "#96a1ae",
        "footer-key-foreground": "#c3aefb",
        "block-cursor-foreground": "#eef3f8",
        "block-cursor-background": "#143f54",
        "block-cursor-blurred-background": "#15293a",
        "input-selection-background": "#1d5570",
        "block-cursor-text-style": "none",
    },
)
"""The default theme: muted greys, one blue for sound, one amber for the threshold."""

LIGHT = Theme(
    name="deeptone-light",
    dark=False,
    primary="#0a709e",
    secondary="#22644c",
    accent="#6d49ed",
    warning="#6a3a03",
    error="#ba244c",
    success="#487403",
    foreground="#1d2733",
    background="#f7f8fa",
    surface="#e9edf2",
    panel="#dfe5ec",
    variables={
        "primary-muted": "#a9cbe2",
        "error-muted": "#f6d6d9",
        "text-primary": "#0a709e",
        "text-accent": "#6d49ed",
        "text-warning": "#6a3a03",
        "text-error": "#ba244c",
        "text-success": "#487403",
        "text-muted": "#525c68",
        "text-disabled": "#525c68",
        "footer-key-foreground": "#6d49ed",
        "block-cursor-foreground": "#10202b",
        "block-cursor-background": "#cde3ee",
        "block-cursor-blurred-background": "#e0ebf1",
        "input-selection-background": "#bcd9e8",
        "block-cursor-text-style": "none",
    },
)
"""The same theme on a light background."""

ANSI = Theme(
    name="deeptone-ansi",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_bright_blue",
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
        "block-cursor-blurred-foreground": "ansi_default",
        "block-cursor-blurred-background": "ansi_default",
        "block-cursor-blurred-text-style": "reverse",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
    },
)
"""The theme for simple terminals, in their own 16 colours; the dark blue of many is too dark for
text."""

OWN = (DARK, LIGHT, ANSI)


def theme_names() -> list[str]:
    """Return the names of all themes, the program's own first."""
    return [theme.name for theme in OWN] + sorted(BUILTIN_THEMES)


def theme_named(
    *wanted: str | None, known: frozenset[str], simple: bool, light: bool = False
) -> str:
    """Return the name of the theme to start with.

    Args:
        wanted: names in order of precedence; None and unknown names are skipped.
        known: names of all themes.
        simple: True if the terminal has few colours or the user wants none.
        light: True if the terminal reports a light background.
    """
    for name in wanted:
        if name in known:
            return name
    if simple:
        return ANSI.name
    return LIGHT.name if light else DARK.name


def is_light(colours: str | None) -> bool:
    """Return True if ``COLORFGBG`` reports a light background; not every terminal sets it.

    Args:
        colours: its value, the numbers of foreground and background: ``0;15``, ``0;default;15``.
    """
    return (colours or "").rpartition(";")[2] in {"7", "15"}
