"""Model of the screen that Textual draws: cells, a cursor and a pen."""

from deeptone_tui.terminal.pens import Cell, Pen, Pens, graphemes

Row = list[Cell | None]
"""Cells from left to right; None where the content is unknown or nothing has been drawn yet."""


class Canvas:
    """Screen model of a terminal of the same size. Columns and rows count from 0."""

    def __init__(self, width: int, height: int, pens: Pens) -> None:
        self.width = width
        self.height = height
        self.pens = pens
        self.pen: Pen = pens.default
        self.x = 0
        self.y = 0
        self.wraps = True
        """True if text wraps to the next row; otherwise the cursor stays in the last column."""
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

    def line_feed(self) -> None:
        """Move the cursor down one row; in the last row, scroll the screen up instead."""
        if self.y < self.height - 1:
            self.y += 1
        else:
            del self.rows[0]
            self.rows.append([self.pens.default.cells[" "]] * self.width)
            self.touched.update(range(self.height))

    def draw(self, text: str) -> None:
        """Draw text at the cursor and advance it."""
        start, y = self.x, self.y
        end = start + len(text)
        cells = self.pen.narrow[text]
        if cells is not None and end <= self.width:
            if self.has_wide:
                self._cut(y, start, end)
            self.rows[y][start:end] = cells
            self.touched.add(y)
            self.x = end if end < self.width or self.wraps else end - 1
        else:
            for grapheme, width in graphemes(text):
                self._draw_grapheme(grapheme, width)

    def _advance_to(self, x: int) -> None:
        """Set the column; with wrapping it may lie past the last one, else it is clamped."""
        self.x = x if self.wraps else min(x, self.width - 1)

    def _draw_grapheme(self, grapheme: str, width: int) -> None:
        if width == 0:
            self._add_mark(grapheme)
            return
        if self.x + width > self.width:
            if self.wraps:
                self.x = 0
                self.line_feed()
            else:
                self.x = max(self.width - width, 0)
        self._cut(self.y, self.x, self.x + width)
        self.touched.add(self.y)
        row, cells = self.rows[self.y], self.pen.cells
        row[self.x] = cells[grapheme]
        if width == 2 and self.x + 1 < self.width:  # noqa: PLR2004  a wide grapheme
            row[self.x + 1] = cells[""]
            self.has_wide = True
        self._advance_to(self.x + width)

    def _cut(self, y: int, start: int, end: int) -> None:
        """Blank the other half of each wide character that a write to ``start:end`` splits."""
        if not self.has_wide:
            return
        row = self.rows[y]
        first = row[start] if start < self.width else None
        if start > 0 and first is not None and not first.text:
            row[start - 1] = first.pen.cells[" "]
        after = row[end] if end < self.width else None
        if after is not None and not after.text:
            row[end] = after.pen.cells[" "]

    def _add_mark(self, mark: str) -> None:
        """Add a combining mark to the grapheme before the cursor."""
        row = self.rows[self.y]
        x = self.x - 1
        while x > 0 and (cell := row[x]) is not None and not cell.text:
            x -= 1
        before = row[x] if x >= 0 else None
        if before is not None:
            row[x] = before.pen.cells[before.text + mark]
            self.touched.add(self.y)

    def blank(self, x: int, y: int, end: int) -> None:
        """Blank columns ``x`` to ``end``, exclusive, of a row in the default pen."""
        self._cut(y, x, end)
        self.rows[y][x:end] = [self.pens.default.cells[" "]] * (end - x)
        self.touched.add(y)
