"""A line across the screen that begins a part: its name at the left, what is read off it right."""

from collections.abc import Iterable, Sequence

from deeptone_tui.app.cells import width_of
from deeptone_tui.app.palette import Palette
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.painted import Painted, Part

LINE = "─"


class Rule(Painted):
    """Text set into a horizontal line."""

    def __init__(self, palette: Palette, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(palette, id=id)
        self._drawn: object = None

    def draw(self, title: str, inserts: Iterable[tuple[int, Sequence[Part]]]) -> None:
        """Draw the line.

        Args:
            title: what the part is called.
            inserts: columns and what is set in there, from left to right; what would not fit
                between its neighbours is left out. Negative columns count from the right end.
        """
        width = self.size.width
        parts: list[Part] = [(LINE, "rule"), (f" {title} ", "title")]
        at = len(title) + 3
        for column, texts in inserts:
            length = sum(width_of(text) for text, _ in texts)
            left = column if column >= 0 else width + column - length + 1
            if not length or left - 1 < at or left + length + 1 > width:
                continue
            parts += [(LINE * (left - 1 - at), "rule"), (" ", "rule"), *texts, (" ", "rule")]
            at = left + length + 1
        parts.append((LINE * (width - at), "rule"))
        self.put(0, parts)

    def repaint(self) -> None:
        """Draw everything, whatever was drawn before."""
        self._drawn = None
        super().repaint()

    def paint(self) -> None:
        """Draw the line of the view."""
        self.present(self.view)


class TitleRule(Rule):
    """A rule with nothing but a name."""

    def __init__(self, palette: Palette, title: str) -> None:
        super().__init__(palette)
        self._title = title

    def present(self, view: View) -> None:
        """The name does not depend on the view."""
        self.view = view
        if self._drawn is None and self.size.width:
            self._drawn = True
            self.draw(self._title, ())
