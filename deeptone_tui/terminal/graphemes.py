"""Graphemes and their widths, as Textual lays them out."""

from collections.abc import Iterator

from rich.cells import cell_len, get_character_cell_size, split_graphemes

_NARROW: set[str] = set(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0xAD), *range(0x2500, 0x2588))))
"""Characters known to be one cell wide, whatever stands beside them; it learns."""
_PLAIN_WIDE = ((0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3))
"""Kana, common ideographs and Hangul: two cells wide in every terminal."""

_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
"""Squares of two cells where they are not joined with what is before them."""


def is_narrow(text: str) -> bool:
    """Whether each character of a text is a grapheme of one cell, in every terminal."""
    if _NARROW.issuperset(text):
        return True
    if not all(map(_is_surely_narrow, text)):
        return False
    _NARROW.update(text)
    return True


def graphemes(text: str) -> Iterator[tuple[str, int]]:
    """The graphemes of a text with their widths in cells, 0 to 2."""
    spans, _ = split_graphemes(text)
    for start, end, width in spans:
        yield text[start:end], width


def is_certain(grapheme: str) -> bool:
    """Whether terminals agree on how wide a grapheme is, so that the cursor is where we think."""
    if len(grapheme) != 1:
        return False
    return is_narrow(grapheme) or any(first <= ord(grapheme) <= last for first, last in _PLAIN_WIDE)


def may_spill(grapheme: str) -> bool:
    """Whether a terminal that joins nothing shows a grapheme in more cells than it counts for."""
    if len(grapheme) == 1 or is_narrow(grapheme):
        return False
    alone = (2 if sign in _SKIN_TONES else get_character_cell_size(sign) for sign in grapheme)
    return sum(alone) > cell_len(grapheme)


def _is_surely_narrow(character: str) -> bool:
    """One cell, and nothing that follows can change it but a mark, which is none itself.

    Emoji that are narrow only until a variation selector follows are looked at with it.
    """
    return get_character_cell_size(character) == 1 and ord(character) < 0x10000  # noqa: PLR2004  the basic plane
