"""A drawing as PNG, painted and packed here: numpy and zlib are enough for lines and a few words.

A pixel is painted as much as a line covers it, measured by the distance of its centre, so that
slanted lines are smooth. The format is that of the PNG specification (W3C, third edition): 8-bit
RGB, no filter, no interlace.
"""

import struct
import zlib

import numpy as np
import numpy.typing as npt

from deeptone_tui.archive.drawing import Anchor, Drawing, Line, Words
from deeptone_tui.archive.glyphs import HEIGHT, glyph

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RGB = 2
_DOT = 2
"""Pixels of a dot of a glyph, each way."""
_GAP = 1
"""Dots between two glyphs."""

Image = npt.NDArray[np.float64]
"""Red, green and blue from 0 to 255, shape (height, width, 3)."""
Cover = npt.NDArray[np.float64]
"""How much of each pixel is covered, from 0 to 1, shape (height, width)."""


def to_png(drawing: Drawing) -> bytes:
    """Write a drawing as a PNG file."""
    image = np.full((drawing.height, drawing.width, 3), 255.0)
    for item in drawing.items:
        _paint(image, _covered(item, drawing.height, drawing.width), item.colour)
    return encode(np.rint(image).astype(np.uint8))


def encode(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Pack pixels of shape (height, width, 3) into a file."""
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each begins with the number of its filter
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, _RGB, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), 9)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _paint(image: Image, cover: Cover, colour: str) -> None:
    ink = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)], np.float64)
    image += cover[..., None] * (ink - image)


def _covered(item: Line | Words, height: int, width: int) -> Cover:
    cover = np.zeros((height, width))
    if isinstance(item, Words):
        _cover_words(cover, item)
        return cover
    for start, end in zip(item.points, item.points[1:], strict=False):
        _cover_stroke(cover, start, end, item.width / 2)
    return cover


def _cover_stroke(
    cover: Cover, start: tuple[float, float], end: tuple[float, float], half: float
) -> None:
    """Cover what is less than half a width from the line between two points."""
    left, right = sorted((start[0], end[0]))
    top, bottom = sorted((start[1], end[1]))
    room = half + 1
    rows = slice(max(0, int(top - room)), max(0, int(bottom + room) + 1))
    columns = slice(max(0, int(left - room)), max(0, int(right + room) + 1))
    part = cover[rows, columns]
    y, x = np.mgrid[
        rows.start : rows.start + part.shape[0], columns.start : columns.start + part.shape[1]
    ]
    from_start = np.stack([x + 0.5 - start[0], y + 0.5 - start[1]])
    along = np.array([end[0] - start[0], end[1] - start[1]])
    length = max(float(along @ along), 1e-12)
    reach = np.clip(np.tensordot(along, from_start, 1) / length, 0.0, 1.0)
    distance = np.hypot(*(from_start - along[:, None, None] * reach))
    np.maximum(part, np.clip(half + 0.5 - distance, 0.0, 1.0), out=part)


def _cover_words(cover: Cover, words: Words) -> None:
    """Cover the dots of the glyphs, the last row of capitals on the baseline."""
    dots = [glyph(character) for character in words.text]
    gap = np.zeros((HEIGHT, _GAP), np.bool_)
    row = np.concatenate([part for each in dots for part in (each, gap)], axis=1)[:, :-_GAP]
    picture = np.kron(row, np.ones((_DOT, _DOT)))
    shift = {Anchor.START: 0.0, Anchor.MIDDLE: 0.5, Anchor.END: 1.0}[words.anchor]
    left = max(0, round(words.x - shift * picture.shape[1]))
    top = max(0, round(words.y) - 7 * _DOT)
    part = cover[top : top + picture.shape[0], left : left + picture.shape[1]]
    np.maximum(part, picture[: part.shape[0], : part.shape[1]], out=part)
