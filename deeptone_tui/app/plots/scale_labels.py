"""The line of labels under the level bar: the ticks, and the word of a suggestion."""

from deeptone_tui.app.plots.scale import Scale

TICK = "╵"
SUGGESTED = "△"
"""The sign of a suggestion: the mark's own, but hollow."""
WORD = "suggested"
UNIT = " dBFS"
"""Goes to the first tick that has room for it."""


def scale_labels(scale: Scale, width: int, mark: int | None, suggested: int | None) -> str:
    """The labels, each whole or not there: half a number is another number.

    Args:
        scale: in cells.
        width: of the line; the last tick is one past the scale.
        mark: cell of the mark's sign, which is left free.
        suggested: cell of a threshold that is proposed; its word goes before the ticks.
    """
    row = [" "] * width
    if suggested is not None:
        text, start = _suggestion(suggested, mark, width)
        for at, sign in enumerate(text, start):
            if 0 <= at < width:
                row[at] = sign
    ticks = scale.ticks()
    ends = [cell for cell, _ in ticks[1:]] + [width + 1]
    units = [UNIT]
    for (cell, label), end in zip(ticks, ends, strict=True):
        for unit in (*units, ""):
            text = f"{TICK}{label}{unit}"
            if cell + len(text) < end and _is_free(row, cell, len(text), mark):
                row[cell : cell + len(text)] = text
                units = [] if unit else units
                break
    return "".join(row)


def _suggestion(cell: int, mark: int | None, width: int) -> tuple[str, int]:
    """The sign and word of a suggestion, clear of the mark's sign, and where they begin."""
    room = len(WORD) + 2
    away = mark - cell if mark is not None else 0
    if cell + room <= width and not 0 < away < room:
        return f" {SUGGESTED} {WORD} ", cell - 1
    if cell >= room and not -room < away < 0:
        return f" {WORD} {SUGGESTED} ", cell - room
    return f" {SUGGESTED} ", cell - 1  # no room on either side; the word stands in the panel too


def _is_free(row: list[str], cell: int, size: int, mark: int | None) -> bool:
    """Whether a label has its cells for itself, and a blank on either side."""
    around = row[max(cell - 1, 0) : cell + size + 1]
    under_mark = mark is not None and cell <= mark < cell + size
    return not under_mark and "".join(around).isspace()
