"""Chart of the cost of every threshold: three curves, and the suggestion on them."""

from collections.abc import Iterable, Iterator
from typing import Final
from xml.sax.saxutils import escape

from deeptone_tui.archive.analysis import TuningResult
from deeptone_tui.protocol import format_threshold
from deeptone_tui.protocol.units import format_dbfs, to_dbfs

_FONT = "16px ui-sans-serif, system-ui, 'DejaVu Sans', Arial, sans-serif"

WIDTH: Final = 960
HEIGHT: Final = 540
_LEFT, _RIGHT, _TOP, _BOTTOM = 76.0, 930.0, 96.0, 470.0
_QUIETEST = -90.0
_INK, _FAINT, _MARK = "#222222", "#dddddd", "#222222"
_LOST, _PASSED, _SILENCE = "#c1272d", "#1f5fa8", "#8a8a8a"  # distinguishable when colour-blind, too
_MINUS = "\N{MINUS SIGN}"


def draw(found: TuningResult) -> str:
    """Draw the cost of all thresholds from -90 to 0 dBFS for a result, as a complete SVG document.

    Costs are shares of periods: silence of all periods, noise passed of those without speech,
    speech lost of those with speech.
    """
    title, size = _title(found), f'width="{WIDTH}" height="{HEIGHT}"'
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {box}>',
        f"<title>{escape(title)}</title>",
        f'<rect {size} fill="#ffffff"/>',
        f'<g fill="none" stroke-linejoin="round" style="font: {_FONT}">',
        *_axes(),
        *_curves(found),
        *_mark(found.suggestion.threshold),
        _text(title, _LEFT, 32.0, _INK),
        "</g>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _line(points: Iterable[tuple[float, float]], colour: str, width: float = 1.0) -> str:
    """Return a polyline, in pixels from the upper left corner."""
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{places}" stroke="{colour}" stroke-width="{width:g}"/>'


def _text(text: str, x: float, y: float, colour: str, anchor: str = "start") -> str:
    """Return a text whose baseline starts, has its middle or ends at a position."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} fill="{colour}">{escape(text)}</text>'


def _title(found: TuningResult) -> str:
    threshold = found.suggestion.threshold
    if threshold is None:
        return f"No threshold: {found.suggestion.verdict}"
    return f"Suggested threshold {format_threshold(threshold)}, {format_dbfs(threshold)}"


def _axes() -> Iterator[str]:
    for dbfs in range(-90, 1, 10):
        x = _x(dbfs)
        yield _line(((x, _TOP), (x, _BOTTOM)), _FAINT)
        yield _text(f"{dbfs}".replace("-", _MINUS), x, _BOTTOM + 22, _INK, "middle")
    for percent in range(0, 101, 20):
        y = _y(percent / 100)
        yield _line(((_LEFT, y), (_RIGHT, y)), _FAINT)
        yield _text(f"{percent} %", _LEFT - 8, y + 5, _INK, "end")
    middle = (_LEFT + _RIGHT) / 2
    yield _text("threshold in dBFS", middle, _BOTTOM + 50, _INK, "middle")


def _curves(found: TuningResult) -> Iterator[str]:
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
        yield _line(zip(x, map(_y, shares.tolist()), strict=True), colour, width)
        yield _line(((place, 60.0), (place + 28, 60.0)), colour, width)
        yield _text(name, place + 36, 65.0, colour)
        place += room
    yield _text(_counted(found), _RIGHT, 32.0, _SILENCE, "end")


def _counted(found: TuningResult) -> str:
    """Return the unit of the shares, and what decides about speech."""
    judge = "as labelled" if found.labelled else "as the models heard it"
    if not (found.labelled or found.judged):
        judge = "by its level"
    return f"periods of {found.output_period} ms, speech {judge}"


def _mark(threshold: float | None) -> Iterator[str]:
    if threshold is not None:
        x = _x(max(_QUIETEST, to_dbfs(threshold)))
        yield _line(((x, _TOP - 8), (x, _BOTTOM)), _MARK, 2.0)


def _x(dbfs: float) -> float:
    return _RIGHT + (_RIGHT - _LEFT) * dbfs / -_QUIETEST


def _y(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * share
