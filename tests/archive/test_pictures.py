"""The drawing of the costs, as SVG."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from deeptone_tui.archive.analysis import TuningResult
from deeptone_tui.archive.chart import ChartLine, ChartText, draw, to_svg
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
    words = [item.text for item in draw(item).items if isinstance(item, ChartText)]
    assert f"periods of 512 ms, speech {judge}" in words


def test_the_curves_are_those_of_the_periods() -> None:
    """A point of each at every threshold, where its share is."""
    item = found(classes=True)
    curves = [line.points for line in draw(item).items if isinstance(line, ChartLine)]
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
