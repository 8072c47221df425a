"""The last line: the keys, taken from the bindings, as many as fit."""

from textual import events
from textual.binding import Binding

from deeptone_tui.app.keys import bar_keys
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.painted import Painted, Part

_GAP = "  "
_LAST = 2
"""Bindings at the end of the list that are shown however narrow it is: help and quit."""


class KeyBar(Painted):
    """Keys and what they do; a click does it too."""

    def present(self, view: View) -> None:
        """Keys do not depend on what happens."""
        self.view = view

    def paint(self) -> None:
        """Draw the keys that fit, the first of the bindings before the later ones."""
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
        """The bindings for which there is room, in their order."""
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
        """Do what the key under the mouse does."""
        for left, right, action in self._spots:
            if left <= event.x < right:
                await self.app.run_action(action, self.screen)
