"""The last look at what is drawn: nothing in it steers the terminal."""

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from deeptone_tui.core.text import clean_name


class Printable(LineFilter):
    """Texts of Textual's own widgets, which pass on what a name or a typed path holds."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Replace what is unfit, in as many cells as Textual has given it: mostly none."""
        del background
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [Segment(fit(text), style, control) for text, style, control in segments]


def fit(text: str) -> str:
    """Return a text of the same width without what could steer a terminal."""
    cleaned = clean_name(text)
    if cleaned == text:
        return text
    return "".join(
        new if new == old else new * cell_len(old) for old, new in zip(text, cleaned, strict=True)
    )
