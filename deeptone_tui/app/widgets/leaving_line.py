"""In place of the keys: a threshold that nothing keeps, before the screen is left."""

from deeptone_tui.app.cells import fitted, width_of
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.painted import Painted, Part
from deeptone_tui.dsp import format_both, format_threshold

_ROOMY = 78
"""Columns from which there is room for both units and whole words."""


class LeavingLine(Painted):
    """Only there while something is offered; a second press of the key that leaves does leave."""

    _drawn: object = None

    def present(self, view: View) -> None:
        """Show another view."""
        self.view = view
        if view.leaving != self._drawn and self.size.width:
            self.paint()

    def paint(self) -> None:
        """Draw the line anew."""
        offer = self._drawn = self.view.leaving
        if offer is None or not self.size.width:
            return
        roomy = self.size.width >= _ROOMY
        threshold = (format_both if roomy else format_threshold)(offer.threshold)
        save, leave, stay = (
            self.view.key(action, usual)
            for action, usual in (("apply", "enter"), ("quit", "q"), ("leave", "esc"))
        )
        before: list[Part] = [(f" {threshold} not saved  ", "held"), (save, "key")]
        after: list[Part] = [("  ", "text"), (leave, "key"), (" leaves  ", "text")]
        after += [(stay, "key"), (" stays", "text")]
        room = self.size.width - sum(width_of(text) for text, _ in (*before, *after)) - 1
        saves = f" saves as {offer.profile}" if roomy else " saves"
        self.put(0, [*before, (fitted(saves, room), "text"), *after])
