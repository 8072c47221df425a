"""The situations that the screen has to tell apart, each as a monitor in that state."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from support.screens.notices import notices
from support.screens.prepared_monitor import FILE, PreparedMonitor, ScenePlayer
from textual.pilot import Pilot
from textual.screen import Screen

from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.settings import ScreenSettings
from deeptone_tui.monitor.state import Agreement, SessionPhase, SourcePhase
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.recording import RecordingStatus
from deeptone_tui.settings.options import OPTIONS, Options

STEPS = 1200
"""Steps of 64 ms that have been played: 76.8 s."""


def playing(
    *models: str, steps: int = STEPS, parameters: StreamParameters | None = None
) -> ScenePlayer:
    """All is well: the scene has been played for a while."""
    given = parameters or StreamParameters(models=models or ("speech-rt",))
    monitor = ScenePlayer(parameters=given)
    if steps:
        monitor.advance(steps)
    return monitor


def app_of(monitor: PreparedMonitor, **settings: object) -> MonitorApp:
    """The app on a monitor, in the program's own theme."""
    applied = monitor.state.session.applied or StreamParameters()
    names = OPTIONS.keys() & settings.keys()
    options: dict[str, Any] = {name: settings.pop(name) for name in names}
    given = {"parameters": applied, "options": Options(**{"theme": "deeptone-dark"} | options)}
    return MonitorApp(monitor, ScreenSettings(**given | settings))  # type: ignore[arg-type]  # by name


def text_of(app: MonitorApp) -> str:
    """The screen as lines of text."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def drawn(pilot: Pilot[None]) -> None:
    """Wait until the screen has read the newest state and drawn it."""
    app = pilot.app
    assert isinstance(app, MonitorApp)
    app._follow_monitor()
    await pilot.pause()


@asynccontextmanager
async def running(
    app: MonitorApp, size: tuple[int, int] = (80, 24), *, notifications: bool = False
) -> AsyncIterator[Pilot[None]]:
    """Run an app that has drawn the newest state."""
    async with app.run_test(size=size, notifications=notifications) as pilot:
        await drawn(pilot)
        yield pilot


async def until(pilot: Pilot[Any], condition: Callable[[], bool]) -> None:
    """Let the app run until it is so; the bound only catches a hang."""
    async with asyncio.timeout(20):
        while not condition():
            await pilot.pause(0.01)


async def opened(pilot: Pilot[Any], kind: type[Screen[Any]]) -> None:
    """Wait for a screen of a kind, and for its first layout."""
    await until(pilot, lambda: isinstance(pilot.app.screen, kind))
    await pilot.pause()


def retrying() -> PreparedMonitor:
    """The connection was lost, and is tried again."""
    monitor = playing()
    monitor.change(
        session=replace(
            monitor.state.session,
            phase=SessionPhase.RETRYING,
            message="connection refused: nothing listens at ws://127.0.0.1:9000",
            attempt=3,
            retry_in=4.2,
        ),
        notices=notices("connection lost after 00:01:10"),
    )
    return monitor


def refused() -> PreparedMonitor:
    """The endpoint does not take the key."""
    monitor = playing(steps=0)
    monitor.change(
        session=replace(
            monitor.state.session,
            phase=SessionPhase.REFUSED,
            label="voice.example.net",
            message="the key was rejected by wss://voice.example.net/stream",
            applied=None,
            latency=None,
        )
    )
    return monitor


def stalled() -> PreparedMonitor:
    """Nothing arrives from the microphone."""
    monitor = playing()
    source = replace(monitor.state.source, phase=SourcePhase.STALLED, message="no audio for 2.0 s")
    counters = replace(monitor.state.counters, lost=3200, dropped_by_source=1600)
    monitor.change(source=source, counters=counters)
    return monitor


def muted() -> PreparedMonitor:
    """The microphone is switched off: every sample is zero."""
    monitor = playing()
    monitor.change(meter=replace(monitor.state.meter, level=0.0, peak=0.0, vu=0.0, muted=True))
    return monitor


def clipping() -> PreparedMonitor:
    """It was too loud, three times; the endpoint is not ours."""
    monitor = playing("speech-rt", "gender")
    monitor.change(
        meter=replace(monitor.state.meter, level=0.35, peak=1.0, vu=0.3, clips=3),
        agreement=Agreement(74, 73),
    )
    return monitor


def paused_file() -> PreparedMonitor:
    """A file that is held."""
    monitor = ScenePlayer(info=FILE)
    monitor.advance(400)
    monitor.change(source=replace(monitor.state.source, phase=SourcePhase.PAUSED, position=25.6))
    return monitor


def recording() -> PreparedMonitor:
    """A recording runs, onto a disk that is slow."""
    monitor = playing()
    status = RecordingStatus(Path("recordings/2026-11-22T10-49-03"), 1_100_000, waiting=70_000)
    monitor.change(recording=status)
    return monitor


def recording_stopped() -> PreparedMonitor:
    """The disk was full."""
    monitor = playing()
    words = "recording stopped: the disk is full (recordings)"
    status = RecordingStatus(Path("recordings/2026-11-22T10-49-03"), 1_100_000, problem=words)
    monitor.change(recording=status, notices=notices(words))
    return monitor


def replayed(steps: int = 400) -> ScenePlayer:
    """A recording is shown again."""
    monitor = ScenePlayer(info=FILE)
    monitor.advance(steps)
    session = replace(monitor.state.session, phase=SessionPhase.REPLAYING, latency=None)
    source = replace(monitor.state.source, position=25.6)
    monitor.change(session=session, source=source, speed=1.0)
    return monitor


def ended() -> PreparedMonitor:
    """A file that has been played to its end."""
    monitor = ScenePlayer(info=FILE)
    monitor.advance(980)
    monitor.change(
        source=replace(monitor.state.source, phase=SourcePhase.ENDED, position=63.0),
        session=replace(monitor.state.session, phase=SessionPhase.CLOSED),
    )
    return monitor
