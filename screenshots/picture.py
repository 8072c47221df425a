"""Draw the screen of a terminal emulator as an SVG that needs no font of its own."""

from collections.abc import Iterator
from itertools import groupby
from xml.sax.saxutils import escape

import pyte
from pyte.screens import Char

CELL_WIDTH, CELL_HEIGHT = 9.0, 20.0
FONT_SIZE = 15
MARGIN = 14.0
TITLE_BAR = 34.0
FONTS = "ui-monospace, 'Cascadia Code', 'JetBrains Mono', Menlo, 'DejaVu Sans Mono', monospace"
FOREGROUND, BACKGROUND = "#d6dbe5", "#10141c"
NAMED = {
    "black": "#20242c",
    "red": "#e06c75",
    "green": "#98c379",
    "brown": "#e5c07b",
    "blue": "#61afef",
    "magenta": "#c678dd",
    "cyan": "#56b6c2",
    "white": "#d6dbe5",
    "brightblack": "#5c6370",
    "brightred": "#ff7b86",
    "brightgreen": "#b5e890",
    "brightbrown": "#ffd68a",
    "brightblue": "#82c4ff",
    "brightmagenta": "#e29bf5",
    "brightcyan": "#7ddfe8",
    "brightwhite": "#ffffff",
}


def _block(glyph: str) -> tuple[float, float, float, float, float] | None:
    """Left, top, width, height in parts of a cell and the opacity, for glyphs made of one box."""
    code = ord(glyph[0]) if glyph else 0
    if "▁" <= glyph <= "█":  # lower eighths
        height = (code - ord("▁") + 1) / 8
        return 0, 1 - height, 1, height, 1
    if "▉" <= glyph <= "▏":  # left eighths, from seven down to one
        return 0, 0, (ord("▏") - code + 1) / 8, 1, 1
    if "░" <= glyph <= "▓":  # shades
        return 0, 0, 1, 1, (code - ord("░") + 1) / 4
    return {"▀": (0, 0, 1, 0.5, 1), "▐": (0.5, 0, 0.5, 1, 1), "▔": (0, 0, 1, 0.125, 1)}.get(glyph)


def _colours(cell: Char) -> tuple[str, str]:
    """Foreground and background of a cell."""
    front = _colour(cell.fg, FOREGROUND)
    back = _colour(cell.bg, BACKGROUND)
    return (back, front) if cell.reverse else (front, back)


def _colour(name: str, default: str) -> str:
    if name == "default":
        return default
    return NAMED.get(name, f"#{name}")


def _runs(cells: list[Char]) -> Iterator[tuple[int, list[Char]]]:
    """Neighbours of one style; every box glyph is a run of its kind."""
    at = 0
    for _, group in groupby(cells, lambda cell: (_colours(cell), cell.bold, _block(cell.data))):
        run = list(group)
        yield at, run
        at += len(run)


def _draw_run(column: int, top: float, run: list[Char]) -> Iterator[str]:
    """The elements of one run: its background, then a box or its text."""
    front, back = _colours(run[0])
    left, width = MARGIN + column * CELL_WIDTH, len(run) * CELL_WIDTH
    if back != BACKGROUND:
        yield f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="20" fill="{back}"/>'
    block = _block(run[0].data)
    if block is not None:
        x, y, w, h, opacity = block
        for index in range(len(run)) if w < 1 else [0]:
            wide = w * CELL_WIDTH if w < 1 else width
            yield (
                f'<rect x="{left + (index + x) * CELL_WIDTH:g}" y="{top + y * CELL_HEIGHT:g}" '
                f'width="{wide:g}" height="{h * CELL_HEIGHT:g}" fill="{front}"'
                + (f' opacity="{opacity:g}"' if opacity < 1 else "")
                + "/>"
            )
        return
    weight = ' font-weight="bold"' if run[0].bold else ""
    for start, word in _words(run):
        text = "".join(cell.data for cell in word)
        yield (
            f'<text x="{left + start * CELL_WIDTH:g}" y="{top + 15:g}" fill="{front}"{weight} '
            f'textLength="{len(word) * CELL_WIDTH:g}" lengthAdjust="spacingAndGlyphs">'
            f"{escape(text)}</text>"
        )


def _words(run: list[Char]) -> Iterator[tuple[int, list[Char]]]:
    """What stands between blanks, and where: a sign from a wider font shifts its own word only."""
    for blank, group in groupby(enumerate(run), lambda place: place[1].data.isspace()):
        places = list(group)
        if not blank:
            yield places[0][0], [cell for _, cell in places]


def drawn_rows(screen: pyte.Screen) -> list[str]:
    """The elements of each row, drawn at the top of the picture: equal rows are equal text."""
    rows = []
    for row in range(screen.lines):
        cells = [screen.buffer[row][column] for column in range(screen.columns)]
        parts = [part for at, run in _runs(cells) for part in _draw_run(at, 0.0, run)]
        rows.append("\n".join(parts))
    return rows


def size_of(screen: pyte.Screen) -> tuple[float, float]:
    """Width and height of the window around a screen."""
    width = screen.columns * CELL_WIDTH + 2 * MARGIN
    return width, screen.lines * CELL_HEIGHT + TITLE_BAR + MARGIN


def window(width: float, height: float, title: str) -> list[str]:
    """The beginning of the picture: the window and its title bar."""
    frame = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    font = f'font-family="{FONTS}" font-size="{FONT_SIZE}"'
    heading = f'x="{width / 2:g}" y="22" text-anchor="middle" fill="#7c8594" font-size="13"'
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" {frame} {font} xml:space="preserve">',
        f'<rect width="{width:g}" height="{height:g}" rx="9" fill="{BACKGROUND}"/>',
        *(
            f'<circle cx="{20 + 18 * index}" cy="17" r="5.5" fill="{colour}"/>'
            for index, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
        ),
        f"<text {heading}>{escape(title)}</text>",
    ]


def svg(screen: pyte.Screen, title: str) -> str:
    """The whole picture: a window with a title bar, and the cells in it."""
    parts = window(*size_of(screen), title)
    for row, drawn in enumerate(drawn_rows(screen)):
        parts.append(f'<g transform="translate(0 {TITLE_BAR + row * CELL_HEIGHT:g})">{drawn}</g>')
    return "\n".join([*parts, "</svg>", ""])
