"""The dialogs of the app and the handling of their answers.

Each function pushes a dialog, waits for its answer and acts on the app; none acts if the dialog
is cancelled. Because they wait, the app runs them as workers.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from deeptone_tui.app.actions.device_profile import load_profile
from deeptone_tui.app.actions.in_force import choice_of, provider_of
from deeptone_tui.app.presenters import results_export
from deeptone_tui.app.presenters.results_export import json_line
from deeptone_tui.app.presenters.results_model import Result
from deeptone_tui.app.presenters.step_log import judged_span
from deeptone_tui.app.presenters.threshold import propose
from deeptone_tui.app.screens.calibration_screen import CalibrationScreen
from deeptone_tui.app.screens.choice_picker import ChoicePicker, PickerItem
from deeptone_tui.app.screens.device_picker import DevicePicker
from deeptone_tui.app.screens.help import HelpScreen, sections_of
from deeptone_tui.app.screens.prompts import EndpointPrompt, ThresholdPrompt
from deeptone_tui.app.screens.save_prompt import SavePrompt, SaveRequest
from deeptone_tui.app.screens.source_prompt import SourcePrompt
from deeptone_tui.audio import SourceKind, SourceSpec, parse_source
from deeptone_tui.core.files import write_whole
from deeptone_tui.monitor.state import SourcePhase
from deeptone_tui.protocol import CATALOGUE, Model
from deeptone_tui.settings import paths

if TYPE_CHECKING:
    from deeptone_tui.app.app import MonitorApp


GROUP = "dialog"
"""Worker group of these functions, so that no other work cancels them."""
_UNDER_WAY = "Under way, not answered yet: "
_POLL_INTERVAL_S = 0.05
"""Seconds between polls of a device that is being opened."""

Answer = TypeVar("Answer")


async def calibrate(app: "MonitorApp") -> None:
    """Guide the user through the calibration and show its suggestion; none if it is cancelled."""
    monitor = app.monitor
    heard = await app.push_screen_wait(CalibrationScreen(lambda: monitor.state))
    if heard is not None:
        app.propose(propose(judged_span(heard), "the calibration", app.main.view))


async def choose_device(app: "MonitorApp") -> None:
    """Pick a microphone, switch to it, remember it, and load its profile if it has one."""
    from deeptone_tui.audio import (  # noqa: PLC0415  PortAudio on demand
        device_level,
        look_for_input_devices,
    )

    source = app.monitor.state.source
    live = source.info.kind is SourceKind.MICROPHONE
    capturing = live and source.phase is SourcePhase.RUNNING
    name = await app.push_screen_wait(
        DevicePicker(
            source.info.name if live else app.preferences.choices.device,
            scan=look_for_input_devices,
            probe=device_level,
            in_use=live,
            current_level=(lambda: app.monitor.state.meter.level) if capturing else None,
        )
    )
    if name is not None:
        app.monitor.switch_source(SourceSpec(SourceKind.MICROPHONE, name))
        try:
            opens = await _opens(app, name)
        finally:  # also if the app is closed before the device is open
            if _is_wanted(app, name):
                app.preferences.remember(device=name)
        if opens:
            await load_profile(app, name)


async def _opens(app: "MonitorApp", device: str) -> bool:
    """Wait until a picked device is open; return False if it failed or another was picked."""
    before = app.monitor.state.source
    while (source := app.monitor.state.source).info.name in {device, before.info.name}:
        if source.info.name == device and source.phase is not SourcePhase.OPENING:
            return _is_wanted(app, device)
        await asyncio.sleep(_POLL_INTERVAL_S)
    return False  # something else was picked meanwhile


def _is_wanted(app: "MonitorApp", device: str) -> bool:
    """Return True if the device is the current source and has not failed."""
    source = app.monitor.state.source
    return source.info.name == device and source.phase is not SourcePhase.FAILED


async def choose_source(app: "MonitorApp") -> None:
    """Type an audio source and switch to it."""
    text = await app.push_screen_wait(SourcePrompt())
    if text is not None:
        app.monitor.switch_source(parse_source(text))


async def choose_endpoint(app: "MonitorApp") -> None:
    """Choose an endpoint and switch to it."""
    other = app.monitor.state.session.pending_provider
    under_way = "" if other is None else f"{_UNDER_WAY}{other.label}"
    choice = await app.push_screen_wait(EndpointPrompt(app.endpoint.url, under_way))
    if choice is None:
        return
    for known in (app.endpoint, *([] if other is None else [choice_of(other)])):
        if choice.api_key is None and choice.url == known.url:
            choice = known  # keeps its key, which is never sent to another address
    app.monitor.switch_provider(provider_of(choice))


async def choose_models(app: "MonitorApp") -> None:
    """Choose the models and apply them at the endpoint."""
    in_force, wanted = app.parameters.models, app.monitor.state.session.wanted.models
    under_way = "" if wanted == in_force else f"{_UNDER_WAY}{', '.join(wanted)}"
    chosen = await app.push_screen_wait(
        ChoicePicker(
            "Models",
            [PickerItem(model.name, model.name, describe(model)) for model in CATALOGUE.values()],
            many=True,
            selected=in_force,
            under_way=under_way,
        )
    )
    if chosen is not None and chosen != app.monitor.state.session.wanted.models:
        app.monitor.apply(models=chosen)


def describe(model: Model) -> str:
    """Return a model in one line: its receptive field and its possible results."""
    return f"{model.receptive_field_ms:>6g} ms   {', '.join(model.results) or model.summary}"


async def type_threshold(app: "MonitorApp") -> None:
    """Type the threshold under the cursor."""
    level = await app.push_screen_wait(ThresholdPrompt(app.mark))
    if level is not None:
        app.mark = level


async def save_results(app: "MonitorApp", now: Callable[[], datetime] = datetime.now) -> None:
    """Save the results in memory, asking again as long as it fails."""
    if not app.kept_results:
        app.notify("There are no results to save yet.", severity="warning")
        return
    prompt = SavePrompt(Path.cwd(), name=f"deeptone-{now():%Y%m%d-%H%M%S}")
    while (request := await app.push_screen_wait(prompt)) is not None:
        try:
            count = await _save(tuple(app.kept_results), request)
        except results_export.ExportError as error:
            prompt = SavePrompt(Path.cwd(), request=request, problem=str(error))
            continue
        app.saved_paths.append(request.path)
        app.notify(f"{count} results saved in {request.path}", markup=False)
        return


def _save(results: Sequence[Result], request: SaveRequest) -> Awaitable[int]:
    """Write the results in a thread: a slow disk must not block the screen."""
    return asyncio.to_thread(
        results_export.save_results,
        results,
        request.path,
        request.form,
        overwrite=request.overwrite,
    )


async def copy_line(app: "MonitorApp", result: Result | None = None) -> None:
    """Copy a result as a line of JSON; the newest if none is given."""
    chosen = result or next(reversed(app.kept_results), None)
    if chosen is None:
        app.notify("There is no result to copy yet.", severity="warning")
    else:
        await copy_text(app, json_line(chosen))


async def copy_text(app: "MonitorApp", text: str) -> None:
    """Send text to the terminal's clipboard, and write it to a file.

    The program cannot know if the terminal accepted it (OSC 52 has no reply, and tmux needs
    ``set-clipboard on``), so it reports only what it did.
    """
    app.copy_to_clipboard(text)
    place = paths.copied_file()
    try:
        await asyncio.to_thread(_keep, place, text)
    except OSError:
        app.notify("Sent to the terminal's clipboard.")
    else:
        app.notify(f"Sent to the terminal's clipboard; also in {place}", markup=False)


def _keep(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    write_whole(place, f"{text}\n".encode(), sync=False)


async def show_help(app: "MonitorApp") -> None:
    """Show every key of the active screen and the meaning of the words."""
    await app.push_screen_wait(HelpScreen(sections_of(app.screen, app.settings.keys)))
