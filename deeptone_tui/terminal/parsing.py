"""Parser of Textual's output: drawing goes onto a canvas, other sequences are classified."""

import re
from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from deeptone_tui.terminal.canvas import Canvas
from deeptone_tui.terminal.pens import Pen

_TOKEN: Final = re.compile(
    r"""
      \x1b\[ (?P<codes>[0-9;]+) m (?P<styled>[^\x00-\x1f\x7f-\x9f]+) \x1b\[0m  # Rich's segments
    | (?P<text>[^\x00-\x1f\x7f-\x9f]+)
    | \x1b\[ (?P<parameters>[0-?]*) (?P<intermediate>[ -/]*) (?P<final>[@-~])
    | \x1b\] (?P<command>[^\x07\x1b]*) (?:\x07|\x1b\\)
    | \x1b[PX^_] (?P<string>[^\x1b]*(?:\x1b(?!\\)[^\x1b]*)*) \x1b\\
    | \x1b (?![\[\]PX^_]) (?P<escape>[ -/]*[0-~])
    | (?P<control>[\x00-\x1a\x1c-\x1f\x7f-\x9f])
    | (?P<broken>\x1b (?:\[[0-?]*[ -/]*)? (?=[^ -~]) | \x1b[\]PX^_][^\x07\x1b]*(?=\x1b[^\\]))
    """,
    re.VERBOSE,
)
_USUAL: Final = re.compile(
    r"\x1b\[([0-9]+);([0-9]+)H|\x1b\[([0-9;]+)m([^\x00-\x1f\x7f-\x9f]+)\x1b\[0m|\n"
)
"""Parts of Textual's frames: cursor moves, segments, and a line feed before a move."""
_USUAL_FRAME: Final = re.compile(f"(?:{_USUAL.pattern})*")
_LONGEST_CHARS: Final = 1 << 20
"""Limit in characters of an unfinished sequence; a longer one is passed on as it is."""
_OTHER_SCREEN: Final = frozenset({"?47", "?1047", "?1049"})
_REPORTS: Final = frozenset({"c", "n", "t", " q", "$p"})
"""Final bytes of requests, window operations and cursor shapes, which draw nothing."""
_PRIVATE: Final = frozenset({"c", "n", "q", "u", "m", "p"})
"""The same for sequences with a private marker, such as the keyboard protocols."""


class SequenceKind(Enum):
    """Effect of a sequence on the screen model."""

    HARMLESS = auto()
    """No effect on the model: modes, requests, titles, the clipboard, the bell."""
    RESET = auto()
    """Switch to another, empty screen."""
    UNKNOWN = auto()
    """Unknown effect: it may do anything."""


Passing = Callable[[SequenceKind, str], None]
"""Callback that receives each sequence that is not drawing, in order."""


