"""Model of what the terminal shows, and the shortest output that turns it into another screen."""

from collections.abc import Iterator, Sequence
from itertools import compress
from operator import is_not
from typing import NamedTuple

from deeptone_tui.terminal.canvas import (
    DEFAULT_PEN,
    Canvas,
    Pen,
    Row,
    graphemes,
    is_certain,
    is_narrow,
    may_spill,
    pen_change,
)
from deeptone_tui.terminal.sequences import (
    SHORTEST_CHARS,
    Place,
    encode,
    move,
    scrolls,
    shortened,
    slides,
)

_GAP_BYTES = 4
"""Upper bound of the bytes of a cursor move over a gap; a gap of no more bytes is rewritten."""

_WORTH_MOVING_CHARS = 80
"""Characters of output above which scrolls and slides are tried."""
_SORTED_UPTO = 64
"""Most runs that are sorted into the cheapest order; more are drawn from top to bottom."""


class TextRun(NamedTuple):
    """Adjacent text in one pen."""

    y: int
    x: int
    text: str
    pen: Pen
    end: int | None
    """Column of the cursor afterwards; None where terminals do not agree."""


def changed_columns(old: Row, new: Row) -> list[int]:
    """Return the columns of a row to draw, ascending.

    These are the ones that differ and whose new cell is known, and all known ones from the first
    grapheme among them that a terminal may show in more cells than it counts for.
    """
    columns = [x for x in compress(range(len(new)), map(is_not, old, new)) if new[x] is not None]
    for number, x in enumerate(columns):
        cell = new[x]
        if cell is not None and len(cell.text) > 1 and may_spill(cell.text):
            return columns[:number] + [after for after in range(x, len(new)) if new[after]]
    return columns


def runs_in(y: int, row: Row, columns: list[int]) -> list[TextRun]:
    """Return the runs that draw some columns of a row, including gaps that are cheap to rewrite.

    Args:
        y: index of the row.
        row: target content.
        columns: columns to draw, ascending.
    """
    runs: list[TextRun] = []
    left = iter(columns)
    x = next(left, None)
    while x is not None and (cell := row[x]) is not None:
        start, end, pen, text = x, x + 1, cell.pen, cell.text
        for x in left:
            after = row[x]
            if after is None or after.pen is not pen:
                break
            if x != end:
                between = _cheap_text(row[end:x], pen)
                if not between:
                    break
                text += between
            text += after.text
            end = x + 1
        else:
            x = None
        if len(text) == end - start and is_narrow(text):
            runs.append(TextRun(y, start, text, pen, end if end < len(row) else None))
        else:
            runs += _runs_of_graphemes(y, _with_heads(row, start, end), row)
    return runs


def _cheap_text(gap: Row, pen: Pen) -> str:
    """Return the text of a gap if rewriting it costs no more than moving over it, else ""."""
    if len(gap) > _GAP_BYTES:
        return ""
    text = "".join([cell.text for cell in gap if cell is not None and cell.pen is pen])
    cheap = len(text) == len(gap) and len(encode(text)) <= _GAP_BYTES and is_narrow(text)
    return text if cheap else ""


def _with_heads(row: Row, start: int, end: int) -> range:
    """Return the columns of a stretch, from the cell where its first grapheme begins."""
    first = row[start]
    if first is not None and not first.text and start > 0:
        start -= 1
    return range(start, end)


def _runs_of_graphemes(y: int, columns: range, row: Row) -> Iterator[TextRun]:
    """Yield one run for each grapheme, where some are wide or have more than one character."""
    free = columns.start
    for x in columns:
        cell = row[x]
        if cell is None or x < free:
            continue
        ((text, width), *_) = [*graphemes(cell.text)] or [(" ", 1)]
        text = cell.text or text  # a second half without its first is blank
        free = x + max(width, 1)
        known = is_certain(text) and free < len(row)
        if not is_certain(text) and free <= len(row):
            # A terminal may show it narrower: blanks keep old content from staying beside it.
            yield TextRun(y, x, " " * (free - x), cell.pen, None)
        yield TextRun(y, x, text, cell.pen, free if known else None)


class OutputCursor(NamedTuple):
    """Cursor position and pen of the terminal; None where unknown."""

    place: Place | None = None
    pen: Pen | None = None


