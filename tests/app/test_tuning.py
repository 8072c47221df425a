"""Tune mode: the endpoint at 0, and what the mark would cost."""

from collections.abc import Callable

import numpy as np
import pytest
from support.app_states import app_of, drawn, playing, text_of
from support.prepared_monitor import ScenePlayer
from textual.pilot import Pilot

from deeptone_tui.app.replayed import replayed
from deeptone_tui.level import period_is_silent
from deeptone_tui.protocol import StreamParameters

ZERO = StreamParameters(volume_threshold=0.0)


async def tuning(pilot: Pilot[None], monitor: ScenePlayer) -> None:
    """Press the key, and let half a minute be judged."""
    await drawn(pilot)
    await pilot.press("t")
    monitor.advance(480)
    await drawn(pilot)


async def test_the_endpoint_judges_all_until_it_gets_the_mark() -> None:
    """And it is said in words all the time."""
    monitor = playing()
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        await tuning(pilot, monitor)
        assert monitor.calls[-1] == ("apply", ZERO)
        assert "TUNE: endpoint at 0" in text_of(app)
        assert "speech lost 0 %, the rest passed" in text_of(app)
        await pilot.press("right", "right", "t")
        await drawn(pilot)
        assert monitor.calls[-1] == ("apply", StreamParameters(volume_threshold=app.mark))
        assert "TUNE" not in text_of(app)
        assert "✓ applied" in text_of(app)


async def test_enter_leaves_it_with_the_mark() -> None:
    """As everywhere, it gives the mark to the endpoint."""
    monitor = playing()
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        await tuning(pilot, monitor)
        await pilot.press("enter")
        await drawn(pilot)
        assert monitor.calls[-1] == ("apply", StreamParameters(volume_threshold=0.005))
        assert "TUNE" not in text_of(app)


async def test_the_costs_follow_the_mark() -> None:
    """At full scale all is silence, at 0 nothing is."""
    monitor = playing()
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        await tuning(pilot, monitor)
        app.mark = 1.0
        await pilot.pause()
        assert "speech lost 100 %, the rest passed 0 %, silence 100 %" in text_of(app)
        app.mark = 0.0
        await pilot.pause()
        assert "speech lost 0 %, the rest passed 100 %, silence 0 %" in text_of(app)


async def test_before_anything_is_judged_it_says_so() -> None:
    """What was answered at another threshold does not count."""
    app = app_of(playing())
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        await pilot.press("t")
        await pilot.pause()
        assert "no period has been judged at threshold 0 yet" in text_of(app)


@pytest.mark.parametrize("threshold", [0.0, 0.002, 0.005, 0.02, 0.1, 1.0])
async def test_the_shares_are_those_that_the_endpoint_then_measures(threshold: float) -> None:
    """To the period: the same scene, judged at 0 and at the threshold."""
    app = app_of(playing(steps=800, parameters=ZERO))
    same = playing(steps=800, parameters=StreamParameters(volume_threshold=threshold))
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        periods = replayed(app.main.view, app.entries)
    answers = [entry.step.answers["speech-rt"].result for entry in same.take_entries()]
    measured = answers[-len(periods.levels) :]
    assert len(periods.levels) >= 50
    assert periods.cost(threshold).silence == pytest.approx(
        np.mean([x == "silence" for x in measured])
    )
    silent = [period_is_silent(np.array([level]), threshold) for level in periods.levels]
    assert silent == [answer == "silence" for answer in measured]


@pytest.mark.parametrize("size", [(60, 20), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_looks(snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    """The costs in words, and two histograms on the axis of the meter."""
    monitor = playing()

    async def begin(pilot: Pilot[None]) -> None:
        await tuning(pilot, monitor)
        await pilot.press("shift+right", "shift+right")

    assert snap_compare(app_of(monitor), terminal_size=size, run_before=begin)
