"""The base of the app and its screens: theme, filters of every line, crashes, outdated events."""

import os
from collections.abc import Sequence
from io import StringIO
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, cast

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.css.query import NoMatches
from textual.events import Event, Mount, Resize
from textual.filter import LineFilter, NoColor
from textual.message_pump import MessagePump
from textual.widget import Widget
from textual.worker import WorkerFailed

from deeptone_tui.app.themes import OWN, is_light, theme_named
from deeptone_tui.core.libraries import is_checked
from deeptone_tui.core.redaction import lines_for_people
from deeptone_tui.core.text import clean_name
from deeptone_tui.settings.paths import Preferences
from deeptone_tui.terminal import driver_class

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.geometry import Size
    from textual.notifications import SeverityLevel
    from textual.screen import Screen
    from textual.theme import Theme

    from deeptone_tui.app.settings import ScreenSettings
    from deeptone_tui.terminal.textual_private import CompositorUpdate


_WORDS = {"−∞ dBFS": "-inf dB"}
"""Texts that keep their meaning and their width only when replaced as a whole."""

_SIGNS = str.maketrans(
    {
        "─": "-", "━": "=", "╸": "-", "╌": "-", "│": "|", "┃": "I", "╎": ":", "╵": "'",
        "█": "#", "▉": "#", "▊": "#", "▋": "#", "▌": "#", "▍": ":", "▎": ":", "▏": " ",
        "▁": "_", "▂": "_", "▃": ".", "▄": ":", "▅": ":", "▆": "|", "▇": "|",
        "▲": "^", "△": "A", "▼": "V", "┊": "+", "◀": "<", "▸": ">", "◆": "o", "·": ".",
        "●": "*", "◉": "*", "◌": "o", "◍": "o", "○": "o", "■": "x", "↻": "~", "‖": "=",
        "✗": "x", "✓": "=", "≠": "!", "↓": "v", "←": "<", "→": ">", "↑": "^", "…": "~",
        "−": "-", "–": "-", "×": "x", "∞": "~", "╭": "+", "╮": "+", "╰": "+", "╯": "+",
        "┌": "+", "┐": "+", "└": "+", "┘": "+", "▔": '"', "▕": "|",
        "░": "/", "±": "~", "≥": ">", "“": "'", "”": "'", "⇅": "^", "˙": "'", "╴": "-",
    }
)  # fmt: skip

_SIMPLE_TERMINALS = frozenset({"linux", "vt100", "vt220", "ansi"})


class PlainCharacters(LineFilter):
    """Filter that replaces every character by ASCII of the same width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Replace the characters of a line."""
        del background
        return [Segment(plain(text), style, control) for text, style, control in segments]


def plain(text: str) -> str:
    """Return a text in ASCII of the same width; other characters become question marks."""
    if text.isascii():
        return text
    for word, likeness in _WORDS.items():
        text = text.replace(word, likeness)
    text = text.translate(_SIGNS)
    if len(text) != cell_len(text):  # characters of two cells, or of none
        text = "".join(sign if sign.isascii() else "?" * cell_len(sign) for sign in text)
    return text.encode("ascii", "replace").decode()


class Printable(LineFilter):
    """Filter for Textual's own widgets, which show names and typed paths unfiltered."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Replace unprintable characters, in as many cells as Textual gave them: mostly none."""
        del background
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [Segment(fit(text), style, control) for text, style, control in segments]


def fit(text: str) -> str:
    """Return a text of the same width without characters that could control a terminal."""
    cleaned = clean_name(text)
    if cleaned == text:
        return text
    return "".join(
        new if new == old else new * cell_len(old) for old, new in zip(text, cleaned, strict=True)
    )


class Timely(MessagePump):
    """Mixin for screens that drops the Mount and Resize events that come too late.

    A screen that is closed before its widgets are mounted, as when two keys arrive together,
    never gets them but would still receive Mount. And every open screen would lay out each size
    that the terminal ever had, while later keys and the exit of the program wait.

    It is no `Screen` itself, because Textual inherits styles and bindings from the first base
    that is one.
    """

    _sized: "Size | None" = None  # size of the last Resize event that was handled

    async def on_event(self, event: Event) -> None:
        """Handle an event unless it is outdated."""
        screen = cast("Screen[object]", self)
        match event:
            case Mount():
                late = screen not in self.app.screen_stack
            case Resize():
                as_it_is = event.size == self._sized == screen.outer_size
                late = as_it_is or event.size != self.app.size
                self._sized = self._sized if late else event.size
            case _:
                late = False
        if not late:
            await super().on_event(event)


class ScreenError(Exception):
    """An error that Textual itself reported, in its words."""


