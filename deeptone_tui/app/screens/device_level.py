"""What is known of a device's level, and how a cell of the table says it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.style import Style
from rich.text import Text

from deeptone_tui.app.plots.blocks import EIGHTHS, LEFT
from deeptone_tui.app.plots.scale import Scale
from deeptone_tui.audio import SourceError
from deeptone_tui.dsp import format_dbfs

_WORDS = (
    ("in use", "busy"),
    ("busy", "busy"),
    ("may not be used", "denied"),
    ("denied", "denied"),
    ("there is no input device", "unheard"),
    ("no audio", "no audio"),
    ("not answered", "no answer"),
    ("does not answer", "gone"),
    ("unplugged", "gone"),
    ("lost", "gone"),
)
"""What stands in an error line, and the word that it comes to; the first that fits."""
_UNHEARD = "plugged in since the capture began, or gone: use it to hear it, or look again"
"""While one device is captured, another that is plugged in cannot be opened beside it."""


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
    word = next((word for sign, word in _WORDS if sign in line.lower()), "failed")
    return Reading(word=word, message=_UNHEARD if word == "unheard" else line)


def bar(level: float, width: int) -> str:
    """A level over −60…0 dBFS as a bar of eighths of a cell, exactly ``width`` cells long."""
    whole, part = divmod(int(Scale(width).position(level) * EIGHTHS), EIGHTHS)
    return f"{LEFT[EIGHTHS] * whole + LEFT[part] * bool(part):<{width}}"


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
