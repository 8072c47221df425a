"""After a change that is refused, all that leaves the program is what is in force."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from support.endpoints.scripted_endpoint import Peer, Refusal, ScriptedEndpoint, behave, served
from support.screens.app_states import text_of
from support.time.never_idle import wait_no_longer
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from deeptone_tui import audio
from deeptone_tui.app.actions.in_force import only_wished, tuned_of
from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.presenters.exports import forms_of
from deeptone_tui.app.screens.device_picker import DevicePicker
from deeptone_tui.app.screens.device_table import DeviceTable
from deeptone_tui.app.screens.prompts import EndpointPrompt, ModelPicker
from deeptone_tui.app.screens.source_prompt import SourcePrompt
from deeptone_tui.app.screens.tuned_screen import TunedScreen
from deeptone_tui.app.settings import ScreenSettings
from deeptone_tui.audio import InputDevice, SourceKind, SourceOptions, SourceSpec
from deeptone_tui.monitor import Monitor
from deeptone_tui.monitor.state import MonitorState, SourcePhase
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session import RemoteTarget
from deeptone_tui.settings.options import Options

pytestmark = pytest.mark.long

ASKED = StreamParameters(output_period=64, volume_threshold=0.004)
HANG = 20.0
"""Seconds; only catches a test that would never end."""
NOBODY = "ws://127.0.0.1:1/stream"
"""Where nothing listens."""


async def refuse(peer: Peer) -> None:
    """Say no at once, as for a model that is not offered."""
    await peer.greet()
    await peer.socket.send_str('{"message_type":"error","message":"that is not offered here"}')
    await peer.socket.close(code=1008)


@dataclass
class Session:
    """The app on a real monitor, which plays the demo to a scripted endpoint."""

    pilot: Pilot[None]
    app: MonitorApp
    folder: Path
    endpoint: ScriptedEndpoint

    async def until(self, condition: Callable[[MonitorState], bool]) -> None:
        """Wait for a state."""
        async with asyncio.timeout(HANG):
            while not condition(self.app.monitor.state):
                await self.pilot.pause(0.02)
        await self.pilot.pause(0.1)

    async def press(self, key: str, kind: type[Screen[Any]]) -> Any:  # noqa: ANN401  of that kind
        """Press a key, and wait for its screen."""
        await self.pilot.press(key)
        async with asyncio.timeout(HANG):
            while not isinstance(self.app.screen, kind):
                await self.pilot.pause(0.02)
        await self.pilot.pause()
        return self.app.screen

    async def choose_endpoint(self, url: str, key: str = "") -> None:
        """By ``e``."""
        screen = await self.press("e", EndpointPrompt)
        screen.query_one("#url", Input).value = url
        screen.query_one("#key", Input).value = key
        await self.pilot.press("enter")


@contextlib.asynccontextmanager
async def session(folder: Path, *scripts: Any) -> AsyncIterator[Session]:  # noqa: ANN401  as ``served``
    """A session in which the first connection has given results."""
    async with served(behave, *scripts) as endpoint:
        provider = RemoteTarget(endpoint.url, "the-first-key")
        options = SourceOptions(loop=True)
        monitor = Monitor(SourceSpec(SourceKind.DEMO), options, provider, ASKED)
        settings = ScreenSettings(parameters=ASKED, options=Options(theme="deeptone-dark"))
        app = MonitorApp(monitor, settings)
        async with app.run_test(size=(100, 30)) as pilot:
            made = Session(pilot, app, folder, endpoint)
            await made.until(lambda state: state.counters.results > 3)
            yield made


async def dead_address(made: Session) -> None:
    """Nothing listens there."""
    await made.choose_endpoint(NOBODY)


async def refused_key(made: Session) -> None:
    """The same endpoint with a key that it rejects, 401."""
    await made.choose_endpoint(made.endpoint.url, "wrong")


async def unknown_model(made: Session) -> None:
    """A model that the endpoint has not got, 1008."""
    await made.press("m", ModelPicker)
    await made.pilot.press("down", "space", "enter")


async def threshold(made: Session) -> None:
    """Another threshold, which the endpoint does not take."""
    await made.pilot.press("shift+right", "enter")


async def file_that_is_none(made: Session) -> None:
    """Text where audio is expected."""
    place = made.folder / "text.wav"
    place.write_text("not audio")
    screen = await made.press("o", SourcePrompt)
    screen.query_one(Input).value = str(place)
    await made.pilot.press("enter")


async def device_that_is_gone(made: Session) -> None:
    """It was there when the devices were listed."""
    screen = await made.press("d", DevicePicker)
    async with asyncio.timeout(HANG):
        while screen.query_one(DeviceTable).device is None:
            await made.pilot.pause(0.02)
    await made.pilot.press("enter")


@pytest.fixture(autouse=True)
def never_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A monitor works in this process."""
    wait_no_longer(monkeypatch)


