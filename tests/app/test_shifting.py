"""The preview's shift: offered, taken, shown, and taken back."""

import re
from dataclasses import replace

import pytest
from support.screens.app_states import app_of, drawn, playing, running, text_of
from support.screens.prepared_monitor import ScenePlayer
from textual.pilot import Pilot

from deeptone_tui.app.actions.in_force import tuned_of
from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.presenters.threshold import signed, why_none
from deeptone_tui.monitor.state import Agreement, MonitorState
from deeptone_tui.protocol.units import from_dbfs, to_dbfs
from deeptone_tui.tuning.offset import Offset, OffsetFinding

LESS = Offset(OffsetFinding.FOUND, -3.5, -3.7, -3.3, 100, 81, 99)
MORE = replace(LESS, decibels=12.5, low=12.3, high=12.75, agreed_after=100)
OFFER = "≠ The endpoint hears about 3.5 dB less than the preview: v shifts the preview"


def foreign(offset: Offset | None = LESS) -> ScenePlayer:
    """A monitor of which the endpoint is not ours."""
    monitor = playing()
    monitor.change(agreement=Agreement(100, 81, offset))
    return monitor


async def pressed(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, and wait for what comes of them."""
    await pilot.press(*keys)
    await drawn(pilot)


def share(app: MonitorApp) -> int:
    """How many periods of the span are silence, as it is shown."""
    found = re.search(r"(\d+) of \d+ periods are silence", text_of(app))
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize(
    ("offset", "width", "words"),
    [
        (LESS, 80, OFFER),
        (
            MORE,
            80,
            "≠ The endpoint hears 12.5 ± 0.3 dB more than the preview: v shifts the preview",
        ),
        (MORE, 60, "≠ endpoint hears 12.5 ± 0.3 dB more: v shifts the preview"),
        (LESS, 120, f"{OFFER}   81 % of 100 periods agree, then 99 %"),
    ],
)
async def test_an_offset_is_offered_in_words(offset: Offset, width: int, words: str) -> None:
    """One line, whole in any width."""
    app = app_of(foreign(offset))
    async with running(app, (width, 24)):
        assert words in text_of(app)


@pytest.mark.parametrize(
    "finding", [None, *(each for each in OffsetFinding if each != OffsetFinding.FOUND)]
)
async def test_what_is_not_sure_is_not_offered(finding: OffsetFinding | None) -> None:
    """No line; the key says why, and asks nothing of the monitor."""
    monitor = foreign(Offset(finding, compared=100) if finding else None)
    app = app_of(monitor)
    async with running(app) as pilot:
        assert "the preview" not in text_of(app)
        await pressed(pilot, "v")
        assert [call[0] for call in monitor.calls] == ["start"]
        assert [note.message for note in app._notifications] == [why_none(monitor.state)]


async def test_v_takes_it_and_takes_it_back() -> None:
    """What is shown of the levels moves; the mark and what the endpoint has stay."""
    monitor = foreign()
    app = app_of(monitor)
    async with running(app) as pilot:
        measured = share(app)
        await pressed(pilot, "v")
        assert monitor.calls[-1] == ("shift", -3.5)
        assert "⇅ preview shifted −3.5 dB" in text_of(app)
        assert "81 % of 100 periods agree   v undoes it" in text_of(app)
        assert "hears" not in text_of(app)
        assert share(app) > measured
        assert app.main.view.mark == 0.005
        await pressed(pilot, "v")
        assert monitor.calls[-1] == ("shift", 0.0)
        assert OFFER in text_of(app)
        assert share(app) == measured


async def test_a_shifted_preview_is_a_preview_at_another_mark() -> None:
    """Levels 3.5 dB lower with the mark at −46: silence is where it was at −42.5."""
    pictures = []
    for shift, mark in ((-3.5, -46.0), (0.0, -42.5)):
        monitor = foreign()
        app = app_of(monitor)
        async with running(app) as pilot:
            app.main.move_mark(from_dbfs(mark))
            monitor.shift(shift)
            await drawn(pilot)
            pictures.append((share(app), loud_columns(app), silent_in_log(app)))
    assert pictures[0] == pictures[1]
    assert 0 < pictures[0][0] < 100


def loud_columns(app: MonitorApp) -> list[bool]:
    """Which columns of the timeline are louder than the mark."""
    return [bool(level >= app.main.view.mark) for level in app.main.timeline.columns.levels]


def silent_in_log(app: MonitorApp) -> list[str]:
    """Times of the results that the log calls silence at the mark."""
    return re.findall(r"^ (00:\d\d:\d\d\.\d) +−[\d.]+<", text_of(app), re.MULTILINE)


async def test_the_log_follows_the_shift() -> None:
    """The level of each period is the shifted one, also of those that came before."""
    monitor = foreign()
    app = app_of(monitor)
    async with running(app) as pilot:
        before = logged(text_of(app))
        await pressed(pilot, "v")
        monitor.advance(16)
        await drawn(pilot)
        after = logged(text_of(app))
    assert before
    assert {
        time: pytest.approx(level - 3.5, abs=0.11)
        for time, level in before.items()
        if time in after
    } == {time: level for time, level in after.items() if time in before}
    assert len(after.keys() - before.keys()) == 1


def logged(text: str) -> dict[str, float]:
    """Levels in the log by their times."""
    lines = re.findall(r"^ (00:\d\d:\d\d\.\d) +−([\d.]+)", text, re.MULTILINE)
    return {time: -float(level) for time, level in lines}


async def test_a_frozen_screen_is_shifted_too() -> None:
    """What stands still is compared with the same mark."""
    monitor = foreign()
    app = app_of(monitor)
    async with running(app) as pilot:
        await pressed(pilot, "space")
        stood = app.main.view.state
        monitor.advance(10)
        await pressed(pilot, "v")
        now = app.main.view.state
        assert now.history.end_step == stood.history.end_step
        assert to_dbfs(now.meter.level) == pytest.approx(to_dbfs(stood.meter.level) - 3.5)


async def test_a_suggestion_is_in_the_endpoints_decibels() -> None:
    """It is found from the shifted levels; one found before the shift is withdrawn."""
    found = []
    for shift in (0.0, -3.5):
        monitor = foreign()
        app = app_of(monitor)
        async with running(app) as pilot:
            monitor.shift(shift)
            await drawn(pilot)
            await pressed(pilot, "a")
            assert app.main.view.proposed is not None
            threshold = app.main.view.proposed.suggestion.threshold
            assert threshold is not None
            found.append(to_dbfs(threshold))
            await pressed(pilot, "v")
            assert app.main.view.proposed is None
            assert "suggested" not in text_of(app)
    assert found[1] == pytest.approx(found[0] - 3.5, abs=0.2)


async def test_the_exported_threshold_is_the_mark_that_was_applied() -> None:
    """The mark is always the endpoint's own number."""
    monitor = foreign()
    app = app_of(monitor)
    async with running(app) as pilot:
        await pressed(pilot, "v", "right", "enter")
        assert tuned_of(app).parameters.volume_threshold == app.main.view.mark == 0.005309


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (MonitorState(), "Only another maker's endpoint can hear other levels"),
        (
            MonitorState(agreement=Agreement(200, 199, Offset(OffsetFinding.AGREES))),
            "There is nothing to shift: 99 % of 200 periods agree.",
        ),
        (
            MonitorState(agreement=Agreement(9, 7, Offset(OffsetFinding.TOO_LITTLE))),
            "Too little audio to find the shift: 77 % of 9 periods agree.",
        ),
        (
            MonitorState(agreement=Agreement(9, 3, Offset(OffsetFinding.UNEXPLAINED))),
            "No shift explains how the endpoint differs: 33 % of 9 periods agree.",
        ),
    ],
)
def test_why_there_is_no_shift(state: MonitorState, words: str) -> None:
    """One sentence, with what was counted."""
    assert why_none(state).startswith(words)


def test_a_difference_has_its_sign_and_unit() -> None:
    """With a real minus sign."""
    assert (signed(3.5), signed(-12.0)) == ("+3.5 dB", "−12.0 dB")
