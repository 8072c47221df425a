"""Guided calibration: what is asked for, how far it is, and what comes of it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from support.screens.app_states import app_of, drawn, text_of, until
from support.screens.prepared_monitor import MICROPHONE, STREAMING, PreparedMonitor
from textual.pilot import Pilot

from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.screens.calibration_screen import CalibrationScreen
from deeptone_tui.monitor.state import (
    LevelHistory,
    Meter,
    MonitorState,
    SourcePhase,
    SourceStatus,
)
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.protocol.units import from_dbfs

ROOM = [-50.0, -49.0, -51.0]
SPEECH = [-24.0, -22.0, -28.0, -20.0, -25.0, -33.0]


def room() -> PreparedMonitor:
    """A microphone in a room, for a second so far."""
    monitor = PreparedMonitor(
        MonitorState(
            source=SourceStatus(MICROPHONE, SourcePhase.RUNNING),
            session=replace(STREAMING, applied=StreamParameters()),
        )
    )
    hear(monitor, ROOM, 16)
    return monitor


def hear(monitor: PreparedMonitor, dbfs: list[float], steps: int) -> None:
    """Let steps of these levels pass."""
    new = [from_dbfs(dbfs[step % len(dbfs)]) for step in range(steps)]
    history = monitor.state.history
    levels = np.concatenate((history.levels, np.array(new, dtype=np.float32)))
    monitor.change(history=LevelHistory(0, levels), meter=Meter(new[-1], new[-1], new[-1]))


async def guided(pilot: Pilot[None]) -> CalibrationScreen:
    """Press the key, and wait for the dialog."""
    await drawn(pilot)
    await pilot.press("g")
    await pilot.pause()
    assert isinstance(pilot.app.screen, CalibrationScreen)
    return pilot.app.screen


async def proposed(pilot: Pilot[None]) -> None:
    """Wait until the screen shows what was found."""
    app = pilot.app
    assert isinstance(app, MonitorApp)
    await app.workers.wait_for_complete()
    await until(pilot, lambda: app.screen is app.main and "esc " in text_of(app))


async def test_quiet_then_a_sentence_then_the_suggestion() -> None:
    """Each is asked for in words; what was found is drawn, and enter takes it."""
    monitor = room()
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = await guided(pilot)
        hear(monitor, ROOM, 18)
        dialog.follow()
        await pilot.pause()
        assert "Be quiet for two seconds." in text_of(app)
        assert "1 of 2 ━" in text_of(app)
        assert "50 %" in text_of(app)
        hear(monitor, ROOM, 18)
        dialog.follow()
        await pilot.pause()
        assert "Now say one sentence, as you will speak later." in text_of(app)
        hear(monitor, ROOM, 24)
        hear(monitor, SPEECH, 60)
        hear(monitor, ROOM, 20)
        dialog.follow()
        await proposed(pilot)
        assert app.screen is app.main
        assert "from the calibration" in text_of(app)
        assert [call[0] for call in monitor.calls] == ["start"]
        await pilot.press("enter")
        await pilot.pause()
        assert from_dbfs(-49.0) < app.main.view.mark < from_dbfs(-20.0)
        assert monitor.calls[-1] == ("apply", StreamParameters(volume_threshold=app.main.view.mark))


async def test_escape_leaves_it_half_way() -> None:
    """Nothing is suggested, nothing is applied."""
    monitor = room()
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = await guided(pilot)
        hear(monitor, ROOM, 40)
        dialog.follow()
        await pilot.press("escape")
        await app.workers.wait_for_complete()
        assert app.screen is app.main
        assert app.main.view.proposed is None
        assert app.main.view.mark == 0.005
        assert [call[0] for call in monitor.calls] == ["start"]


async def test_a_sentence_that_is_not_said_is_told() -> None:
    """There is no threshold to take."""
    monitor = room()
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = await guided(pilot)
        hear(monitor, [0.0 - 120.0], 200)
        dialog.follow()
        await proposed(pilot)
        assert app.main.view.proposed is not None
        assert app.main.view.proposed.suggestion.threshold is None
        assert f"✗ {app.main.view.proposed.suggestion.verdict}" in text_of(app)


async def test_a_source_that_stalls_stalls_it_and_is_told() -> None:
    """In words, until it goes on."""
    monitor = room()
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = await guided(pilot)
        monitor.change(source=replace(monitor.state.source, phase=SourcePhase.STALLED))
        dialog.follow()
        await pilot.pause()
        assert "No audio: no data." in text_of(app)
        assert dialog.calibration.progress == 0.0
        monitor.change(source=replace(monitor.state.source, phase=SourcePhase.RUNNING))
        hear(monitor, ROOM, 9)
        dialog.follow()
        await pilot.pause()
        assert "No audio" not in text_of(app)
        assert "25 %" in text_of(app)


@pytest.mark.parametrize("size", [(60, 20), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("steps", [18, 80], ids=["quiet", "sentence"])
def test_looks(snap_compare: Callable[..., bool], size: tuple[int, int], steps: int) -> None:
    """The task in bold, the progress in percent, the level with its unit."""
    monitor = room()

    async def begin(pilot: Pilot[None]) -> None:
        dialog = await guided(pilot)
        hear(monitor, ROOM, steps)
        dialog.follow()
        await drawn(pilot)
        assert isinstance(pilot.app, MonitorApp)

    assert snap_compare(app_of(monitor), terminal_size=size, run_before=begin)
