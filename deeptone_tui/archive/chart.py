"""Chart of the cost of every threshold: three curves, and the suggestion on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

from deeptone_tui.archive.analysis import TuningResult
from deeptone_tui.dsp import format_dbfs, format_threshold, to_dbfs

_FONT = "16px ui-sans-serif, system-ui, 'DejaVu Sans', Arial, sans-serif"

WIDTH: Final = 960
HEIGHT: Final = 540
_LEFT, _RIGHT, _TOP, _BOTTOM = 76.0, 930.0, 96.0, 470.0
_QUIETEST = -90.0
_INK, _FAINT, _MARK = "#222222", "#dddddd", "#222222"
_LOST, _PASSED, _SILENCE = "#c1272d", "#1f5fa8", "#8a8a8a"  # distinguishable when colour-blind, too
_MINUS = "\N{MINUS SIGN}"


class Anchor(StrEnum):
    """Part of a text that is aligned with its position."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class ChartLine:
    """A polyline, in pixels from the upper left corner."""

    points: tuple[tuple[float, float], ...]
    colour: str
    """``#rrggbb``."""
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class ChartText:
    """A text with its baseline at a position."""

    text: str
    x: float
    y: float
    colour: str
    anchor: Anchor = Anchor.START


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lines and texts on white, in drawing order."""

    width: int
    height: int
    title: str
    """Description in one sentence, for readers who cannot see the drawing."""
    items: tuple[ChartLine | ChartText, ...]


def to_svg(drawing: Drawing) -> str:
    """Return a drawing as a complete SVG document."""
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
        *(_line(item) if isinstance(item, ChartLine) else _words(item) for item in drawing.items),
        "</g>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _line(line: ChartLine) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in line.points)
    return f'<polyline points="{points}" stroke="{line.colour}" stroke-width="{line.width:g}"/>'


def _words(words: ChartText) -> str:
    place = f'x="{words.x:.1f}" y="{words.y:.1f}" text-anchor="{words.anchor}"'
    return f'<text {place} fill="{words.colour}">{escape(words.text)}</text>'


def draw(found: TuningResult) -> Drawing:
    """Draw the cost of all thresholds from -90 to 0 dBFS for a result.

    Costs are shares of periods: silence of all periods, noise passed of those without speech,
    speech lost of those with speech.
    """
    title = _title(found)
    items = [
        *_axes(),
        *_curves(found),
        *_mark(found.suggestion.threshold),
        ChartText(title, _LEFT, 32.0, _INK),
    ]
    return Drawing(WIDTH, HEIGHT, title, tuple(items))


def _title(found: TuningResult) -> str:
    threshold = found.suggestion.threshold
    if threshold is None:
        return f"No threshold: {found.suggestion.verdict}"
    return f"Suggested threshold {format_threshold(threshold)}, {format_dbfs(threshold)}"


def _axes() -> Iterator[ChartLine | ChartText]:
    for dbfs in range(-90, 1, 10):
        x = _x(dbfs)
        yield ChartLine(((x, _TOP), (x, _BOTTOM)), _FAINT)
        yield ChartText(f"{dbfs}".replace("-", _MINUS), x, _BOTTOM + 22, _INK, Anchor.MIDDLE)
    for percent in range(0, 101, 20):
        y = _y(percent / 100)
        yield ChartLine(((_LEFT, y), (_RIGHT, y)), _FAINT)
        yield ChartText(f"{percent} %", _LEFT - 8, y + 5, _INK, Anchor.END)
    middle = (_LEFT + _RIGHT) / 2
    yield ChartText("threshold in dBFS", middle, _BOTTOM + 50, _INK, Anchor.MIDDLE)


def _curves(found: TuningResult) -> Iterator[ChartLine | ChartText]:
    """Yield the curves, their legend, and how they are counted."""
    costs = found.periods.curve()
    x = [_x(to_dbfs(float(level))) for level in costs.thresholds]
    kinds = (
        (costs.silence, _SILENCE, 2.0, "silence", 150),
        (costs.noise_passed, _PASSED, 2.5, "noise passed", 200),
        (costs.speech_lost, _LOST, 3.0, "speech lost", 0),
    )
    place = _LEFT
    for shares, colour, width, name, room in kinds:
        if shares is None:
            continue
        yield ChartLine(_points(x, shares), colour, width)
        yield ChartLine(((place, 60.0), (place + 28, 60.0)), colour, width)
        yield ChartText(name, place + 36, 65.0, colour)
        place += room
    yield ChartText(_counted(found), _RIGHT, 32.0, _SILENCE, Anchor.END)


def _counted(found: TuningResult) -> str:
    """Return the unit of the shares, and what decides about speech."""
    judge = "as labelled" if found.labelled else "as the models heard it"
    if not (found.labelled or found.judged):
        judge = "by its level"
    return f"periods of {found.output_period} ms, speech {judge}"


def _mark(threshold: float | None) -> Iterator[ChartLine]:
    if threshold is not None:
        x = _x(max(_QUIETEST, to_dbfs(threshold)))
        yield ChartLine(((x, _TOP - 8), (x, _BOTTOM)), _MARK, 2.0)


def _points(x: list[float], shares: npt.NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    return tuple((place, _y(float(share))) for place, share in zip(x, shares, strict=True))


def _x(dbfs: float) -> float:
    return _RIGHT + (_RIGHT - _LEFT) * dbfs / -_QUIETEST


def _y(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * share
