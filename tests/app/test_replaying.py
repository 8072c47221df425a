"""The screen on a recording: what is offered, and what is said about the rest."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.screens.app_states import drawn, replayed, running, text_of
from support.screens.prepared_monitor import ScenePlayer
from textual.pilot import Pilot

from deeptone_tui.app.run import ReplayApp
from deeptone_tui.app.settings import ScreenSettings
from deeptone_tui.monitor.state import Notice, SourcePhase
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.settings.options import Options


def app_of(monitor: ScenePlayer) -> ReplayApp:
    """The app on it."""
    return ReplayApp(monitor, ScreenSettings(options=Options(theme="deeptone-dark")))


async def test_a_recording_is_told_as_such() -> None:
    """State, place and keys are those of something that can be wound."""
    app = app_of(replayed())
    async with running(app):
        lines = text_of(app).splitlines()
        assert lines[0].startswith(" ▸ REPLAY  local endpoint")
        assert "at 0:25/1:03" in lines[0]
        assert "lost" not in lines[0]
        assert "recorded at 0.0050  −46.0 dBFS" in text_of(app)
        assert lines[-1].startswith(" space pause  < > speed  , . seek  a suggest")
        assert lines[-1].endswith("? help  q quit")


@pytest.mark.parametrize("size", [(80, 24), (100, 30)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_its_look(snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    """At twice the speed."""

    async def hasten(pilot: Pilot[None]) -> None:
        await drawn(pilot)
        await pilot.press("greater_than_sign")
        await drawn(pilot)

    assert snap_compare(app_of(replayed()), terminal_size=size, run_before=hasten)


async def test_it_is_shown_faster_and_slower() -> None:
    """In four steps, however quickly the keys follow."""
    monitor = replayed()
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("greater_than_sign", "greater_than_sign", "greater_than_sign")
        await drawn(pilot)
        assert "▸ REPLAY 4×" in text_of(app)
        await pilot.press(*["less_than_sign"] * 4)
        await drawn(pilot)
        assert "▸ REPLAY 0.5×" in text_of(app)
    speeds = [call[1] for call in monitor.calls if call[0] == "set_speed"]
    assert speeds == [2.0, 4.0, 4.0, 2.0, 1.0, 0.5, 0.5]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("d", "This is a recording: quit with q"),
        ("o", "This is a recording: quit with q"),
        ("e", "deeptone-tui FILE"),
        ("m", "deeptone-tui FILE"),
        ("g", "a suggests a threshold"),
        ("r", "is a recording already"),
        ("enter", "the threshold stays at 0.0050  −46.0 dBFS"),
    ],
)
async def test_what_needs_an_endpoint_or_a_source_says_so(key: str, words: str) -> None:
    """And asks nobody."""
    monitor = replayed()
    app = app_of(monitor)
    async with running(app) as pilot:
        await pilot.press(key)
        await pilot.pause()
        assert [words in each.message for each in app._notifications] == [True]
        assert app.screen is app.main
    assert {call[0] for call in monitor.calls} <= {"start", "stop"}


async def test_every_threshold_is_tried_on_what_was_answered_then() -> None:
    """Tune mode counts the results as they were recorded, and leaves nothing behind."""
    monitor = replayed()
    app = app_of(monitor)
    async with running(app) as pilot:
        entries = [*app.results.entries]
        await pilot.press("t")
        await drawn(pilot)
        assert "TUNE: recorded at 0.0050   t leaves" in text_of(app)
        assert "speech lost 0 of " in text_of(app)
        await pilot.press(*["shift+right"] * 9)
        await drawn(pilot)
        assert "speech lost 0 of " not in text_of(app)
        await pilot.press("t")
        await drawn(pilot)
        assert "recorded at 0.0050  −46.0 dBFS" in text_of(app)
    assert entries
    assert not [call for call in monitor.calls if call[0] == "apply"]


async def test_the_strips_follow_what_was_asked_for_then() -> None:
    """A recording may have changed its models on the way."""
    monitor = replayed()
    app = app_of(monitor)
    async with running(app) as pilot:
        both = StreamParameters(models=("speech-rt", "gender"))
        monitor.change(session=replace(monitor.state.session, applied=both))
        await drawn(pilot)
        assert app.parameters == both
        assert "gender" in text_of(app)


async def test_the_end_is_told() -> None:
    """There is no connection to be waited for."""
    monitor = replayed()
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        monitor.change(source=replace(monitor.state.source, phase=SourcePhase.ENDED))
        await drawn(pilot)
        assert text_of(app).splitlines()[0].startswith(" ■ ENDED")


async def test_what_happened_then_has_the_time_of_the_recording() -> None:
    """What was played until it is less, or more, once it was wound."""
    monitor = replayed()
    app = app_of(monitor)
    async with running(app) as pilot:
        source = replace(monitor.state.source, position=55.5)
        monitor.change(source=source, notices=(Notice(1, "lost 2 s"),))
        await drawn(pilot)
        assert "00:00:55.5  lost 2 s" in text_of(app)


async def test_a_disk_that_fails_is_told_without_advice_that_is_of_no_use() -> None:
    """No device and no other source helps a recording."""
    monitor = replayed()
    app = app_of(monitor)
    failed = replace(
        monitor.state.source, phase=SourcePhase.FAILED, message="audio-001.wav: no such file"
    )
    async with app.run_test(size=(80, 24)) as pilot:
        monitor.change(source=failed)
        await drawn(pilot)
        assert "audio-001.wav: no such file" in text_of(app)
        assert "another device" not in text_of(app)
