"""The threshold on quitting: always reported, and saved if the user accepts the offer."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from deeptone_tui.app.actions.in_force import (
    current_configuration,
    only_wished,
    source_in_force,
    tuned_of,
)
from deeptone_tui.app.view import Offer
from deeptone_tui.audio import SourceKind, SourceSpec
from deeptone_tui.protocol.units import format_both
from deeptone_tui.settings.config import Configuration
from deeptone_tui.settings.export import (
    ExportSettings,
    SavedPlace,
    free_name,
    profile_name,
    saved_place,
    start_line,
)

if TYPE_CHECKING:
    from deeptone_tui.app.app import MonitorApp


async def offer_of(app: "MonitorApp") -> Offer | None:
    """Return the offer to make before quitting; None if nothing would be lost.

    A threshold that is being applied counts: a user who presses keys in quick succession does not
    wait for the endpoint in between.
    """
    tuned, session = tuned_of(app), app.monitor.state.session
    pending = session.wanted.volume_threshold  # a pending 0 comes from tune mode, not from the user
    if session.pending is not None and pending:
        tuned = replace(tuned, parameters=replace(tuned.parameters, volume_threshold=pending))
    configuration = await asyncio.to_thread(current_configuration, app)
    if saved_place(tuned, app.settings, configuration, app.saved_profiles).where:
        return None
    return Offer(tuned.parameters.volume_threshold, _profile_of(app, tuned, configuration))


async def save_offered(app: "MonitorApp", offer: Offer) -> bool:
    """Write the offered profile; report why if it was not written.

    Returns:
        True if it was written.
    """
    from deeptone_tui.settings.profiles import ProfileError, write_profile  # noqa: PLC0415  on request only

    tuned = tuned_of(app)
    if tuned.parameters.volume_threshold != offer.threshold:
        problem = f"{format_both(offer.threshold)} is not applied, so it was not saved."
        app.notify(problem, severity="warning", markup=False)
        return False
    options, path = tuned.options(), app.settings.configuration
    try:
        await asyncio.to_thread(write_profile, offer.profile, options, path)
    except ProfileError as error:
        app.notify(str(error), severity="error", markup=False)
        return False
    app.saved_profiles.append(offer.profile)
    if tuned.device:  # otherwise the next start would not load the profile
        app.preferences.remember(device=tuned.device)
    return True


def exit_lines(app: "MonitorApp") -> tuple[str, ...]:
    """Return the threshold in force, where it is saved if at all, and the line that uses it."""
    tuned = tuned_of(app)
    place = saved_place(tuned, app.settings, current_configuration(app), app.saved_profiles)
    source = source_in_force(app.monitor.state.source).spec
    return (
        *_threshold_lines(app, tuned, place, source, place.where or "not saved"),
        *only_wished(app),
    )


def exit_lines_of_replay(app: "MonitorApp") -> tuple[str, ...]:
    """Return the lines on a threshold tried on a recording; none if it is the recorded one."""
    if app.main.view.mark == app.settings.parameters.volume_threshold:
        return ()
    tuned = replace(tuned_of(app), device="")
    place = saved_place(tuned, app.settings, current_configuration(app), app.saved_profiles)
    source = SourceSpec(SourceKind.MICROPHONE)
    return _threshold_lines(app, tuned, place, source, "tried on the recording, not saved")


def _threshold_lines(
    app: "MonitorApp", tuned: ExportSettings, place: SavedPlace, source: SourceSpec, where: str
) -> tuple[str, str]:
    threshold = format_both(tuned.parameters.volume_threshold)
    line = start_line(tuned, source, place, app.settings)
    return f"threshold {threshold}, {where}; to use it:", f"  {line}"


def _profile_of(app: "MonitorApp", tuned: ExportSettings, configuration: Configuration) -> str:
    """Return the name of the profile that the threshold would be saved in.

    The requested one, or that of the device, or, without a device, the one written last in this
    run; never one that is for another device.
    """
    device = tuned.device
    written = [configuration.profile_for(device)] if device else reversed(app.saved_profiles)
    candidates = (app.settings.profile, *written)
    own = next((name for name in candidates if name and configuration.may_hold(name, device)), None)
    return free_name(profile_name(device), configuration, own)
