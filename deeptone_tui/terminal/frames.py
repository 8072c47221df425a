"""Direct drawing of Textual's frames onto the canvas, without rendering and parsing text."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, cast

from rich.color import ColorSystem
from rich.control import Control
from textual.geometry import Offset, Region
from textual.strip import Strip

from deeptone_tui.terminal.canvas import DEFAULT_PEN, Canvas, Pen, pen_of
from deeptone_tui.terminal.textual_private import (
    ChopsUpdate,
    CompositorUpdate,
    HookedCompositor,
    LayoutUpdate,
    visible_screen_stack,
)

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.style import Style
    from textual.screen import Screen


_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MOST_STYLES: Final = 2048
"""Number of styles whose pens are cached."""
_ATTRIBUTES: Final = {
    "bold": 1, "dim": 2, "italic": 3, "underline": 4, "blink": 5, "blink2": 6, "reverse": 7,
    "conceal": 8, "strike": 9, "underline2": 21, "frame": 51, "encircle": 52, "overline": 53,
}  # fmt: skip
"""SGR codes of the attributes of a style."""


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
        return cast("RenderableType", drawn)  # Textual calls `render_segments` alone

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

    def paint(self, update: CompositorUpdate, cursor: Offset) -> bool:
        """Draw a frame, and move the cursor to its place after it.

        Returns:
            True if all of it was drawn; otherwise it has to be written as text.
        """
        placed = _placed(update)
        painted = placed is not None and all(self._paint_strip(*each) for each in placed)
        self._canvas.move(*cursor)
        return painted

    def _paint_strip(self, x: int, y: int, strip: Strip) -> bool:
        canvas, pens = self._canvas, self._pens
        canvas.move(x, y)
        for text, style, _ in strip:
            found = pens.get(id(style))
            pen = self._pen(style) if found is None else found[1]
            if pen.narrow_cells(text) is None and _CONTROL.search(text):
                return False
            canvas.draw(text, pen)
        return True

    def _pen(self, style: "Style | None") -> Pen:
        """Return the pen of a style that is not cached."""
        if len(self._pens) >= _MOST_STYLES:
            self._pens.clear()
        pen = DEFAULT_PEN if style is None else pen_of(*_look_of(style, self._colours))
        self._pens[id(style)] = style, pen
        return pen


def _placed(update: CompositorUpdate) -> Iterator[tuple[int, int, Strip]] | None:
    """Return the strips of an update, each with its column and row; None for an unknown kind."""
    if isinstance(update, RegionsUpdate):
        return (
            (region.x, y, strip)
            for region, strips in update.parts
            for y, strip in enumerate(strips, region.y)
        )
    if isinstance(update, LayoutUpdate):
        return (
            (update.region.x, y, Strip.join(strips))
            for y, strips in enumerate(update.strips, update.region.y)
        )
    return _pieces(update) if isinstance(update, ChopsUpdate) else None


def _pieces(update: ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    """Yield the pieces of rows that overlap what has changed."""
    for y, start, end in update.spans:
        for stop, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x > end or stop <= start:
                continue
            whole = start <= x < end and stop <= end
            yield x, y, strip if whole else strip.crop(0, min(stop, end) - x)


def _look_of(style: "Style", colours: ColorSystem) -> tuple[str, str, frozenset[int], str]:
    """Return the look of a style in the colours that the terminal has, as `pen_of` takes it."""
    foreground, background = (
        ";".join(colour.downgrade(colours).get_ansi_codes(foreground=is_foreground))
        if colour is not None and not colour.is_default
        else ""
        for colour, is_foreground in ((style.color, True), (style.bgcolor, False))
    )
    attributes = frozenset(code for name, code in _ATTRIBUTES.items() if getattr(style, name))
    link = f"id={style.link_id};{style.link}" if style.link else ""
    return foreground, background, attributes, link
