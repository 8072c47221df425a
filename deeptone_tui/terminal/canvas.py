"""Model of the screen: a canvas of cells, drawn with pens, and the widths of graphemes."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from rich.cells import cell_len, get_character_cell_size, split_graphemes

_NARROW: set[str] = set(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0xAD), *range(0x2500, 0x2588))))
"""Characters known to be one cell wide, whatever their neighbours; `is_narrow` adds to it."""
_PLAIN_WIDE = ((0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3))
"""Kana, common ideographs and Hangul: two cells wide in every terminal."""

_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
"""Skin tones: squares two cells wide where they are not joined with what precedes them."""

_ENDS: Final = {
    1: 22, 2: 22, 3: 23, 4: 24, 21: 24, 5: 25, 6: 25, 7: 27, 8: 28, 9: 29, 51: 54, 52: 54, 53: 55,
}  # fmt: skip
"""SGR code that turns each attribute (bold, dim, italic and so on) off, together with others that
share it."""
_MOST_TEXTS: Final = 256
"""Number of texts whose cells each pen caches."""
_MOST_PENS: Final = 4096
"""Number of pens, and of changes between them, that are cached."""


def is_narrow(text: str) -> bool:
    """Return True if each character of a text is a grapheme of one cell in every terminal."""
    if _NARROW.issuperset(text):
        return True
    if not all(map(_is_surely_narrow, text)):
        return False
    _NARROW.update(text)
    return True


def graphemes(text: str) -> Iterator[tuple[str, int]]:
    """Yield the graphemes of a text with their widths in cells, 0 to 2."""
    spans, _ = split_graphemes(text)
    for start, end, width in spans:
        yield text[start:end], width


def is_certain(grapheme: str) -> bool:
    """Return True if terminals agree on a grapheme's width, which fixes the cursor position."""
    if len(grapheme) != 1:
        return False
    return is_narrow(grapheme) or any(first <= ord(grapheme) <= last for first, last in _PLAIN_WIDE)


def may_spill(grapheme: str) -> bool:
    """Return True if a terminal that joins nothing shows a grapheme in more cells than counted."""
    if len(grapheme) == 1 or is_narrow(grapheme):
        return False
    alone = (2 if sign in _SKIN_TONES else get_character_cell_size(sign) for sign in grapheme)
    return sum(alone) > cell_len(grapheme)


def _is_surely_narrow(character: str) -> bool:
    """Return True if a character is one cell wide, whatever follows it except a mark.

    A mark is not narrow itself. An emoji that is narrow only until a variation selector follows is
    checked together with it.
    """
    return get_character_cell_size(character) == 1 and ord(character) < 0x10000  # noqa: PLR2004  the basic plane


class Pen:
    """Look of a piece of text. There is one object for each look: compare by identity."""

    __slots__ = ("_cells", "_rows", "attributes", "background", "foreground", "link")

    def __init__(
        self, foreground: str, background: str, attributes: frozenset[int], link: str
    ) -> None:
        self.foreground = foreground
        """SGR codes such as ``31`` or ``38;2;90;169;214``; empty for the terminal's default."""
        self.background = background
        self.attributes = attributes
        """SGR codes of the attributes that are on, such as 1 for bold."""
        self.link = link
        """Parameters and address of a hyperlink, ``id=1;https://…``; empty for none."""
        self._cells: dict[str, Cell] = {}
        self._rows: dict[str, list[Cell] | None] = {}

    @property
    def codes(self) -> str:
        """SGR codes that change the default pen to this one."""
        parts = [str(code) for code in sorted(self.attributes)]
        return ";".join([*parts, *filter(None, (self.foreground, self.background))])

    def cell(self, text: str) -> "Cell":
        """Return the cell of a grapheme."""
        cell = self._cells.get(text)
        if cell is None:
            cell = self._cells[text] = Cell(text, self)
        return cell

    def narrow_cells(self, text: str) -> "list[Cell] | None":
        """Return the cells of a text; None if some character of it is not a cell of its own."""
        if text not in self._rows:
            if len(self._rows) >= _MOST_TEXTS:
                self._rows.clear()
            self._rows[text] = list(map(self.cell, text)) if is_narrow(text) else None
        return self._rows[text]


class Cell:
    """Cell of the screen. There is one object for each content: compare by identity."""

    __slots__ = ("pen", "text")

    def __init__(self, text: str, pen: Pen) -> None:
        self.text = text
        """A grapheme; empty for the second cell of a wide one."""
        self.pen = pen


