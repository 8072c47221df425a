"""The screen in ASCII, for terminals and fonts that have nothing else."""

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_WORDS = {"−∞ dBFS": "-inf dB"}
"""Texts that keep their meaning and their width only as a whole."""

_SIGNS = str.maketrans(
    {
        "─": "-", "━": "=", "╸": "-", "╌": "-", "│": "|", "┃": "I", "╎": ":", "╵": "'",
        "█": "#", "▉": "#", "▊": "#", "▋": "#", "▌": "#", "▍": ":", "▎": ":", "▏": " ",
        "▁": "_", "▂": "_", "▃": ".", "▄": ":", "▅": ":", "▆": "|", "▇": "|",
        "▲": "^", "△": "A", "▼": "V", "┊": "+", "◀": "<", "▸": ">", "◆": "o", "·": ".",
        "●": "*", "◉": "*", "◌": "o", "◍": "o", "○": "o", "■": "x", "↻": "~", "‖": "=",
        "✗": "x", "✓": "=", "≠": "!", "↓": "v", "←": "<", "→": ">", "↑": "^", "…": "~",
        "−": "-", "–": "-", "×": "x", "∞": "~", "╭": "+", "╮": "+", "╰": "+", "╯": "+",
        "┌": "+", "┐": "+", "└": "+", "┘": "+", "▔": '"', "▕": "|",
        "░": "/", "±": "~", "≥": ">", "“": "'", "”": "'", "⇅": "^", "˙": "'", "╴": "-",
    }
)  # fmt: skip


class PlainCharacters(LineFilter):
    """Every sign of the screen as one of ASCII, in the same cell."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Replace the characters of a line."""
        del background
        return [Segment(plain(text), style, control) for text, style, control in segments]


def plain(text: str) -> str:
    """A text in ASCII, of the same width; what has no likeness becomes a question mark."""
    if text.isascii():
        return text
    for word, likeness in _WORDS.items():
        text = text.replace(word, likeness)
    text = text.translate(_SIGNS)
    if len(text) != cell_len(text):  # signs of two cells, or of none
        text = "".join(sign if sign.isascii() else "?" * cell_len(sign) for sign in text)
    return text.encode("ascii", "replace").decode()
