"""Loading of a device's profile when the user picks the device."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from deeptone_tui.app.actions.in_force import choice_of, provider_of
from deeptone_tui.core.address import LOCAL
from deeptone_tui.dsp import format_both
from deeptone_tui.session import TargetError
from deeptone_tui.settings.config import Configuration, ConfigurationError, load_configuration
from deeptone_tui.settings.options import PARAMETERS, Options

if TYPE_CHECKING:
    from deeptone_tui.app.app import MonitorApp
    from deeptone_tui.protocol import Changes


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
        app.notify(f"No profile was looked for: {error}", severity="warning", markup=False)
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
    said, options = app.settings.said, configuration.options(name)
    own = configuration.profiles[name].url
    if own is None or "url" in said:
        return
    url = None if own == LOCAL else own
    under_way = app.monitor.state.session.pending_provider
    if url == (app.endpoint if under_way is None else choice_of(under_way)).url:
        return
    key = app.settings.api_key if "api_key" in said else options.api_key
    app.monitor.switch_provider(provider_of(replace(app.endpoint, url=url, api_key=key)))


def _take_parameters(app: "MonitorApp", profile: Options) -> None:
    """Move the threshold to the profile's, and apply the profile's parameters at the endpoint."""
    taken = {
        name: getattr(profile, name)
        for name in PARAMETERS
        if name in profile.names() and name not in app.settings.said
    }
    changes = cast("Changes", taken)  # each has its parameter's name and type
    if "volume_threshold" in changes:
        app.end_tuning()
        app.mark = changes["volume_threshold"]
    wanted = app.monitor.state.session.wanted
    if replace(wanted, **changes) != wanted:
        app.monitor.apply(**changes)


def _told(app: "MonitorApp", name: str, profile: Options) -> str:
    """Return a line with the loaded profile, the threshold and the options that override it."""
    kept = sorted(profile.names() & {*PARAMETERS, "url"} & app.settings.said)
    told = f"Profile {name} loaded: threshold {format_both(app.mark)}"
    return f"{told}. As given at the start: {', '.join(kept)}" if kept else told
