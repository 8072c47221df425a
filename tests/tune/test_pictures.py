"""The drawing of the costs, as SVG and as PNG."""

import io
import struct
import zlib
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from deeptone_tui.archive.chart import draw
from deeptone_tui.archive.drawing import Anchor, Drawing, Line, Words
from deeptone_tui.archive.finding import Finding
from deeptone_tui.archive.glyphs import glyph
from deeptone_tui.archive.png import to_png
from deeptone_tui.archive.svg import to_svg
from deeptone_tui.tuning import (
    GRID,
    OTHER,
    SPEECH,
    Evidence,
    Margin,
    Periods,
    Suggestion,
    Verdict,
    known_speech,
)

SVG = "{http://www.w3.org/2000/svg}"


def found(*, classes: bool) -> Finding:
    """Noise at -60 dBFS, then speech at -20; what is speech is known or not."""
    levels = np.repeat([0.001, 0.1], 100) * np.linspace(0.9, 1.1, 200)
    heard = np.repeat([OTHER, SPEECH], 100).astype(np.int8)
    evidence = Evidence.cut(levels, heard, 1)
    speech = known_speech(heard) if classes else np.full(200, np.nan)
    periods = Periods.of(levels, speech, evidence.starts)
    cost, margin = periods.cost(0.0125), Margin(3.0, 4.0)
    suggestion = Suggestion(Verdict.OK, 0.0125, 0.001, 0.1, cost, margin, 0.9, 0.0, "Clear.")
    return Finding(
        "a",
        12.8,
        64,
        suggestion,
        cost,
        labelled=False,
        periods=periods,
        judged=classes,
        evidence=evidence,
    )


def pixels(data: bytes) -> "np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]":
    """Unpack a PNG as written here, every checksum looked at."""
    stream = io.BytesIO(data)
    assert stream.read(8) == b"\x89PNG\r\n\x1a\n"
    chunks = {}
    while head := stream.read(8):
        length, kind = struct.unpack(">I4s", head)
        body = stream.read(length)
        assert struct.unpack(">I", stream.read(4))[0] == zlib.crc32(kind + body)
        chunks[kind] = body
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert rest == [8, 2, 0, 0, 0]
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, 1 + 3 * width)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, 3)


def test_svg_has_the_curves_the_mark_and_words() -> None:
    """Three curves of 181 points each; without classes only that of silence."""
    for classes, curves in ((True, 3), (False, 1)):
        root = ET.fromstring(to_svg(draw(found(classes=classes))))  # noqa: S314  written by us
        lines = [item.get("points", "") for item in root.iter(f"{SVG}polyline")]
        assert sum(len(points.split()) == 181 for points in lines) == curves
        words = [item.text for item in root.iter(f"{SVG}text")]
        assert ("speech lost" in words) == classes
        assert any("Suggested threshold 0.0125, " in str(text) for text in words)
        assert root.find(f"{SVG}title") is not None


@pytest.mark.parametrize(
    ("labelled", "judged", "judge"),
    [
        (True, True, "as labelled"),
        (True, False, "as labelled"),
        (False, True, "as the models heard it"),
        (False, False, "by its level"),
    ],
)
def test_it_says_of_what_the_shares_are(labelled: bool, judged: bool, judge: str) -> None:
    """Periods of how many milliseconds, and who said what is speech."""
    item = replace(found(classes=True), labelled=labelled, judged=judged, output_period=512)
    words = [item.text for item in draw(item).items if isinstance(item, Words)]
    assert f"periods of 512 ms, speech {judge}" in words


def test_the_curves_are_those_of_the_periods() -> None:
    """A point of each at every threshold, where its share is."""
    item = found(classes=True)
    curves = [line.points for line in draw(item).items if isinstance(line, Line)]
    silence, passed, lost = (points for points in curves if len(points) == 181)
    for n, threshold in enumerate(GRID.tolist()):
        cost = item.periods.cost(threshold)
        for points, part in (
            (silence, cost.silence),
            (passed, cost.noise_passed),
            (lost, cost.speech_lost),
        ):
            assert part.share is not None
            assert points[n][1] == pytest.approx(470.0 - (470.0 - 96.0) * part.share)


def test_png_paints_a_line_where_it_is() -> None:
    """A level line of two pixels, and nothing beside it; words are dots of their colour."""
    items = (
        Line(((2.0, 10.0), (28.0, 10.0)), "#ff0000", 2.0),
        Words("1", 20.0, 40.0, "#0000ff", Anchor.END),
    )
    image = pixels(to_png(Drawing(30, 50, "", items)))
    assert image.shape == (50, 30, 3)
    assert (image[9:11, 4:26] == (255, 0, 0)).all()
    assert (image[12:20] == 255).all()
    blue = (image == (0, 0, 255)).all(axis=2)
    assert blue.sum() == 4 * glyph("1").sum()
    assert blue[:, 20:].sum() == 0


def test_lines_that_leave_the_picture_do_no_harm() -> None:
    """They are cut at its edge."""
    line = Line(((-50.0, -50.0), (90.0, 90.0)), "#000000", 3.0)
    image = pixels(to_png(Drawing(20, 20, "", (line,))))
    assert image[10, 10].tolist() == [0, 0, 0]
    far = Line(((500.0, 500.0), (600.0, 600.0)), "#000000")
    assert (pixels(to_png(Drawing(20, 20, "", (far,)))) == 255).all()


def test_every_word_of_a_chart_has_its_glyphs() -> None:
    """No character is a box."""
    box = glyph("\x00")
    for classes in (True, False):
        for item in draw(found(classes=classes)).items:
            if isinstance(item, Words):
                assert not [c for c in item.text if np.array_equal(glyph(c), box)], item.text
