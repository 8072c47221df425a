"""Composing no more of a frame than has changed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.control import Control
from textual._compositor import Compositor, CompositorUpdate
from textual._context import visible_screen_stack
from textual.geometry import Offset, Region
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from textual.screen import Screen


class RegionsUpdate(CompositorUpdate):
    """Parts of the screen, each with its lines."""

    def __init__(self, parts: Sequence[tuple[Region, list[Strip]]]) -> None:
        self.parts = parts

    def render_segments(self, console: "Console") -> str:
        """As text, for a driver that writes."""
        return "".join(
            Control.move_to(region.x, y).segment.text + strip.render(console)
            for region, strips in self.parts
            for y, strip in enumerate(strips, region.y)
        )

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """As segments."""
        for region, strips in self.parts:
            for y, strip in enumerate(strips, region.y):
                yield Control.move_to(region.x, y).segment
                yield from strip


class FrontCompositor(Compositor):
    """Asks only those widgets for lines of which some are seen.

    Textual's own asks every widget between the first and the last row that changed for all its
    lines, and cuts them into pieces of which those in front win. Where the widget in front
    covers all that has changed, that is the same without the rest. Textual is pinned: this
    stands on `visible_widgets` being in the order from front to back.
    """

    def render_update(
        self,
        full: bool = False,
        screen_stack: "list[Screen[object]] | None" = None,
        simplify: bool = False,
    ) -> "RenderableType | None":
        """A whole frame, or what has changed."""
        drawn = None
        if not full and self._dirty_regions:
            visible_screen_stack.set([] if screen_stack is None else screen_stack)
            drawn = self._seen_in_front()
        if drawn is None:
            return super().render_update(full, screen_stack, simplify)
        self._dirty_regions.clear()
        return drawn

    def _seen_in_front(self) -> RegionsUpdate | None:
        """What has changed; None where more than one widget would have to be asked."""
        parts = []
        screen = self.size.region
        for dirty in self._dirty_regions:
            region = dirty.intersection(screen)
            if not region:
                continue
            lines = self._lines_in_front(region)
            if lines is None:
                return None
            parts.append((region, lines))
        return RegionsUpdate(parts)

    def _lines_in_front(self, region: Region) -> list[Strip] | None:
        for widget, (place, clip) in self.visible_widgets.items():
            seen = place.intersection(clip)
            if seen.contains_region(region):
                return widget.render_lines(region.translate(Offset(-place.x, -place.y)))
            if seen.overlaps(region):
                return None
        return None
