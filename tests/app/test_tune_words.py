"""The row of counts in tune mode: what has no room is left out, and nothing is cut."""

import numpy as np
import pytest

from deeptone_tui.app.presenters.step_log import JudgedSpan, judged_span
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.tune_panel import costs_of
from deeptone_tui.monitor.state import MonitorState
from deeptone_tui.tuning import OTHER, SPEECH, Evidence


def span_of(steps: int) -> JudgedSpan:
    """Speech and pauses of 3 s by turns, every step a period."""
    spoken = np.arange(steps) // 47 % 2 == 0
    noise = np.random.default_rng(5).normal(0, 2, steps)
    levels = 10 ** ((np.where(spoken, -25.0, -55.0) + noise) / 20)
    heard = np.where(spoken, SPEECH, OTHER).astype(np.int8)
    return judged_span(Evidence(levels, heard, np.arange(steps)))


def shown(span: JudgedSpan, width: int, *, roomy: bool) -> str:
    """The row as it is read."""
    state = MonitorState()
    view = View(state=state, live=state, mark=0.01)
    return "".join(text for text, _ in costs_of(span, view, width, roomy=roomy))


@pytest.mark.parametrize("steps", [400, 14_000, 262_144])
@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_nothing_is_cut(steps: int, width: int) -> None:
    """Speech lost and noise passed stand whole, however many periods there are."""
    span = span_of(steps)
    row = shown(span, width, roomy=width >= 78)
    cost = span.periods.cost(0.01)
    assert len(row) <= width
    assert f"lost {cost.speech_lost.count} of {cost.speech_lost.whole}" in row
    assert f"passed {cost.noise_passed.count} of {cost.noise_passed.whole}" in row


def test_all_is_told_where_there_is_room() -> None:
    """Whole names, silence and the best place."""
    row = shown(span_of(14_000), 200, roomy=True)
    assert "speech lost" in row
    assert "░ silence" in row
    assert row.endswith(" dBFS")
    assert "△" in row
