"""The drawing of the costs, as SVG."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from deeptone_tui.archive.analysis import TuningResult
from deeptone_tui.archive.chart import draw
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


def drawn(item: TuningResult) -> tuple[list[list[list[float]]], list[str]]:
    """The points of the curves, and the texts, of the drawing of a result."""
    root = ET.fromstring(draw(item))  # noqa: S314  written by us
    assert root.find(f"{SVG}title") is not None
    lines = [
        [[float(number) for number in point.split(",")] for point in line.get("points", "").split()]
        for line in root.iter(f"{SVG}polyline")
    ]
    words = [item.text or "" for item in root.iter(f"{SVG}text")]
    return [points for points in lines if len(points) == len(GRID)], words


def found(*, classes: bool) -> TuningResult:
    """Noise at -60 dBFS, then speech at -20; what is speech is known or not."""
    levels = np.repeat([0.001, 0.1], 100) * np.linspace(0.9, 1.1, 200)
    heard = np.repeat([OTHER, SPEECH], 100).astype(np.int8)
    evidence = Evidence.cut(levels, heard, 1)
    speech = known_speech(heard) if classes else np.full(200, np.nan)
    periods = Periods.of(levels, speech, evidence.starts)
    cost, margin = periods.cost(0.0125), Margin(3.0, 4.0)
    suggestion = Suggestion(Verdict.OK, 0.0125, 0.001, 0.1, cost, margin, 0.9, 0.0, "Clear.")
    return TuningResult(
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


def test_svg_has_the_curves_the_mark_and_words() -> None:
    """Three curves of 181 points each; without classes only that of silence."""
    for classes, curves in ((True, 3), (False, 1)):
        lines, words = drawn(found(classes=classes))
        assert len(lines) == curves
        assert ("speech lost" in words) == classes
        assert any("Suggested threshold 0.0125, " in text for text in words)


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
    assert f"periods of 512 ms, speech {judge}" in drawn(item)[1]


def test_the_curves_are_those_of_the_periods() -> None:
    """A point of each at every threshold, where its share is."""
    item = found(classes=True)
    silence, passed, lost = drawn(item)[0]
    for n, threshold in enumerate(GRID.tolist()):
        cost = item.periods.cost(threshold)
        for points, part in (
            (silence, cost.silence),
            (passed, cost.noise_passed),
            (lost, cost.speech_lost),
        ):
            assert part.share is not None
            assert points[n][1] == pytest.approx(470.0 - (470.0 - 96.0) * part.share, abs=0.051)