class RemoteScreen:
    """Model of what the terminal shows of a canvas, from what it has been sent."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.repeats = False
        """True if the terminal is known to repeat a character on request (REP)."""
        self.forget()

    def forget(self) -> None:
        """Mark everything as unknown, for a terminal of the canvas's size."""
        self._rows: list[Row] = [[None] * self._canvas.width for _ in self._canvas.rows]
        self._cursor = OutputCursor()

    def update(self) -> str:
        """Return the output that makes the terminal show the canvas, and record it."""
        rows, touched = self._canvas.rows, self._canvas.touched
        changed = [y for y in sorted(touched) if rows[y] != self._rows[y]]
        touched.clear()
        text, self._cursor = self._cheapest(rows, changed)
        for y in changed:
            self._rows[y] = rows[y].copy()
        return text

    def place_cursor(self) -> str:
        """Return the output that sets the cursor to the canvas's, and the pen to the default."""
        place = (self._canvas.x, self._canvas.y)
        text = move(self._cursor.place, place) + pen_change(self._cursor.pen, DEFAULT_PEN)
        self._cursor = OutputCursor(place, DEFAULT_PEN)
        return text

    def _cheapest(self, rows: list[Row], changed: list[int]) -> tuple[str, OutputCursor]:
        """Return the shortest output in bytes: all changes drawn, or a scroll and then the rest."""
        best = self._slid(self._rows, rows, changed, self._cursor)
        if len(changed) > 1 and len(best[0]) > _WORTH_MOVING_CHARS:
            for scroll in scrolls(self._rows, rows, changed):
                others = sorted({*changed, *range(scroll.top, scroll.end)})
                cursor = OutputCursor(None, self._cursor.pen)
                text, cursor = self._slid(scroll.applied(self._rows), rows, others, cursor)
                best = min(best, (scroll.sequence + text, cursor), key=_length)
        return best

    def _slid(
        self, old: Sequence[Row], new: Sequence[Row], changed: Sequence[int], cursor: OutputCursor
    ) -> tuple[str, OutputCursor]:
        """Return the shortest output in bytes: the rows drawn, or a slide and then the rest."""
        columns = {y: changed_columns(old[y], new[y]) for y in changed}
        runs = {y: runs_in(y, new[y], columns[y]) for y in changed}
        best = self._drawn([run for own in runs.values() for run in own], cursor)
        if len(best[0]) <= _WORTH_MOVING_CHARS:
            return best
        may_split = self._canvas.has_wide
        movable = {
            y: own for y, own in columns.items() if own and not (may_split and _has_wide(old[y]))
        }
        for slide in slides(old, new, movable):
            others = [run for y in changed if y not in slide.rows for run in runs[y]]
            for y in slide.rows:
                others += runs_in(y, new[y], changed_columns(slide.applied(old[y]), new[y]))
            start = move(cursor.place, (slide.start, slide.rows[0])) + slide.sequence
            text, after = self._drawn(others, OutputCursor(slide.place, cursor.pen))
            best = min(best, (start + text, after), key=_length)
        return best

    def _drawn(self, runs: list[TextRun], cursor: OutputCursor) -> tuple[str, OutputCursor]:
        """Return the output that draws runs, and the cursor and pen after it."""
        parts: list[str] = []
        place, pen = cursor
        spilling = {run.y for run in runs if may_spill(run.text)}  # rows where the order matters
        first = by_pen([run for run in runs if run.y not in spilling], pen)
        for y, x, text, run_pen, end in (*first, *(run for run in runs if run.y in spilling)):
            parts.append(move(place, (x, y)))
            if run_pen is not pen:
                parts.append(pen_change(pen, run_pen))
                pen = run_pen
            shorten = self.repeats and len(text) >= SHORTEST_CHARS
            parts.append(shortened(text) if shorten else text)
            place = None if end is None else (end, y)
        return "".join(parts), OutputCursor(place, pen)


def by_pen(runs: list[TextRun], pen: Pen | None) -> list[TextRun]:
    """Order runs by pen, the current one first: a change of pen costs more than a move."""
    if len(runs) > _SORTED_UPTO:
        return runs
    groups: dict[Pen, list[TextRun]] = {}
    for run in runs:
        groups.setdefault(run.pen, []).append(run)
    ordered: list[TextRun] = []
    while groups:
        if pen not in groups:
            costs = {other: len(pen_change(pen, other)) for other in groups}
            pen = min(costs, key=costs.__getitem__)
        ordered += groups.pop(pen)
    return ordered


def _length(told: tuple[str, OutputCursor]) -> int:
    return len(encode(told[0]))


def _has_wide(row: Row) -> bool:
    """Return True if a row holds wide characters, which a slide would split."""
    return any(cell is not None and not cell.text for cell in row)
