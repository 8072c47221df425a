"""Direct drawing of Textual's frames onto the canvas, without rendering and parsing text."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.color import ColorSystem
from rich.control import Control
from textual.geometry import Offset, Region
from textual.strip import Strip

from deeptone_tui.terminal.canvas import Canvas
from deeptone_tui.terminal.pens import Pen
from deeptone_tui.terminal.rich_private import known_codes, link_id
from deeptone_tui.terminal.textual_private import (
    ChopsUpdate,
    CompositorUpdate,
    HookedCompositor,
    LayoutUpdate,
    visible_screen_stack,
)

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.style import Style
    from textual.screen import Screen


_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MOST_STYLES: Final = 2048
"""Number of styles whose pens are cached."""


class RegionsUpdate(CompositorUpdate):
    """Update of several regions of the screen, each with its lines."""

    def __init__(self, parts: Sequence[tuple[Region, list[Strip]]]) -> None:
        self.parts = parts

    def render_segments(self, console: "Console") -> str:
        """Return the update as text, for a driver that writes text."""
        return "".join(
            Control.move_to(region.x, y).segment.text + strip.render(console)
            for region, strips in self.parts
            for y, strip in enumerate(strips, region.y)
        )

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """Yield the update as segments."""
        for region, strips in self.parts:
            for y, strip in enumerate(strips, region.y):
                yield Control.move_to(region.x, y).segment
                yield from strip


class FrontCompositor(HookedCompositor):
    """Compositor that renders only the widget in front where that covers all that has changed.

    Textual's own asks every widget between the first and the last changed row for all its lines,
    and cuts them into pieces, of which the frontmost win. Where the widget in front covers a whole
    dirty region, asking it alone gives the same result. Textual is pinned: this relies on
    `visible_widgets` being ordered from front to back.
    """

    def render_update(
        self,
        full: bool = False,
        screen_stack: "list[Screen[object]] | None" = None,
        simplify: bool = False,
    ) -> "RenderableType | None":
        """Return a full frame, or an update of what has changed."""
        drawn = None
        if not full and self.dirty_regions:
            visible_screen_stack.set([] if screen_stack is None else screen_stack)
            drawn = self._seen_in_front()
        if drawn is None:
            return super().render_update(full, screen_stack, simplify)
        self.dirty_regions.clear()
        return drawn

    def _seen_in_front(self) -> RegionsUpdate | None:
        """Return an update of the dirty regions; None if one of them needs more than one widget."""
        parts = []
        screen = self.size.region
        for dirty in self.dirty_regions:
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


class Painter:
    """Draws frames onto a canvas, with the same result as their text.

    Textual is pinned: this does what `render_segments` of its updates does.
    """

    def __init__(self, canvas: Canvas, colours: ColorSystem) -> None:
        self._canvas = canvas
        self._colours = colours
        self._pens: dict[int, tuple[Style | None, Pen]] = {}
        """Cache by the identity of the style, which is kept in it: a style's hash is computed in
        Python."""

    def paint(self, update: CompositorUpdate) -> bool:
        """Draw a frame.

        Returns:
            True if all of it was drawn; otherwise it has to be written as text.
        """
        if isinstance(update, RegionsUpdate):
            return all(
                self._paint_strips(region.x, y, [strip])
                for region, strips in update.parts
                for y, strip in enumerate(strips, region.y)
            )
        if isinstance(update, ChopsUpdate):
            return self._paint_chops(update)
        if isinstance(update, LayoutUpdate):
            return all(
                self._paint_strips(update.region.x, y, list(strips))
                for y, strips in enumerate(update.strips, update.region.y)
            )
        return False

    def _paint_chops(self, update: ChopsUpdate) -> bool:
        """Draw the pieces of rows that overlap what has changed."""
        for y, start, end in update.spans:
            for stop, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is None or x > end or stop <= start:
                    continue
                whole = start <= x < end and stop <= end
                piece = strip if whole else strip.crop(0, min(stop, end) - x)
                if not self._paint_strips(x, y, [piece]):
                    return False
        return True

    def _paint_strips(self, x: int, y: int, strips: list[Strip]) -> bool:
        canvas, pens = self._canvas, self._pens
        canvas.move(x, y)
        for strip in strips:
            for text, style, _ in strip:
                found = pens.get(id(style))
                pen = self._pen(style) if found is None else found[1]
                if pen is None or (pen.narrow[text] is None and _CONTROL.search(text)):
                    return False
                canvas.pen = pen
                canvas.draw(text)
        canvas.pen = canvas.pens.default
        return True

    def _pen(self, style: "Style | None") -> Pen | None:
        """Return the pen of a style; None if its codes are not understood."""
        pens = self._canvas.pens
        if style is None:
            return pens.default
        codes = known_codes(style)
        if codes is None:
            codes = Strip.render_ansi(style, self._colours)
        pen = pens.from_default[codes]
        if pen is not None and style.link:
            pen = pens.linked(pen, f"id={link_id(style)};{style.link}")
        if len(self._pens) >= _MOST_STYLES:
            self._pens.clear()
        if pen is not None:
            self._pens[id(style)] = style, pen
        return pen
