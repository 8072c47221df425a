"""The last line: as many keys as fit, or the offer to save a threshold before leaving."""

from textual import events
from textual.binding import Binding

from deeptone_tui.app.keys import bar_keys
from deeptone_tui.app.presenters.wording import fitted, width_of
from deeptone_tui.app.widgets.painted import Part, StripWidget
from deeptone_tui.dsp import format_both, format_threshold

_GAP = "  "
_LAST = 2
"""Number of bindings at the end of the list that are shown at any width: help and quit."""

_ROOMY_COLUMNS = 78
"""Minimum columns for both units and whole words."""


class KeyBar(StripWidget):
    """The keys and their actions; a click runs the action too."""

    def paint(self) -> None:
        """Draw the keys that fit; earlier bindings take precedence over later ones."""
        self._spots: list[tuple[int, int, str]] = []
        parts: list[Part] = [(" ", "text")]
        at = 1
        for binding in self._fitting():
            key, text = self._key(binding), f" {binding.description.lower()}"
            parts += [(key, "key"), (text, "dim"), (_GAP, "text")]
            self._spots.append((at, at + len(key) + len(text), binding.action))
            at += len(key) + len(text) + len(_GAP)
        self.put(0, parts)

    def _fitting(self) -> list[Binding]:
        """Return the bindings for which there is room, in their order."""
        shown = bar_keys(self.view.keys, replaying=self.view.live.speed is not None)
        room = self.size.width - 1 + len(_GAP)  # the last of them needs no gap after it
        last, first = shown[-_LAST:], shown[:-_LAST]
        room -= sum(self._width(binding) for binding in last)
        fitting = []
        for binding in first:
            if self._width(binding) > room:
                break
            room -= self._width(binding)
            fitting.append(binding)
        return fitting + last

    def _width(self, binding: Binding) -> int:
        return len(self._key(binding)) + 1 + len(binding.description) + len(_GAP)

    def _key(self, binding: Binding) -> str:
        return binding.key_display or self.app.get_key_display(binding)

    async def on_click(self, event: events.Click) -> None:
        """Run the action of the key under the mouse."""
        for left, right, action in self._spots:
            if left <= event.x < right:
                await self.app.run_action(action, self.screen)


class LeavingLine(StripWidget):
    """The offer to save a threshold, shown only while it is open; a second quit does quit."""

    def content_key(self) -> object:
        """Return the offer."""
        return (self.view.leaving,)

    def paint(self) -> None:
        """Draw the line."""
        offer = self.view.leaving
        if offer is None:
            return
        roomy = self.size.width >= _ROOMY_COLUMNS
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
