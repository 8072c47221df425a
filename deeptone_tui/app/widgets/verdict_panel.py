"""The verdict in words, beside the meter, and the clip lamp under it."""

from rich.style import Style

from deeptone_tui.app.plots.layout import MARGIN
from deeptone_tui.app.presenters.cells import fitted, width_of
from deeptone_tui.app.presenters.verdict import QUIET, Saying, Verdict, verdict_of
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.painted import Painted, Part

_BOLD, _REVERSE = Style(bold=True), Style(reverse=True)


class VerdictPanel(Painted):
    """What is heard now; always at the same place."""

    _drawn: tuple[Verdict, int] | None = None

    def present(self, view: View) -> None:
        """Show another view."""
        self.view = view
        now = (verdict_of(view), view.state.meter.clips)
        if now != self._drawn and self.size.width:
            self._drawn = now
            self._paint(*now)

    def paint(self) -> None:
        """Draw all lines anew."""
        self._drawn = None
        self.present(self.view)

    def _paint(self, verdict: Verdict, clips: int) -> None:
        rows = self.size.height
        self.put(0, self._saying(verdict.main, badge=True))
        others = verdict.others[: rows - 2]
        for row in range(1, rows - 1):
            self.put(row, self._saying(others[row - 1]) if row <= len(others) else ())
        lamp = (f"● CLIP {clips}", "clip") if clips else ("○ no clipping", "dim")
        self.put(rows - 1, [lamp])

    def _saying(self, saying: Saying, *, badge: bool = False) -> list[Part]:
        """A word, and at the right what belongs to it; set on colour where it is the verdict."""
        width = self.size.width - MARGIN
        style = self.palette[saying.tone or "text"]
        room = width - width_of(saying.detail) - (1 if saying.detail else 0)
        text = fitted(saying.text, room)
        if badge:
            style += _BOLD
            if saying.tone != QUIET:
                style += _REVERSE
                text = f" {fitted(saying.text, room - 2)} "
        pad = " " * (width - width_of(text) - width_of(saying.detail))
        return [(text, style), (pad, "text"), (saying.detail, "dim")]
