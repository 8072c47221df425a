"""Tune mode: the endpoint at 0, and what the mark would cost."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from support.screens.app_states import app_of, drawn, playing, running, text_of
from support.screens.prepared_monitor import FILE, ScenePlayer
from textual.pilot import Pilot

from deeptone_tui.app.actions.dialogs import load_profile
from deeptone_tui.app.presenters.step_log import evidence_of, judged_span
from deeptone_tui.dsp import period_is_silent
from deeptone_tui.monitor.state import SessionPhase
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.tuning import OTHER, SPEECH

ZERO = StreamParameters(volume_threshold=0.0)


async def tuning(pilot: Pilot[None], monitor: ScenePlayer) -> None:
    """Press the key, and let half a minute be judged."""
    await drawn(pilot)
    await pilot.press("t")
    monitor.advance(480)
    await drawn(pilot)


def costs(lost: str, passed: str, silence: str) -> str:
    """The figures at the mark, as they are shown."""
    return f"─ speech lost {lost}   · noise passed {passed}   ░ silence {silence}"


async def test_the_endpoint_judges_all_until_it_gets_the_mark() -> None:
    """And it is said in words all the time."""
    monitor = playing()
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        await tuning(pilot, monitor)
        assert monitor.calls[-1] == ("apply", ZERO)
        assert "TUNE: endpoint at 0" in text_of(app)
        assert "─ speech lost 0 of " in text_of(app)
        await pilot.press("right", "right", "t")
        await drawn(pilot)
        assert monitor.calls[-1] == ("apply", StreamParameters(volume_threshold=app.main.view.mark))
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
        span = app.main.tune_panel.judge.look(app.main.view)
        speech, pauses = span.periods.count(SPEECH), span.periods.count(OTHER)
        whole = span.periods.loudest.size
        app.main.move_mark(1.0)
        await pilot.pause()
        every = costs(f"{speech} of {speech}", f"0 of {pauses}", f"{whole} of {whole}")
        assert every in text_of(app)
        app.main.move_mark(0.0)
        await pilot.pause()
        none = costs(f"0 of {speech}", f"{pauses} of {pauses}", f"0 of {whole}")
        assert none in text_of(app)


async def test_before_anything_is_judged_it_says_so() -> None:
    """What was never answered has a level, and so its share of silence."""
    app = app_of(playing("gender"))
    async with running(app) as pilot:
        await pilot.press("t")
        await pilot.pause()
        assert "or speech   ░ silence " in text_of(app)
        assert "0/59 s judged" in text_of(app)


@pytest.mark.parametrize("threshold", [0.0, 0.002, 0.005, 0.02, 0.1, 1.0])
async def test_the_shares_are_those_that_the_endpoint_then_measures(threshold: float) -> None:
    """To the period: the same scene, judged at 0 and at the threshold."""
    app = app_of(playing(steps=800, parameters=ZERO))
    same = playing(steps=800, parameters=StreamParameters(volume_threshold=threshold))
    async with running(app):
        periods = judged_span(evidence_of(app.main.view, app.main.steps)).periods
        rule = text_of(app)
    answers = [entry.step.answers["speech-rt"].result for entry in same.take_entries()]
    measured = answers[-len(periods.loudest) :]
    assert len(periods.loudest) >= 50
    silence = periods.cost(threshold).silence
    assert silence.count == measured.count("silence")
    share = periods.cost(app.main.view.mark).silence
    assert f"{share.count} of {share.whole} periods are silence" in rule
    silent = [period_is_silent(np.array([level]), threshold) for level in periods.loudest]
    assert silent == [answer == "silence" for answer in measured]


async def test_escape_takes_it_back() -> None:
    """Mark and endpoint are as they were before."""
    monitor = playing()
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        await tuning(pilot, monitor)
        await pilot.press("shift+right", "escape")
        await drawn(pilot)
        assert monitor.calls[-1] == ("apply", StreamParameters(volume_threshold=0.005))
        assert app.main.view.mark == 0.005
        assert "TUNE" not in text_of(app)
        assert "✓ applied" in text_of(app)


async def test_escape_leaves_a_suggestion_first() -> None:
    """Tune mode goes on behind it, and a suggestion that is taken ends it."""
    monitor = playing()
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        await tuning(pilot, monitor)
        await pilot.press("a")
        await pilot.pause()
        assert "TUNE" not in text_of(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "TUNE: endpoint at 0" in text_of(app)
        await pilot.press("a", "enter")
        await drawn(pilot)
        assert "TUNE" not in text_of(app)
        assert monitor.calls[-1] == ("apply", StreamParameters(volume_threshold=app.main.view.mark))
        assert app.main.view.mark != 0.005


async def test_a_profile_with_a_threshold_ends_it(terminal_and_home: Path) -> None:
    """The device brings its own, and that is what the endpoint gets."""
    place = terminal_and_home / "config.toml"
    place.write_text('[profiles.desk]\ndevice = "Desk"\nvolume_threshold = 0.02\n')
    monitor = playing()
    app = app_of(monitor, configuration=place)
    async with app.run_test(size=(80, 24)) as pilot:
        await tuning(pilot, monitor)
        await load_profile(app, "Desk")
        await drawn(pilot)
        assert monitor.calls[-1] == ("apply", StreamParameters(volume_threshold=0.02))
        assert "TUNE" not in text_of(app)
        assert "▲ 0.0200  −34.0 dBFS   endpoint 0.0200  −34.0 dBFS   ✓ applied" in text_of(app)


@pytest.mark.parametrize("other", ["source", "endpoint"])
async def test_another_source_or_endpoint_is_counted_anew(other: str) -> None:
    """It stays on: what was heard before says nothing about what is heard now."""
    monitor = playing()
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        await tuning(pilot, monitor)
        state = monitor.state
        if other == "source":
            monitor.change(source=replace(state.source, info=FILE))
        else:
            monitor.change(session=replace(state.session, label="voice.example.net"))
        await drawn(pilot)
        assert "nothing heard yet" in text_of(app)
        assert "TUNE: endpoint at 0" in text_of(app)
        monitor.advance(160)
        await drawn(pilot)
        assert "10/10 s judged" in text_of(app)


async def test_the_span_goes_on_to_all_there_was() -> None:
    """By the keys of the span; the timeline stays at its longest."""
    monitor = playing(steps=500, parameters=ZERO)
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        await tuning(pilot, monitor)
        assert "last minute" in text_of(app)
        assert "59/59 s judged" in text_of(app)
        await pilot.press(*["right_square_bracket"] * 9)
        assert "all audio" in text_of(app)
        assert "Last 15 minutes" in text_of(app)
        assert "62/62 s judged" in text_of(app)
        await pilot.press("left_square_bracket")
        assert "last 15 minutes" in text_of(app)
        await pilot.press("right_square_bracket", "t", "left_square_bracket")
        assert "Last 5 minutes" in text_of(app)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pending": ZERO, "applied": StreamParameters()}, "TUNE: ◌ applying 0"),
        ({"phase": SessionPhase.RETRYING}, "TUNE: ○ no connection"),
    ],
)
async def test_what_the_endpoint_does_is_said(changes: dict[str, object], words: str) -> None:
    """It is not at 0 before it says so."""
    monitor = playing()
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        await tuning(pilot, monitor)
        session = replace(monitor.state.session, **changes)  # type: ignore[arg-type]  # by name
        monitor.change(session=session)
        await drawn(pilot)
        assert words in text_of(app)


async def test_without_a_model_of_speech_only_silence_is_told() -> None:
    """And which models to choose."""
    monitor = playing("gender")
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        await tuning(pilot, monitor)
        assert "m: choose speech-rt or speech   ░ silence" in text_of(app)


SIZES = [(60, 20), (80, 24), (100, 30), (200, 50)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_looks(snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    """Figures, curves, and two histograms, on the axis of the meter."""
    monitor = playing()
    assert snap_compare(app_of(monitor), terminal_size=size, run_before=partial(moved, monitor))


def test_looks_plain(snap_compare: Callable[..., bool]) -> None:
    """Every curve has a sign of its own in ASCII too."""
    monitor = playing()
    app = app_of(monitor, plain=True, theme=None)
    assert snap_compare(app, terminal_size=(80, 24), run_before=partial(moved, monitor))


async def moved(monitor: ScenePlayer, pilot: Pilot[None]) -> None:
    """Tune mode, and the mark somewhere in the valley."""
    await tuning(pilot, monitor)
    await pilot.press("shift+right", "shift+right")