class BareApp(App[None]):
    """An app with a version of Textual that was not checked: public names only."""

    first_error: Exception | None = None
    is_exiting = False
    driver_in_use = None

    def __init__(self, **given: Any) -> None:  # noqa: ANN401  as of App
        super().__init__(**given)
        # Textual would print the traceback with every local variable, keys among them.
        self.error_console = Console(file=StringIO())

    def close_silently(self) -> None:
        """Close without printing."""
        self.exit(return_code=1)

    def end_by(self, error: Exception) -> None:
        """End the app because of an error."""
        self.first_error = self.first_error or error
        self.close_silently()


if TYPE_CHECKING or is_checked("textual"):
    from deeptone_tui.terminal.textual_private import HookedApp
else:
    HookedApp = BareApp


class Crashing(HookedApp):
    """App that closes on any error, without printing over the screen, and keeps the first error.

    Textual would print the traceback with every local variable, keys among them.
    """

    def panic(self, *renderables: "RenderableType") -> None:
        """Close because of an error that Textual reports in words; only some of its drivers do."""
        if self.first_error is None:
            self.end_by(ScreenError(" ".join(map(str, renderables))))
        else:
            self.close_silently()

    def end_by(self, error: Exception) -> None:
        """Close because of an error, wherever in the app it was raised."""
        if isinstance(error, WorkerFailed) and isinstance(error.error, Exception):
            error = error.error  # the one that says where
        if isinstance(error, NoMatches) and (self.is_exiting or _of_what_is_gone(error)):
            return  # a dialog that was opening, or still searching, when the user left it
        super().end_by(error)


def _of_what_is_gone(error: Exception) -> bool:
    """Return True if an error was raised in a widget that is no longer attached to the app.

    Such a widget has no children to query.
    """
    frames = (frame for frame, _ in walk_tb(error.__traceback__))
    nodes = (frame.f_locals.get("self") for frame in frames)
    return any(isinstance(node, Widget) and not node.is_attached for node in nodes)


class Themed(Crashing):
    """App that starts in the right theme and remembers the one the user chooses."""

    def __init__(self, settings: "ScreenSettings") -> None:
        """Choose theme and filters.

        Args:
            settings: the user's settings.
        """
        driver = driver_class(diff=bool(settings.options.diff)) if is_checked("textual") else None
        super().__init__(driver_class=driver)
        self.settings = settings
        self.preferences = Preferences(settings.preferences, self._tell_unkept)
        self.own_filters: tuple[LineFilter, ...] = (
            *((NoColor(),) if self.no_color else ()),
            *((PlainCharacters(),) if settings.options.plain or settings.options.ascii else ()),
        )
        for theme in OWN:
            self.register_theme(theme)
        # Not through the attribute, whose watchers would parse every stylesheet a second time.
        self.set_reactive(Themed.theme, self._first_theme())
        self.stylesheet.set_variables(self.get_css_variables())
        self.set_class(self.current_theme.dark, "-dark-mode", update=False)
        self.set_class(not self.current_theme.dark, "-light-mode", update=False)

    def _first_theme(self) -> str:
        """Return the requested theme, or that of the last run, or one that suits the terminal."""
        simple = (
            self.settings.options.plain
            or self.no_color
            or os.environ.get("TERM") in _SIMPLE_TERMINALS
            or self.console.color_system == "standard"
        )
        remembered = None if simple else self.preferences.choices.theme
        known = frozenset(self.available_themes)
        light = is_light(os.environ.get("COLORFGBG"))
        wanted = (self.settings.options.theme, remembered)
        return theme_named(*wanted, known=known, simple=simple, light=light)

    def draw_frame(self, update: "CompositorUpdate") -> bool:
        """Have a frame drawn by a driver that can, rather than rendered as text to be parsed."""
        driver = self.driver_in_use
        draw = getattr(driver, "draw", None)
        if driver is None or draw is None:
            return False
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        if not draw(update, cursor):
            return False
        self.cursor_is_at(cursor)
        driver.flush()
        return True

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the program's filters, and Textual's unless native ANSI colours are kept."""
        filters = () if self.native_ansi_color else super().get_line_filters()
        return [Printable(), *filters, *self.own_filters]

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: "SeverityLevel" = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a notification, with its text cleaned: it may contain names of any origin."""
        told = lines_for_people(message)
        super().notify(told, title=title, severity=severity, timeout=timeout, markup=markup)

    def _tell_unkept(self, words: str) -> None:
        self.notify(words, severity="warning", markup=False)

    def remember_theme(self, theme: "Theme") -> None:
        """Remember a theme for the next run."""
        self.preferences.remember(theme=theme.name)
