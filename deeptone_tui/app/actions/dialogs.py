"""The dialogs of the app and the handling of their answers.

Each function pushes a dialog, waits for its answer and acts on the app; none acts if the dialog
is cancelled. Because they wait, the app runs them as workers.
"""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from deeptone_tui.app.actions.in_force import choice_of, provider_of
from deeptone_tui.app.presenters.step_log import judged_span
from deeptone_tui.app.presenters.threshold import propose
from deeptone_tui.app.screens.calibration_screen import CalibrationScreen
from deeptone_tui.app.screens.device_picker import DevicePicker
from deeptone_tui.app.screens.help import HelpScreen, sections_of
from deeptone_tui.app.screens.prompts import EndpointPrompt, ModelPicker, ThresholdPrompt
from deeptone_tui.app.screens.source_prompt import SourcePrompt
from deeptone_tui.audio import SourceKind, SourceSpec, parse_source
from deeptone_tui.core.address import LOCAL
from deeptone_tui.monitor.state import SourcePhase
from deeptone_tui.protocol import CATALOGUE, Model
from deeptone_tui.protocol.units import format_both
from deeptone_tui.session import TargetError
from deeptone_tui.settings.config import Configuration, ConfigurationError, load_configuration
from deeptone_tui.settings.options import PARAMETERS, Options

if TYPE_CHECKING:
    from deeptone_tui.app.app import MonitorApp
    from deeptone_tui.protocol import Changes


_UNDER_WAY = "Pending: "
_POLL_INTERVAL_S = 0.05
"""Seconds between polls of a device that is being opened."""


async def calibrate(app: "MonitorApp") -> None:
    """Guide the user through the calibration and show its suggestion; none if it is cancelled."""
    monitor = app.monitor
    heard = await app.push_screen_wait(CalibrationScreen(lambda: monitor.state))
    if heard is not None:
        proposal = propose(judged_span(heard), "the calibration", app.main.view)
        app.main.change(proposed=proposal)


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


async def load_profile(app: "MonitorApp", device: str) -> None:
    """Apply the threshold, models, period and endpoint of the device's profile, and report it.

    Options set by the command line or the environment stay, as they take precedence over any
    profile. Options that the profile leaves open stay as they are.

    Args:
        app: the app whose settings change.
        device: name of the device picked.
    """
    try:
        configuration = await asyncio.to_thread(load_configuration, app.settings.configuration)
    except ConfigurationError as error:
        app.notify(f"No profile was loaded: {error}", severity="warning", markup=False)
        return
    name = configuration.profile_for(device)
    if name is None:
        return
    try:
        _take_endpoint(app, configuration, name)
    except TargetError as error:
        app.notify(f"Profile {name}: {error}", severity="error", markup=False)
        return
    _take_parameters(app, configuration.profiles[name])
    app.notify(_told(app, name, configuration.profiles[name]), markup=False)


def _take_endpoint(app: "MonitorApp", configuration: Configuration, name: str) -> None:
    """Switch to the profile's endpoint, with the key that the configuration has for it.

    Raises:
        TargetError: if the address or the key is invalid.
    """
    explicit, options = app.settings.explicit, configuration.options(name)
    own = configuration.profiles[name].url
    if own is None or "url" in explicit:
        return
    url = None if own == LOCAL else own
    under_way = app.monitor.state.session.pending_provider
    if url == (app.endpoint if under_way is None else choice_of(under_way)).url:
        return
    key = app.settings.options.api_key if "api_key" in explicit else options.api_key
    app.monitor.switch_provider(provider_of(replace(app.endpoint, url=url, api_key=key)))


def _take_parameters(app: "MonitorApp", profile: Options) -> None:
    """Move the threshold to the profile's, and apply the profile's parameters at the endpoint."""
    taken = {
        name: getattr(profile, name)
        for name in PARAMETERS
        if name in profile.names() and name not in app.settings.explicit
    }
    changes = cast("Changes", taken)  # each has its parameter's name and type
    if "volume_threshold" in changes:
        app.main.change(tuning=False)
        app.main.move_mark(changes["volume_threshold"])
    wanted = app.monitor.state.session.wanted
    if replace(wanted, **changes) != wanted:
        app.monitor.apply(**changes)


def _told(app: "MonitorApp", name: str, profile: Options) -> str:
    """Return a line with the loaded profile, the threshold and the options that override it."""
    kept = sorted(profile.names() & {*PARAMETERS, "url"} & app.settings.explicit)
    told = f"Profile {name} loaded: threshold {format_both(app.main.view.mark)}"
    return f"{told}. Set at start-up: {', '.join(kept)}" if kept else told


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
    described = {model.name: describe(model) for model in CATALOGUE.values()}
    chosen = await app.push_screen_wait(ModelPicker(described, in_force, under_way))
    if chosen is not None and chosen != app.monitor.state.session.wanted.models:
        app.monitor.apply(models=chosen)


def describe(model: Model) -> str:
    """Return a model in one line: its receptive field and its possible results."""
    return f"{model.receptive_field_ms:>6g} ms   {', '.join(model.results) or model.summary}"


async def type_threshold(app: "MonitorApp") -> None:
    """Type the threshold under the cursor."""
    level = await app.push_screen_wait(ThresholdPrompt(app.main.view.mark))
    if level is not None:
        app.main.move_mark(level)


async def show_help(app: "MonitorApp") -> None:
    """Show every key of the active screen and the meaning of the words."""
    await app.push_screen_wait(HelpScreen(sections_of(app.screen, app.settings.keys)))
