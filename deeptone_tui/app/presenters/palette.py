"""The palette: styles of the screen by meaning, made from the variables of the theme.

One table for all widgets replaces component classes in the stylesheet: Textual would parse some
fifty rules and resolve them for every widget before the first frame.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from rich.style import Style
from textual.color import Color
from textual.filter import NoColor

if TYPE_CHECKING:
    from textual.filter import LineFilter


class Look(NamedTuple):
    """A style in terms of the theme's variables."""

    colour: str = "foreground"
    ground: str = "background"
    bold: bool = False
    reverse: bool = False


LOOKS: Mapping[str, Look] = {
    # words
    "text": Look(),
    "dim": Look("text-muted"),
    "strong": Look(bold=True),
    "title": Look("text-primary", bold=True),
    "rule": Look("primary-muted"),
    "key": Look("text-accent", bold=True),
    # states
    "good": Look("text-success", bold=True),
    "busy": Look("text-warning"),
    "held": Look("text-warning", bold=True),
    "bad": Look("text-error", bold=True),
    "over": Look("text-muted", bold=True),
    "record": Look("text-error", bold=True),
    "alert": Look("text-error", bold=True),
    "alert-line": Look(ground="error-muted", bold=True),
    "clip": Look("text-error", bold=True, reverse=True),
    # the meter: levels below the threshold are muted everywhere
    "track": Look(ground="surface"),
    "below": Look("primary-muted", "surface"),
    "above": Look("primary", "surface"),
    "mark": Look("warning", bold=True),
    "peak": Look(),
    "needle": Look(),
    "tick": Look("text-muted"),
    "pile-below": Look("primary-muted"),
    "pile-above": Look("primary"),
    # the timeline
    "silent": Look("primary-muted"),
    "loud": Look("primary"),
    "line": Look("warning"),
    # classes
    "first": Look("success"),
    "second": Look("accent"),
    "third": Look("secondary"),
    "fourth": Look("primary"),
    "fifth": Look("warning"),
    "sixth": Look("error"),
    "quiet": Look("text-muted"),
    "unsure": Look(),
    # the log
    "selected": Look("warning", "block-cursor-blurred-background"),
}
"""Look of every tone."""


class Palette:
    """Styles by tone, cached until the theme changes."""

    def __init__(self) -> None:
        self.filters: tuple[LineFilter, ...] = ()
        """Filters of every line, for screens without colours or with ASCII only."""
        self._variables: Mapping[str, str] = {}
        self._styles: dict[object, Style] = {}

    def use(self, variables: Mapping[str, str]) -> None:
        """Set the variables of another theme, and clear the cached styles."""
        self._variables = variables
        self._styles.clear()

    def __getitem__(self, tone: str) -> Style:
        return self._cached(tone, lambda: style_of(LOOKS[tone], self._variables))

    def _cached(self, key: object, make: Callable[[], Style]) -> Style:
        style = self._styles.get(key)
        if style is None:
            style = self._styles[key] = make()
        return style

    def over(self, tone: str, under: str) -> Style:
        """Return the style of a character on a cell filled with the colour of another tone.

        It is in reverse with the two colours swapped, so that the cell stays filled on a screen
        without colours.
        """

        def made() -> Style:
            colours = Style(color=self[under].color, bgcolor=self[tone].color, reverse=True)
            return self[tone] + colours

        return self._cached((tone, "over", under), made)

    @property
    def colours(self) -> bool:
        """True if the screen has colours."""
        return not any(isinstance(line_filter, NoColor) for line_filter in self.filters)

    def both(self, tone: str, behind: str) -> Style:
        """Return the style of a cell with one tone's colour in front and another's behind."""
        return self._cached(
            (tone, "behind", behind), lambda: self[tone] + Style(bgcolor=self[behind].color)
        )

    def selected(self, tone: str | Style) -> Style:
        """Return a style as it is in the selected line.

        The terminal's own colours are only known to be legible on its default background, so the
        line is in reverse there, which is also visible without colours.
        """
        ground = self["selected"].bgcolor
        if ground is None or ground.is_default:
            bold = (self[tone] if isinstance(tone, str) else tone).bold
            return _PLAIN + Style(bold=bold, reverse=True)
        return self.on_ground_of(tone, "selected")

    def on_ground_of(self, tone: str | Style, ground: str) -> Style:
        """Return a style on the background of another."""
        style = self[tone] if isinstance(tone, str) else tone
        return style + Style(bgcolor=self[ground].bgcolor)


def style_of(look: Look, variables: Mapping[str, str]) -> Style:
    """Return the style of a look in a theme.

    Args:
        look: the look.
        variables: the theme's variables by name, with colours as in stylesheets. Missing ones
            mean the terminal's own colours.
    """
    background, _ = _colour(variables.get("background", ""), _TERMINAL)
    ground, _ = _colour(variables.get(look.ground, ""), background)
    colour, dim = _colour(variables.get(look.colour, ""), ground)
    return Style(
        color=colour.rich_color,
        bgcolor=ground.rich_color,
        bold=look.bold or None,
        dim=dim or None,
        reverse=look.reverse or None,
    )


_PLAIN = Style(color="default", bgcolor="default")
_TERMINAL = Color(0, 0, 0, ansi=-1)


def _colour(value: str, ground: Color) -> tuple[Color, bool]:
    """Return the colour of a theme's value on a background, and True if it is to be dimmed.

    Themes write ``#rrggbb``, ``#rrggbbaa``, ``ansi_blue``, ``auto``, ``transparent``, optionally
    followed by a share such as ``60%``; the terminal's own colours can be dimmed but not blended.
    """
    name, _, share = value.partition(" ")
    alpha = float(share.rstrip("%")) / 100 if share else 1.0
    if not name or name == "transparent":
        return ground, False
    colour = ground.get_contrast_text(1.0) if name == "auto" else Color.parse(name)
    if colour.ansi is not None or ground.ansi is not None:
        return colour.with_alpha(1.0) if colour.ansi is None else colour, alpha < 1
    return ground.blend(colour, alpha * colour.a, alpha=1.0), False
