"""A drawing as SVG."""

from xml.sax.saxutils import escape

from deeptone_tui.archive.drawing import Drawing, Line, Words

_FONT = "16px ui-sans-serif, system-ui, 'DejaVu Sans', Arial, sans-serif"


def to_svg(drawing: Drawing) -> str:
    """Write a drawing as a document of its own."""
    size = f'width="{drawing.width}" height="{drawing.height}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"'
        f' viewBox="0 0 {drawing.width} {drawing.height}">'
    )
    parts = [
        head,
        f"<title>{escape(drawing.title)}</title>",
        f'<rect {size} fill="#ffffff"/>',
        f'<g fill="none" stroke-linejoin="round" style="font: {_FONT}">',
        *(_line(item) if isinstance(item, Line) else _words(item) for item in drawing.items),
        "</g>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _line(line: Line) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in line.points)
    return f'<polyline points="{points}" stroke="{line.colour}" stroke-width="{line.width:g}"/>'


def _words(words: Words) -> str:
    place = f'x="{words.x:.1f}" y="{words.y:.1f}" text-anchor="{words.anchor}"'
    return f'<text {place} fill="{words.colour}">{escape(words.text)}</text>'