@pytest.fixture(autouse=True)
def a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """Listed, but no machine has it."""

    async def listed() -> Sequence[InputDevice]:
        return [InputDevice("Gone with the wind", "ALSA", 1, 48_000, choice="Gone with the wind")]

    async def level(_: str) -> float:
        return 0.1

    monkeypatch.setattr(audio, "look_for_input_devices", listed)
    monkeypatch.setattr(audio, "device_level", level)


REFUSED: dict[str, tuple[Callable[[Session], Awaitable[None]], tuple[Any, ...]]] = {
    "e, a dead address": (dead_address, ()),
    "e, a key that is refused": (refused_key, (Refusal(401),)),
    "m, a model that is not offered": (unknown_model, (refuse,)),
    "enter, too many connections": (threshold, (Refusal(429, {"Retry-After": "60"}),)),
    "enter, closed with 1008": (threshold, (refuse,)),
    "enter, a bad parameter": (threshold, (Refusal(400),)),
    "o, a file that is none": (file_that_is_none, ()),
    "d, a device that is gone": (device_that_is_gone, ()),
}


@pytest.mark.parametrize("kind", REFUSED)
async def test_x_e_and_m_carry_what_is_in_force(kind: str, tmp_path: Path) -> None:
    """In all forms; the status line says the same, and what is only wished is named so."""
    change, scripts = REFUSED[kind]
    async with session(tmp_path, *scripts) as made:
        app, before = made.app, tuned_of(made.app)
        first = text_of(app).splitlines()[0]
        devices = app.preferences.choices.device
        await change(made)
        await made.until(_was_refused)
        assert tuned_of(app) == before
        assert before.parameters == ASKED

        shown = await made.press("x", TunedScreen)
        assert shown._forms == forms_of(before, "tuned")
        assert shown._settings.startswith("Threshold 0.0040  −48.0 dBFS   speech-rt every 64 ms")
        await made.pilot.press("escape")
        prompt = await made.press("e", EndpointPrompt)
        assert prompt.query_one("#url", Input).value == made.endpoint.url
        await made.pilot.press("escape")
        models = await made.press("m", ModelPicker)
        assert models._selected == set(ASKED.models)
        await made.pilot.press("escape")
        if kind[0] in "do":
            (told,) = only_wished(app)
            assert told.startswith("Not open: ")
        else:
            assert text_of(app).splitlines()[0].split()[:4] == first.split()[:4]
            wished = ["Not applied: threshold 0.005623  −45.0 dBFS."]
            assert only_wished(app) == (wished if kind.startswith("enter") else [])
        assert app.preferences.choices.device == devices


def _was_refused(state: MonitorState) -> bool:
    answered = any(notice.answer for notice in state.notices)
    return answered or state.source.phase is SourcePhase.FAILED


async def test_the_next_change_has_nothing_of_a_refused_one(tmp_path: Path) -> None:
    """The model that was not offered is not asked for again with another threshold."""
    async with session(tmp_path, refuse, behave) as made:
        await unknown_model(made)
        await made.until(_was_refused)
        await threshold(made)
        asked = replace(ASKED, volume_threshold=0.005623)
        await made.until(lambda state: state.session.applied == asked)
    assert [peer.parameters for peer in made.endpoint.peers][2:] == [asked]


async def test_changes_that_follow_each_other_add_up(tmp_path: Path) -> None:
    """A threshold that is applied while models are under way takes nothing of them back."""
    async with session(tmp_path) as made:
        await unknown_model(made)
        await made.pilot.press("right", "enter")
        both = replace(ASKED, models=("speech-rt", "speech"), volume_threshold=0.004217)
        await made.until(lambda state: state.session.applied == both)


async def test_what_is_under_way_is_named_and_not_exported(tmp_path: Path) -> None:
    """An endpoint that does not answer: what was in force goes on, in ``x``, ``e`` and ``m``."""
    hung = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        await hung.wait()
        return web.Response(status=503)

    async with session(tmp_path) as made, served(handler=hang) as other:
        before = tuned_of(made.app)
        await made.choose_endpoint(other.url)
        await made.until(lambda state: state.session.pending_provider is not None)
        label = other.url.split("/")[2]
        assert tuned_of(made.app) == before
        assert only_wished(made.app) == [f"Pending: endpoint {label}."]
        assert f"→ {label}" in text_of(made.app).splitlines()[0]
        prompt = await made.press("e", EndpointPrompt)
        assert prompt.query_one("#url", Input).value == made.endpoint.url
        assert f"Pending: {label}" in text_of(made.app)
        await made.pilot.press("escape")
        hung.set()
