"""How the app looks: its theme, and what every line goes through on simple terminals."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual._compositor import CompositorUpdate
from textual.filter import LineFilter, NoColor

from deeptone_tui.app.crashing import Crashing
from deeptone_tui.app.plain import PlainCharacters
from deeptone_tui.app.preferences import Preferences
from deeptone_tui.app.printable import Printable
from deeptone_tui.app.themes import OWN, is_light, theme_named
from deeptone_tui.core.output import lines_for_people
from deeptone_tui.terminal import driver_class

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.notifications import SeverityLevel
    from textual.screen import Screen
    from textual.theme import Theme

    from deeptone_tui.app.settings import Settings

_SIMPLE_TERMINALS = frozenset({"linux", "vt100", "vt220", "ansi"})


class Themed(Crashing):
    """Begins in the right theme, and remembers the one that is chosen."""

    def __init__(self, settings: "Settings") -> None:
        """Choose theme and filters.

        Args:
            settings: the user's wishes.
        """
        super().__init__(driver_class=driver_class(diff=settings.diff))
        self.settings = settings
        self.preferences = Preferences(settings.preferences, self._tell_unkept)
        self.own_filters: tuple[LineFilter, ...] = (
            *((NoColor(),) if self.no_color else ()),
            *((PlainCharacters(),) if settings.plain or settings.ascii else ()),
        )
        for theme in OWN:
            self.register_theme(theme)
        # Not by the attribute, whose watchers would have every stylesheet parsed a second time.
        self.set_reactive(Themed.theme, self._first_theme())
        self.stylesheet.set_variables(self.get_css_variables())
        self.set_class(self.current_theme.dark, "-dark-mode", update=False)
        self.set_class(not self.current_theme.dark, "-light-mode", update=False)

    def _first_theme(self) -> str:
        """The theme asked for, or the one of last time, or one that suits the terminal."""
        simple = (
            self.settings.plain
            or self.no_color
            or os.environ.get("TERM") in _SIMPLE_TERMINALS
            or self.console.color_system == "standard"
        )
        remembered = None if simple else self.preferences.choices.theme
        known = frozenset(self.available_themes)
        light = is_light(os.environ.get("COLORFGBG"))
        wanted = (self.settings.theme, remembered)
        return theme_named(*wanted, known=known, simple=simple, light=light)

    def _display(self, screen: "Screen[Any]", renderable: "RenderableType | None") -> None:
        """Give a frame to the wire as it is: as text it would be rendered, to be read again."""
        shown = self._running and not self._closed and not self._batch_count
        if shown and isinstance(renderable, CompositorUpdate) and self._draw(renderable):
            self.post_display_hook()
        else:
            super()._display(screen, renderable)

    def _draw(self, update: CompositorUpdate) -> bool:
        """Have a frame drawn by a driver that can; whether it was."""
        driver = self._driver
        draw = getattr(driver, "draw", None)
        if driver is None or draw is None:
            return False
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        if not draw(update, cursor):
            return False
        self._previous_cursor_position = cursor
        driver.flush()
        return True

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, but where the terminal's colours stay as they are, and ours."""
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
        """Tell something in passing; what is told may hold names of anything."""
        told = lines_for_people(message)
        super().notify(told, title=title, severity=severity, timeout=timeout, markup=markup)

    def _tell_unkept(self, words: str) -> None:
        self.notify(words, severity="warning", markup=False)

    def remember_theme(self, theme: "Theme") -> None:
        """Begin with this one the next time."""
        self.preferences.remember(theme=theme.name)
