"""Model of what the terminal shows, and the shortest output that turns it into another screen."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress
from operator import is_not
from typing import NamedTuple

from deeptone_tui.terminal.canvas import Canvas, Row
from deeptone_tui.terminal.pens import Pen, Pens, graphemes, is_certain, is_narrow, may_spill
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
    """Return the columns of a row to draw: those that differ and whose new cell is known."""
    columns = compress(range(len(new)), map(is_not, old, new))
    return [x for x in columns if new[x] is not None]


def with_spilt(row: Row, columns: list[int]) -> list[int]:
    """Extend the columns to the end of the row after a grapheme that may be shown too wide.

    Args:
        row: target content.
        columns: columns to draw, ascending.

    Returns:
        The columns; all known ones from the first grapheme that may take more cells than it counts
        for.
    """
    for number, x in enumerate(columns):
        cell = row[x]
        if cell is not None and len(cell.text) > 1 and may_spill(cell.text):
            return columns[:number] + [after for after in range(x, len(row)) if row[after]]
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
    """Model of what the terminal shows, from what it has been sent."""

    def __init__(self, pens: Pens, width: int, height: int) -> None:
        self._pens = pens
        self._rows: list[Row] = []
        self._hand = OutputCursor()
        self._wide = False
        """True if a wide character may be shown somewhere."""
        self.repeats = False
        """True if the terminal is known to repeat a character on request (REP)."""
        self.forget(width, height)

    def forget(self, width: int, height: int) -> None:
        """Mark everything as unknown, for a terminal of the given size."""
        self._rows = [[None] * width for _ in range(height)]
        self._hand = OutputCursor()

    def update(self, canvas: Canvas) -> str:
        """Return the output that makes the terminal show a canvas of its size, and record it."""
        changed = [y for y in sorted(canvas.touched) if canvas.rows[y] != self._rows[y]]
        canvas.touched.clear()
        self._wide = self._wide or canvas.has_wide
        text, self._hand = self._cheapest(canvas.rows, changed)
        for y in changed:
            self._rows[y] = canvas.rows[y].copy()
        return text

    def put_hand(self, canvas: Canvas, *, pen: bool = True) -> str:
        """Return the output that sets the cursor, and with ``pen`` the pen, to the canvas's."""
        place = (min(canvas.x, canvas.width - 1), canvas.y)
        text = move(self._hand.place, place)
        now = self._hand.pen
        if pen and now is not canvas.pen:
            text += self._change(now, canvas.pen)
            now = canvas.pen
        self._hand = OutputCursor(place, now)
        return text

    def _change(self, old: Pen | None, new: Pen) -> str:
        if old is not None:
            return self._pens.change(old, new)
        link = f"\x1b]8;{new.link or ';'}\x1b\\" if new.link else ""
        return f"{link}\x1b[{f'0;{new.codes}' if new.codes else ''}m"

    def _cheapest(self, rows: list[Row], changed: list[int]) -> tuple[str, OutputCursor]:
        """Return the shortest output in bytes: all changes drawn, or a scroll and then the rest."""
        best = self._slid(self._rows, rows, changed, self._hand)
        if len(changed) > 1 and len(best[0]) > _WORTH_MOVING_CHARS:
            for scroll in scrolls(self._rows, rows, changed):
                others = sorted({*changed, *range(scroll.top, scroll.end)})
                hand = OutputCursor(None, self._hand.pen)
                text, hand = self._slid(scroll.applied(self._rows), rows, others, hand)
                best = min(best, (scroll.sequence + text, hand), key=_length)
        return best

    def _slid(
        self, old: Sequence[Row], new: Sequence[Row], changed: Sequence[int], hand: OutputCursor
    ) -> tuple[str, OutputCursor]:
        """Return the shortest output in bytes: the rows drawn, or a slide and then the rest."""
        columns = {y: self._to_draw(old[y], new[y]) for y in changed}
        runs = {y: runs_in(y, new[y], columns[y]) for y in changed}
        best = self._drawn([run for own in runs.values() for run in own], hand)
        if len(best[0]) <= _WORTH_MOVING_CHARS:
            return best
        movable = {
            y: own for y, own in columns.items() if own and not (self._wide and _has_wide(old[y]))
        }
        for slide in slides(old, new, movable):
            others = [run for y in changed if y not in slide.rows for run in runs[y]]
            for y in slide.rows:
                left = self._to_draw(slide.applied(old[y]), new[y])
                others += runs_in(y, new[y], left)
            start = move(hand.place, (slide.start, slide.rows[0])) + slide.sequence
            text, after = self._drawn(others, OutputCursor(slide.place, hand.pen))
            best = min(best, (start + text, after), key=_length)
        return best

    def _to_draw(self, old: Row, new: Row) -> list[int]:
        columns = changed_columns(old, new)
        return with_spilt(new, columns) if self._wide else columns

    def _drawn(self, runs: list[TextRun], hand: OutputCursor) -> tuple[str, OutputCursor]:
        """Return the output that draws runs, and the cursor and pen after it."""
        parts: list[str] = []
        place, pen = hand
        repeats = self.repeats
        first, last = self._apart(runs)
        for y, x, text, run_pen, end in chain(self._ordered(first, hand), last):
            parts.append(move(place, (x, y)))
            if run_pen is not pen:
                parts.append(self._change(pen, run_pen))
                pen = run_pen
            parts.append(shortened(text) if repeats and len(text) >= SHORTEST_CHARS else text)
            place = None if end is None else (end, y)
        return "".join(parts), OutputCursor(place, pen)

    def _apart(self, runs: list[TextRun]) -> tuple[list[TextRun], list[TextRun]]:
        """Split runs into those in rows where none may spill, and the rest, whose order matters."""
        rows = {run.y for run in runs if may_spill(run.text)} if self._wide else ()
        if not rows:
            return runs, []
        return [run for run in runs if run.y not in rows], [run for run in runs if run.y in rows]

    def _ordered(self, runs: list[TextRun], hand: OutputCursor) -> Iterable[TextRun]:
        """Order runs by pen, the current one first: a change of pen costs more than a move."""
        if not 1 < len(runs) <= _SORTED_UPTO:
            return runs
        by_pen: dict[Pen, list[TextRun]] = {}
        for run in runs:
            by_pen.setdefault(run.pen, []).append(run)
        if len(by_pen) == 1:
            return runs
        ordered: list[TextRun] = []
        pen = hand.pen
        while by_pen:
            if len(by_pen) == 1:
                (pen,) = by_pen
            elif pen not in by_pen:
                costs = {other: len(self._change(pen, other)) for other in by_pen}
                pen = min(costs, key=costs.__getitem__)
            ordered += by_pen.pop(pen)
        return ordered


def _length(told: tuple[str, OutputCursor]) -> int:
    return len(encode(told[0]))


def _has_wide(row: Row) -> bool:
    """Return True if a row holds wide characters, which a slide would split."""
    return any(cell is not None and not cell.text for cell in row)
