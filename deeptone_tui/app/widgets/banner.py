"""One line about what does not work and what helps, only there while something does not."""

from deeptone_tui.app.cells import fitted, padded
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.painted import Painted
from deeptone_tui.app.wording import problem_of


class Banner(Painted):
    """A problem in words."""

    _text = ""

    def present(self, view: View) -> None:
        """Show another view."""
        self.view = view
        text = problem_of(view.live)
        if text != self._text:
            self._text = text
            self.display = bool(text)
            self.paint()

    def paint(self) -> None:
        """Draw the line anew."""
        if self._text and self.size.width:
            text = fitted(f" ✗ {self._text}", self.size.width - 1)
            self.put(0, [(padded(text, self.size.width), "alert-line")])