class Parser:
    """Draws what is written onto a canvas.

    A sequence that is not drawing is given to ``passing`` at once, after everything before it has
    been drawn.
    """

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.saw_frames = False
        """True once synchronised frames have been written: the terminal is then known to support
        them."""
        self.shows_cursor = True
        self._rest = ""

    def feed(self, text: str, passing: Passing) -> None:
        """Draw a piece of text.

        Args:
            text: text written; a sequence may continue in the next piece.
            passing: receives each sequence that is not drawing.
        """
        canvas = self.canvas
        plain = not self._rest and canvas.pen is canvas.pens.default
        if plain and _USUAL_FRAME.fullmatch(text) and self._draw_usual(text):
            return
        text = self._rest + text
        self._rest = ""
        position, end, match = 0, len(text), _TOKEN.match
        while position < end:
            token = match(text, position)
            if token is None:
                self._rest = text[position:]
                if len(self._rest) > _LONGEST_CHARS:
                    passing(SequenceKind.UNKNOWN, self._rest)
                    self._rest = ""
                return
            position = token.end()
            kind = self._take(token)
            if kind is not None:
                passing(kind, token.group())

    def _draw_usual(self, text: str) -> bool:
        """Draw text that has only the usual parts, which is nearly all output.

        Returns:
            True if it was drawn; False, with nothing drawn, if a pen in it is not understood.
        """
        canvas, pens = self.canvas, self.canvas.pens.from_default
        tokens = _USUAL.findall(text)
        if None in [pens[token[2]] for token in tokens]:
            return False
        for row, column, codes, styled in tokens:
            if codes:
                canvas.pen = pens[codes] or canvas.pen
                canvas.draw(styled)
            elif row:
                canvas.move(int(column) - 1, int(row) - 1)
            else:
                canvas.x = 0
                canvas.line_feed()
        canvas.pen = canvas.pens.default
        return True

    def _take(self, token: re.Match[str]) -> SequenceKind | None:
        """Draw a token; return its kind if it is not drawing."""
        canvas = self.canvas
        match token.lastgroup:
            case "styled":
                return self._draw_styled(token["codes"], token["styled"])
            case "text":
                canvas.draw(token["text"])
                return None
            case "final":
                return self._control(token["parameters"], token["intermediate"] + token["final"])
            case "command":
                return self._command(token["command"])
            case "control":
                return self._move_by_control(token["control"])
            case _:
                return SequenceKind.UNKNOWN

    def _draw_styled(self, codes: str, text: str) -> SequenceKind | None:
        """Draw text between an SGR sequence and the reset to the default pen."""
        pen = self._pen_after(codes)
        if pen is None:
            return SequenceKind.UNKNOWN
        canvas = self.canvas
        canvas.pen = pen
        canvas.draw(text)
        canvas.pen = self._pen_after("0") or pen
        return None

    def _pen_after(self, codes: str) -> Pen | None:
        return self.canvas.pens.set(self.canvas.pen, codes)

    def _command(self, command: str) -> SequenceKind | None:
        """Handle an OSC command; of these only hyperlinks (OSC 8) affect cells."""
        if not command.startswith("8;"):
            return SequenceKind.HARMLESS
        canvas, link = self.canvas, command[2:]
        canvas.pen = canvas.pens.linked(canvas.pen, "" if link.endswith(";") else link)
        return None

    def _move_by_control(self, character: str) -> SequenceKind | None:
        canvas = self.canvas
        if character == "\n":  # the line discipline of the terminal adds the carriage return
            canvas.x = 0
            canvas.line_feed()
        elif character == "\r":
            canvas.x = 0
        elif character == "\b":
            canvas.x = max(min(canvas.x, canvas.width - 1) - 1, 0)
        else:
            return SequenceKind.HARMLESS if character == "\a" else SequenceKind.UNKNOWN
        return None

    def _control(self, parameters: str, final: str) -> SequenceKind | None:
        """Handle a control sequence (CSI)."""
        if final in {"h", "l"}:
            return self._mode(parameters, on=final == "h")
        if final == "m" and not parameters.strip("0123456789;"):
            pen = self._pen_after(parameters)
            self.canvas.pen = pen or self.canvas.pen
            return SequenceKind.UNKNOWN if pen is None else None
        if final in _REPORTS or (final in _PRIVATE and parameters[:1] in set("<=>?")):
            return SequenceKind.HARMLESS
        if parameters.strip("0123456789;"):
            return SequenceKind.UNKNOWN
        numbers = [int(number or 0) for number in parameters.split(";")]
        return self._erase(final, numbers[0]) if final in "JKX" else self._move(final, numbers)

    def _mode(self, parameters: str, *, on: bool) -> SequenceKind | None:
        """Set or reset a mode of the terminal."""
        if parameters == "?2026":
            self.saw_frames = True
            return None
        if parameters == "?25":
            self.shows_cursor = on
        if parameters == "?7":
            self.canvas.wraps = on
        if parameters in _OTHER_SCREEN:
            return SequenceKind.RESET
        return SequenceKind.HARMLESS if parameters.startswith("?") else SequenceKind.UNKNOWN

    def _move(self, final: str, numbers: list[int]) -> SequenceKind | None:
        """Move the cursor by at least one cell, or to a position counted from 1."""
        canvas, steps = self.canvas, max(numbers[0], 1)
        x, y = min(canvas.x, canvas.width - 1), canvas.y
        match final:
            case "H" | "f":
                canvas.move((numbers[1] if len(numbers) > 1 else 1) - 1, steps - 1)
            case "A" | "F":
                canvas.move(x if final == "A" else 0, y - steps)
            case "B" | "E":
                canvas.move(x if final == "B" else 0, y + steps)
            case "C" | "a":
                canvas.move(x + steps, y)
            case "D":
                canvas.move(x - steps, y)
            case "G" | "`":
                canvas.move(steps - 1, y)
            case "d":
                canvas.move(x, steps - 1)
            case _:
                return SequenceKind.UNKNOWN
        return None

    def _erase(self, final: str, what: int) -> SequenceKind | None:
        """Erase part of the screen, in the default pen only: terminals differ in other colours."""
        canvas = self.canvas
        if canvas.pen is not canvas.pens.default:
            return SequenceKind.UNKNOWN
        x, y, width, height = canvas.x, canvas.y, canvas.width, canvas.height
        if final == "X":
            canvas.blank(x, y, min(x + max(what, 1), width))
        elif what in {0, 1, 2}:
            canvas.blank(x if what == 0 else 0, y, x + 1 if what == 1 else width)
            if final == "J":
                for row in range(y + 1 if what == 0 else 0, y if what == 1 else height):
                    canvas.blank(0, row, width)
        else:
            return SequenceKind.UNKNOWN
        return None
