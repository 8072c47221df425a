"""Pens: colours and attributes of text (SGR), and the changes between them."""

from collections.abc import Iterable, Iterator
from typing import Final

from rich.cells import cell_len, get_character_cell_size, split_graphemes

_NARROW: set[str] = set(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0xAD), *range(0x2500, 0x2588))))
"""Characters known to be one cell wide, whatever their neighbours; `is_narrow` adds to it."""
_PLAIN_WIDE = ((0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3))
"""Kana, common ideographs and Hangul: two cells wide in every terminal."""

_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
"""Skin tones: squares two cells wide where they are not joined with what precedes them."""

ATTRIBUTES: Final = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 9, 21, 51, 52, 53})
"""SGR codes that turn an attribute on: bold, dim, italic, underline and so on."""
_ENDS: Final = {
    1: 22, 2: 22, 3: 23, 4: 24, 21: 24, 5: 25, 6: 25, 7: 27, 8: 28, 9: 29, 51: 54, 52: 54, 53: 55,
}  # fmt: skip
"""Code that turns each of them off, together with others that share it."""
_DEFAULT_FOREGROUND: Final = 39
_DEFAULT_BACKGROUND: Final = 49
_EXTENDED: Final = {38, 48}
_PARTS: Final = {5: 1, 2: 3}
"""Count of the numbers that follow ``38;5`` and ``38;2``."""
_TEXTS: Final = 256
"""Number of texts whose cells each pen caches."""
_KEPT: Final = 4096
"""Number of changes between pens that are cached."""


def is_narrow(text: str) -> bool:
    """Return True if each character of a text is a grapheme of one cell in every terminal."""
    if _NARROW.issuperset(text):
        return True
    if not all(map(_is_surely_narrow, text)):
        return False
    _NARROW.update(text)
    return True


def graphemes(text: str) -> Iterator[tuple[str, int]]:
    """Yield the graphemes of a text with their widths in cells, 0 to 2."""
    spans, _ = split_graphemes(text)
    for start, end, width in spans:
        yield text[start:end], width


def is_certain(grapheme: str) -> bool:
    """Return True if terminals agree on a grapheme's width, which fixes the cursor position."""
    if len(grapheme) != 1:
        return False
    return is_narrow(grapheme) or any(first <= ord(grapheme) <= last for first, last in _PLAIN_WIDE)


def may_spill(grapheme: str) -> bool:
    """Return True if a terminal that joins nothing shows a grapheme in more cells than counted."""
    if len(grapheme) == 1 or is_narrow(grapheme):
        return False
    alone = (2 if sign in _SKIN_TONES else get_character_cell_size(sign) for sign in grapheme)
    return sum(alone) > cell_len(grapheme)


def _is_surely_narrow(character: str) -> bool:
    """Return True if a character is one cell wide, whatever follows it except a mark.

    A mark is not narrow itself. An emoji that is narrow only until a variation selector follows is
    checked together with it.
    """
    return get_character_cell_size(character) == 1 and ord(character) < 0x10000  # noqa: PLR2004  the basic plane


class Pen:
    """Look of a piece of text. There is one object for each look: compare by identity."""

    __slots__ = ("attributes", "background", "cells", "foreground", "link", "narrow")

    def __init__(
        self, foreground: str, background: str, attributes: frozenset[int], link: str
    ) -> None:
        self.foreground = foreground
        """SGR codes such as ``31`` or ``38;2;90;169;214``; empty for the terminal's default."""
        self.background = background
        self.attributes = attributes
        self.link = link
        """Parameters and address of a hyperlink, ``id=1;https://…``; empty for none."""
        self.cells: dict[str, Cell] = _Cells(self)
        """Cells drawn with this pen, by text."""
        self.narrow: dict[str, list[Cell] | None] = _Narrow(self)
        """Cells of whole texts; None where some character is not a cell of its own."""

    @property
    def codes(self) -> str:
        """SGR codes that change the default pen to this one."""
        parts = [str(code) for code in sorted(self.attributes)]
        return ";".join([*parts, *filter(None, (self.foreground, self.background))])


class Cell:
    """Cell of the screen. There is one object for each content: compare by identity."""

    __slots__ = ("pen", "text")

    def __init__(self, text: str, pen: Pen) -> None:
        self.text = text
        """A grapheme; empty for the second cell of a wide one."""
        self.pen = pen


class _Cells(dict[str, Cell]):
    """Creates the cell of a text on first access."""

    def __init__(self, pen: Pen) -> None:
        super().__init__()
        self._pen = pen

    def __missing__(self, text: str) -> Cell:
        cell = self[text] = Cell(text, self._pen)
        return cell


class _FromDefault(dict[str, Pen | None]):
    """Pens after ``CSI codes m`` from the default pen, which no codes leave unchanged."""

    def __init__(self, pens: "Pens") -> None:
        super().__init__({"": pens.default})
        self._pens = pens

    def __missing__(self, codes: str) -> Pen | None:
        pen = self[codes] = self._pens.set(self._pens.default, codes)
        return pen


