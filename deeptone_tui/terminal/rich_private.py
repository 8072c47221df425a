"""Private names of rich, used as Textual uses them, only with a version that was checked."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.color import ColorSystem
    from rich.console import Console
    from rich.style import Style


def known_codes(style: "Style") -> str | None:
    """Return the SGR codes of a style if they were rendered before; None otherwise."""
    return style._ansi  # noqa: SLF001  no public name


def link_id(style: "Style") -> str:
    """Return the identifier of a style's hyperlink."""
    return style._link_id  # noqa: SLF001  no public name


def colour_system(console: "Console") -> "ColorSystem | None":
    """Return the colours that a console's terminal has; None if it has none."""
    return console._color_system  # noqa: SLF001  the public name is a word
