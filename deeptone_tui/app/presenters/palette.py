"""The colours of the screen by what they mean, made from the variables of the theme.

One table for all parts of the screen instead of component classes in the stylesheet: Textual
would parse some fifty rules and resolve them for every widget before the first frame.
"""

from collections.abc import Mapping
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
    # the meter: what is under the mark is muted everywhere
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
"""Every tone, and how it looks."""


class Palette:
    """Styles by tone, kept until the theme changes."""

    def __init__(self) -> None:
        self.filters: tuple[LineFilter, ...] = ()
        """What every line goes through: where there are no colours, or only ASCII."""
        self._variables: Mapping[str, str] = {}
        self._styles: dict[str, Style] = {}
        self._over: dict[tuple[str, str], Style] = {}

    def use(self, variables: Mapping[str, str]) -> None:
        """Take the variables of another theme."""
        self._variables = variables
        self._styles.clear()
        self._over.clear()

    def __getitem__(self, tone: str) -> Style:
        style = self._styles.get(tone)
        if style is None:
            style = self._styles[tone] = style_of(LOOKS[tone], self._variables)
        return style

    def over(self, tone: str, under: str) -> Style:
        """The style of a sign that stands on something filled with the colour of another.

        Written in reverse, the two colours swapped: so the sign still stands on something
        filled where there are no colours.
        """
        key = (tone, under)
        style = self._over.get(key)
        if style is None:
            colours = Style(color=self[under].color, bgcolor=self[tone].color, reverse=True)
            style = self._over[key] = self[tone] + colours
        return style

    @property
    def colours(self) -> bool:
        """Whether there are colours at all."""
        return not any(isinstance(line_filter, NoColor) for line_filter in self.filters)

    def both(self, tone: str, behind: str) -> Style:
        """A cell with one colour in front and another one behind."""
        key = (tone, f"behind {behind}")
        style = self._over.get(key)
        if style is None:
            style = self._over[key] = self[tone] + Style(bgcolor=self[behind].color)
        return style

    def selected(self, tone: str | Style) -> Style:
        """A style in the selected line.

        In the terminal's own colours nothing is known to be legible on anything else than the
        ground, so the line is written in reverse; and where there are no colours, it is seen.
        """
        ground = self["selected"].bgcolor
        if ground is None or ground.is_default:
            bold = (self[tone] if isinstance(tone, str) else tone).bold
            return _PLAIN + Style(bold=bold, reverse=True)
        return self.on_ground_of(tone, "selected")

    def on_ground_of(self, tone: str | Style, ground: str) -> Style:
        """A style on the background of another."""
        style = self[tone] if isinstance(tone, str) else tone
        return style + Style(bgcolor=self[ground].bgcolor)


def style_of(look: Look, variables: Mapping[str, str]) -> Style:
    """The style of a look in a theme.

    Args:
        look: what it should be.
        variables: the theme's, by name, as stylesheets write colours. Those that are missing
            are the terminal's own colours.
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
    """A colour as a theme writes it, on a ground, and whether it is to be dimmed.

    Themes write ``#rrggbb``, ``#rrggbbaa``, ``ansi_blue``, ``auto``, ``transparent``, and a share
    such as ``60%`` behind; the terminal's own colours cannot be blended, only dimmed.
    """
    name, _, share = value.partition(" ")
    alpha = float(share.rstrip("%")) / 100 if share else 1.0
    if not name or name == "transparent":
        return ground, False
    colour = ground.get_contrast_text(1.0) if name == "auto" else Color.parse(name)
    if colour.ansi is not None or ground.ansi is not None:
        return colour.with_alpha(1.0) if colour.ansi is None else colour, alpha < 1
    return ground.blend(colour, alpha * colour.a, alpha=1.0), False
