"""What a terminal shows, in text: every row, and beneath it which look its cells have."""

from itertools import groupby
from string import ascii_letters

from support.terminals.emulator import Cell, Emulator
from textual.app import App
from textual.strip import Strip

_ATTRIBUTES = {1: "bold", 2: "dim", 3: "italic", 4: "underlined", 7: "reverse"}
_LETTERS = ascii_letters + "αβγδεζηθικλμνξοπρστυφχψω"


def shown(app: App[None]) -> Emulator:
    """The screen of a terminal that was sent what the app draws, reduced to its colours."""
    # Styles and strips keep the codes of the first terminal that they met.
    strips = [Strip(list(strip)) for strip in app.screen._compositor.render_strips()]
    styles = [style for strip in strips for _, style, _ in strip if style]
    for style in styles:
        style._ansi = None
    emulator = Emulator(*app.size)
    for y, strip in enumerate(strips, 1):
        emulator.feed(f"\x1b[{y}H{strip.render(app.console)}".encode())
    for style in styles:
        style._ansi = None
    return emulator


class Looks:
    """Looks by letters, in the order in which they were met."""

    def __init__(self) -> None:
        self._letters: dict[str, str] = {}

    def rows(self, emulator: Emulator) -> str:
        """A screen: its text, and how many cells of which look follow one another."""
        lines = []
        for cells in emulator.cells:
            runs = groupby(self._letter(cell) for cell in cells)
            lines.append("".join(text for text, *_ in cells).rstrip())
            counted = ((letter, len(list(run))) for letter, run in runs)
            lines.append("    " + "".join(f"{letter}{count}" for letter, count in counted))
        return "\n".join(lines)

    def legend(self) -> str:
        """What the letters mean."""
        return "\n".join(f"{letter} = {look}" for look, letter in self._letters.items())

    def _letter(self, cell: Cell) -> str:
        _, front, back, attributes = cell
        words = [_ATTRIBUTES.get(number, str(number)) for number in sorted(attributes)]
        look = " ".join([front, "on", back, *words])
        return self._letters.setdefault(look, _LETTERS[len(self._letters)])
