"""Lines shown only when needed: a problem, the shift, a screen too small, an unsaved threshold."""

from typing import TYPE_CHECKING

from deeptone_tui.app.presenters.threshold import offered, percent_of, share_of, signed
from deeptone_tui.app.presenters.wording import fitted, padded, problem_of, status_of, width_of
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.geometry import SMALLEST_HEIGHT, SMALLEST_WIDTH
from deeptone_tui.app.widgets.painted import Part, StripWidget
from deeptone_tui.protocol import format_threshold
from deeptone_tui.protocol.units import format_both

if TYPE_CHECKING:
    from deeptone_tui.monitor.state import MonitorState
    from deeptone_tui.tuning.offset import Offset


_ROOMY, _WIDE = 78, 110
"""Minimum columns for whole words, and for figures beside them."""


class ShiftLine(StripWidget):
    """The shift of the preview, or the offer of one; hidden without either."""

    def present(self, view: View) -> None:
        """Show another view, and the line if there is something in it."""
        self.display = bool(view.live.shift) or offered(view.live) is not None
        super().present(view)

    def paint(self) -> None:
        """Draw the line."""
        live = self.view.live
        offset = offered(live)
        key = self.view.key("shift", "v")
        if live.shift:
            self.put(0, _standing(live, self.size.width, key))
        elif offset is not None:
            self.put(0, _offer(offset, self.size.width, key))


def _offer(offset: "Offset", width: int, key: str) -> list[Part]:
    """Return what the endpoint hears, and the key that makes the preview hear the same."""
    size = f"{abs(offset.decibels):.1f}"
    if offset.agreed_after == offset.compared:
        size = f"{size} ± {offset.spread:.1f}"
    else:  # the endpoint measures something else, not the same on another scale
        size = f"about {size}"
    how = f"{size} dB {'more' if offset.decibels > 0 else 'less'}"
    parts: list[Part]
    if width < _ROOMY:
        parts = [(f" ≠ endpoint hears {how}: ", "held")]
    else:
        parts = [(f" ≠ The endpoint hears {how} than the preview: ", "held")]
    parts += [(key, "key"), (" shifts the preview", "text")]
    if width >= _WIDE:
        now = percent_of(offset.agreed_before, offset.compared)
        then = percent_of(offset.agreed_after, offset.compared)
        parts.append((f"   {now} of {offset.compared} periods agree, then {then}", "dim"))
    return parts


def _standing(live: "MonitorState", width: int, key: str) -> list[Part]:
    """Return the shift of the preview, and the agreement that it leads to."""
    agreement = live.agreement
    share = share_of(agreement)
    told = f"   {share} of {agreement.compared} periods agree" if share else ""
    return [
        (f" ⇅ preview shifted {signed(live.shift)}", "held"),
        (told if width >= _ROOMY else "", "dim"),
        ("   ", "text"),
        (key, "key"),
        (" undoes it", "text"),
    ]


class TooSmall(StripWidget):
    """The required and the actual size, the status, and the key that quits."""

    def paint(self) -> None:
        """Draw the lines in the middle of the terminal."""
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


class Banner(StripWidget):
    """The current problem in words."""

    def present(self, view: View) -> None:
        """Show another view, and the line if there is a problem."""
        self.display = bool(problem_of(view.live))
        super().present(view)

    def paint(self) -> None:
        """Draw the line."""
        width = self.size.width
        text = fitted(f" ✗ {problem_of(self.view.live)}", width - 1)
        self.put(0, [(padded(text, width), "alert-line")])


class LeavingLine(StripWidget):
    """The offer to save a threshold, shown only while it is open; a second quit does quit."""

    def paint(self) -> None:
        """Draw the line."""
        offer = self.view.leaving
        if offer is None:
            return
        roomy = self.size.width >= _ROOMY
        threshold = (format_both if roomy else format_threshold)(offer.threshold)
        save, leave, stay = (
            self.view.key(action, usual)
            for action, usual in (("apply", "enter"), ("quit", "q"), ("leave", "esc"))
        )
        before: list[Part] = [(f" {threshold} not saved  ", "held"), (save, "key")]
        after: list[Part] = [("  ", "text"), (leave, "key"), (" quits  ", "text")]
        after += [(stay, "key"), (" stays", "text")]
        room = self.size.width - sum(width_of(text) for text, _ in (*before, *after)) - 1
        saves = f" saves as {offer.profile}" if roomy else " saves"
        self.put(0, [*before, (fitted(saves, room), "text"), *after])
