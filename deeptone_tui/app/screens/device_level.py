"""What is known of a device's level, and how a cell of the table says it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.style import Style
from rich.text import Text

from deeptone_tui.audio import SourceError
from deeptone_tui.level import format_dbfs, to_dbfs

BOTTOM_DB = -60.0
"""Where the bar begins; it ends at full scale."""
_EIGHTHS = " ▏▎▍▌▋▊▉"
_WORDS = {
    "busy": ("busy", "in use", "unavailable", "exclusive"),
    "denied": ("denied", "permission", "not permitted", "not allowed"),
    "gone": ("gone", "not found", "no such", "no input device", "unplugged", "disconnected"),
}
"""Words of error lines, by what they come to."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The newest news of a device: a level, or why there is none."""

    level: float | None = None
    """RMS of a step, 0 to 1."""
    word: str = "…"
    """Said instead of a level."""
    message: str = ""
    """The whole reason, for the highlighted device."""


def failed(error: SourceError) -> Reading:
    """A device that could not be opened, in a word and in a line."""
    line = str(error)
    found = (word for word, signs in _WORDS.items() if any(sign in line.lower() for sign in signs))
    return Reading(word=next(found, "failed"), message=line)


def bar(level: float, width: int) -> str:
    """A level over −60…0 dBFS as a bar of eighths of a cell, exactly ``width`` cells long."""
    share = min(max((to_dbfs(level) - BOTTOM_DB) / -BOTTOM_DB, 0.0), 1.0)
    whole, part = divmod(int(share * width * 8), 8)
    drawn = "█" * whole + (_EIGHTHS[part] if part else "")
    return f"{drawn:<{width}}"


def level_cell(reading: Reading, width: int, style: Style) -> Text:
    """Bar and decibels in ``width`` cells, or the word for why not.

    A level of exactly zero is no quiet room but a muted input, and is called so.
    """
    if reading.level is None or reading.level <= 0.0:
        word = reading.word if reading.level is None else "muted"
        return Text(word[:width])
    number = format_dbfs(reading.level).removesuffix(" dBFS")
    length = width - 7
    return Text.assemble((bar(reading.level, length), style), f" {number:>6}")


def turns(count: int, favoured: Callable[[], int]) -> Iterator[int]:
    """Whose turn it is, for ever: every second one belongs to the favoured (highlighted) one."""
    others = 0
    while True:
        yield min(max(favoured(), 0), count - 1)
        if count > 1:
            others = (others + 1) % count
            yield others
