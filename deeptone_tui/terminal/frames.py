"""Drawing what Textual has composed, without its way over text that would be read again."""

import re
from typing import TYPE_CHECKING, Final

from rich.color import ColorSystem
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

from deeptone_tui.terminal.canvas import Canvas
from deeptone_tui.terminal.composing import RegionsUpdate
from deeptone_tui.terminal.pens import Pen

if TYPE_CHECKING:
    from rich.style import Style

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MOST_STYLES: Final = 2048
"""Styles whose pens are remembered."""


class Painter:
    """Draws frames onto a canvas, as their text would.

    Textual is pinned: this does what `render_segments` of its updates does.
    """

    def __init__(self, canvas: Canvas, colours: ColorSystem) -> None:
        self._canvas = canvas
        self._colours = colours
        self._pens: dict[int, tuple[Style | None, Pen]] = {}
        """By the identity of the style, which is kept with it: its hash is written in Python."""

    def paint(self, update: CompositorUpdate) -> bool:
        """Draw a frame.

        Returns:
            Whether all of it was drawn; otherwise it has to be told as text.
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
        """The pieces of rows that touch what has changed."""
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
        """The pen of a style; None where it is not understood."""
        pens = self._canvas.pens
        if style is None:
            return pens.default
        codes = style._ansi  # noqa: SLF001  as Textual does
        if codes is None:
            codes = Strip.render_ansi(style, self._colours)
        pen = pens.from_default[codes]
        if pen is not None and style.link:
            pen = pens.linked(pen, f"id={style._link_id};{style.link}")  # noqa: SLF001  as Rich writes it
        if len(self._pens) >= _MOST_STYLES:
            self._pens.clear()
        if pen is not None:
            self._pens[id(style)] = style, pen
        return pen