pen_of = lru_cache(_MOST_PENS)(Pen)
"""The pen of a look, given as for `Pen`. One that has left the cache counts as another look."""
DEFAULT_PEN: Final = pen_of("", "", frozenset(), "")


@lru_cache(_MOST_PENS)
def pen_change(old: Pen | None, new: Pen) -> str:
    """Return the shortest sequence that changes the pen: the codes that differ, or a reset and all.

    Args:
        old: pen before; None where that is unknown.
        new: pen after.
    """
    link = f"\x1b]8;{new.link or ';'}\x1b\\" if new.link != (old.link if old else "") else ""
    anew = f"0;{new.codes}" if new.codes else ""
    if old is None:
        return f"{link}\x1b[{anew}m"
    differing = ";".join(_differing(old, new))
    return f"{link}\x1b[{min(anew, differing, key=len)}m" if differing else link


def _differing(old: Pen, new: Pen) -> Iterator[str]:
    """Yield the codes that change one pen to the other."""
    ends = {_ENDS[code] for code in old.attributes - new.attributes}
    yield from (str(code) for code in sorted(ends))
    kept = {code for code in old.attributes if _ENDS[code] not in ends}
    yield from (str(code) for code in sorted(new.attributes - kept))
    if old.foreground != new.foreground:
        yield new.foreground or "39"
    if old.background != new.background:
        yield new.background or "49"


Row = list[Cell | None]
"""Cells from left to right; None where the content is unknown or nothing has been drawn yet."""


class Canvas:
    """Screen model of a terminal of the same size. Columns and rows count from 0."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.x = 0
        self.y = 0
        self.rows: list[Row] = [self._nothing() for _ in range(height)]
        self.has_wide = False
        """True once a character two cells wide has been drawn."""
        self.touched: set[int] = set()
        """Damage: rows drawn in since this set was last cleared."""

    def _nothing(self) -> Row:
        return [None] * self.width

    def forget(self) -> None:
        """Mark every cell as unknown and clear the damage."""
        self.rows = [self._nothing() for _ in range(self.height)]
        self.touched.clear()

    def resize(self, width: int, height: int) -> None:
        """Change the size; keep the cells that still fit."""
        for row in self.rows:
            row[width:] = [None] * max(width - len(row), 0)
        self.width = width
        self.rows = [*self.rows[:height], *(self._nothing() for _ in range(height - self.height))]
        self.height = height
        self.touched = set(range(height))
        self.move(self.x, self.y)

    def move(self, x: int, y: int) -> None:
        """Move the cursor, clamped to the edges of the screen."""
        self.x = min(max(x, 0), self.width - 1)
        self.y = min(max(y, 0), self.height - 1)

    def draw(self, text: str, pen: Pen) -> None:
        """Draw text at the cursor and advance it; at the end of the row it stays there."""
        start, y = self.x, self.y
        end = start + len(text)
        cells = pen.narrow_cells(text)
        if cells is not None and end <= self.width:
            self._cut(y, start, end)
            self.rows[y][start:end] = cells
            self.touched.add(y)
            self.x = min(end, self.width - 1)
        else:
            for grapheme, width in graphemes(text):
                self._draw_grapheme(grapheme, width, pen)

    def _draw_grapheme(self, grapheme: str, width: int, pen: Pen) -> None:
        if width == 0:
            self._add_mark(grapheme)
            return
        self.x = max(min(self.x, self.width - width), 0)
        self._cut(self.y, self.x, self.x + width)
        self.touched.add(self.y)
        row = self.rows[self.y]
        row[self.x] = pen.cell(grapheme)
        if width == 2 and self.x + 1 < self.width:  # noqa: PLR2004  a wide grapheme
            row[self.x + 1] = pen.cell("")
            self.has_wide = True
        self.x = min(self.x + width, self.width - 1)

    def _cut(self, y: int, start: int, end: int) -> None:
        """Blank the other half of each wide character that a write to ``start:end`` splits."""
        if not self.has_wide:
            return
        row = self.rows[y]
        first = row[start] if start < self.width else None
        if start > 0 and first is not None and not first.text:
            row[start - 1] = first.pen.cell(" ")
        after = row[end] if end < self.width else None
        if after is not None and not after.text:
            row[end] = after.pen.cell(" ")

    def _add_mark(self, mark: str) -> None:
        """Add a combining mark to the grapheme before the cursor."""
        row = self.rows[self.y]
        x = self.x - 1
        while x > 0 and (cell := row[x]) is not None and not cell.text:
            x -= 1
        before = row[x] if x >= 0 else None
        if before is not None:
            row[x] = before.pen.cell(before.text + mark)
            self.touched.add(self.y)
