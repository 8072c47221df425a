"""What is said instead of the screen where it does not fit."""

from deeptone_tui.app.plots.layout import SMALLEST_HEIGHT, SMALLEST_WIDTH
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.painted import Painted
from deeptone_tui.app.wording import status_of


class TooSmall(Painted):
    """The size that is needed, the one there is, and that all goes on."""

    def present(self, view: View) -> None:
        """Show another view."""
        changed = status_of(view) != status_of(self.view)
        self.view = view
        if changed and self.size.height:
            self.paint()

    def paint(self) -> None:
        """Draw the lines in the middle of what there is."""
        width, height = self.app.size
        status = status_of(self.view)
        needed = f"{SMALLEST_WIDTH}×{SMALLEST_HEIGHT}"
        whole = f"deeptone-tui needs at least {needed}"
        lines = (
            (whole if len(whole) <= width else f"needs {needed}", "strong"),
            (f"this is {width}×{height}", "text"),
            (f"{status.glyph} {status.word}", status.tone),
            (f"{self.view.key('quit', 'q')} quits", "dim"),
        )
        for index, (text, tone) in enumerate(lines):
            y = (height - len(lines)) // 2 + index
            if 0 <= y < height:
                self.put(y, [(text.center(width)[:width], tone)])