class _Narrow(dict[str, "list[Cell] | None"]):
    """Finds the cells of a text on first access."""

    def __init__(self, pen: Pen) -> None:
        super().__init__()
        self._cells = pen.cells

    def __missing__(self, text: str) -> list[Cell] | None:
        if len(self) >= _TEXTS:
            self.clear()
        found = [self._cells[character] for character in text] if is_narrow(text) else None
        self[text] = found
        return found


class Pens:
    """All pens in use."""

    def __init__(self) -> None:
        self._pens: dict[tuple[str, str, frozenset[int], str], Pen] = {}
        self._set: dict[tuple[Pen, str], Pen | None] = {}
        self._changes: dict[tuple[Pen, Pen], str] = {}
        self.default = self.pen()
        self.from_default: dict[str, Pen | None] = _FromDefault(self)
        """Pens after ``CSI codes m`` from the default pen; None as in `set`."""

    def __len__(self) -> int:
        return len(self._pens)

    def forget(self) -> None:
        """Forget all pens but the default; what was drawn with the others counts as different."""
        default = self.default
        self._pens = {("", "", frozenset(), ""): default}
        self._set.clear()
        self._changes.clear()
        self.from_default = _FromDefault(self)

    def pen(
        self,
        foreground: str = "",
        background: str = "",
        attributes: frozenset[int] = frozenset(),
        link: str = "",
    ) -> Pen:
        """Return the pen of a look."""
        key = (foreground, background, attributes, link)
        found = self._pens.get(key)
        if found is None:
            found = self._pens[key] = Pen(*key)
        return found

    def linked(self, pen: Pen, link: str) -> Pen:
        """Return the same pen with another hyperlink."""
        return self.pen(pen.foreground, pen.background, pen.attributes, link)

    def set(self, pen: Pen, codes: str) -> Pen | None:
        """Return the pen after ``CSI codes m``; None if one of the codes is not understood."""
        key = (pen, codes)
        if key not in self._set:
            if len(self._set) >= _KEPT:
                self._set.clear()
            self._set[key] = self._after(pen, codes)
        return self._set[key]

    def _after(self, pen: Pen, codes: str) -> Pen | None:
        foreground, background, attributes = pen.foreground, pen.background, set(pen.attributes)
        numbers = iter([int(code or 0) for code in codes.split(";")])
        for number in numbers:
            if number == 0:
                foreground = background = ""
                attributes.clear()
            elif number in ATTRIBUTES:
                attributes.add(number)
            elif number in _ENDS.values():
                attributes -= {code for code in attributes if _ENDS[code] == number}
            elif number in _EXTENDED:
                colour = _extended(number, numbers)
                if colour is None:
                    return None
                if number == 38:  # noqa: PLR2004  the foreground's code
                    foreground = colour
                else:
                    background = colour
            elif _is_colour(number, 30):
                foreground = "" if number == _DEFAULT_FOREGROUND else str(number)
            elif _is_colour(number, 40):
                background = "" if number == _DEFAULT_BACKGROUND else str(number)
            else:
                return None
        return self.pen(foreground, background, frozenset(attributes), pen.link)

    def change(self, old: Pen, new: Pen) -> str:
        """Return the shortest sequence that changes one pen to another."""
        if old is new:
            return ""
        key = (old, new)
        found = self._changes.get(key)
        if found is None:
            if len(self._changes) >= _KEPT:
                self._changes.clear()
            found = self._changes[key] = _change(old, new)
        return found


def _is_colour(number: int, first: int) -> bool:
    """Return True if a code sets one of the terminal's own 16 colours, or the default one."""
    plain, bright = number - first, number - first - 60
    return 0 <= plain <= 7 or plain == 9 or 0 <= bright <= 7  # noqa: PLR2004  eight colours each


def _extended(kind: int, numbers: Iterator[int]) -> str | None:
    """Return the codes of a colour ``38;5;N`` or ``38;2;R;G;B``; None if it is neither."""
    space = next(numbers, -1)
    parts = [next(numbers, -1) for _ in range(_PARTS.get(space, 0))]
    if not parts or -1 in parts:
        return None
    return ";".join(map(str, (kind, space, *parts)))


def _change(old: Pen, new: Pen) -> str:
    """Return the codes that differ, or a reset and all codes, whichever is shorter."""
    link = f"\x1b]8;{new.link or ';'}\x1b\\" if old.link != new.link else ""
    anew = "" if not new.codes else f"0;{new.codes}"
    differing = ";".join(_differing(old, new))
    looks = (old.foreground, old.background, old.attributes)
    if looks == (new.foreground, new.background, new.attributes):
        return link
    return f"{link}\x1b[{min(anew, differing, key=len)}m"


def _differing(old: Pen, new: Pen) -> Iterable[str]:
    """Yield the codes that change one pen to the other."""
    ends = {_ENDS[code] for code in old.attributes - new.attributes}
    yield from (str(code) for code in sorted(ends))
    kept = {code for code in old.attributes if _ENDS[code] not in ends}
    yield from (str(code) for code in sorted(new.attributes - kept))
    if old.foreground != new.foreground:
        yield new.foreground or str(_DEFAULT_FOREGROUND)
    if old.background != new.background:
        yield new.background or str(_DEFAULT_BACKGROUND)
