"""Actions of the export screen: copy a form, save it, write the profile."""

import asyncio
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deeptone_tui.app.actions.dialogs import copy_text
from deeptone_tui.app.actions.in_force import UNOPENED, only_wished, source_in_force, tuned_of
from deeptone_tui.app.presenters import results_export
from deeptone_tui.app.presenters.tuned_forms import Form, forms_of
from deeptone_tui.app.screens.save_prompt import FilePrompt, ProfilePrompt
from deeptone_tui.app.screens.tuned_screen import TunedScreen
from deeptone_tui.dsp import format_both
from deeptone_tui.settings import paths
from deeptone_tui.settings.config import Configuration, ConfigurationError, load_configuration
from deeptone_tui.settings.export import ExportSettings, profile_name
from deeptone_tui.settings.profiles import ProfileError, write_profile

if TYPE_CHECKING:
    from deeptone_tui.app.app import MonitorApp


async def show_tuned(app: "MonitorApp") -> None:
    """Show the settings in force in every export form."""
    tuned = tuned_of(app)
    name, _ = await _known_profiles(app, tuned)
    await app.push_screen_wait(
        TunedScreen(
            in_words(app, tuned),
            forms_of(tuned, name),
            copy=partial(_copy, app),
            save=partial(save_form, app),
            write_profile=partial(keep_profile, app, tuned),
            pending=" ".join(only_wished(app)),
        )
    )


def in_words(app: "MonitorApp", tuned: ExportSettings) -> str:
    """Return the settings with their units, and the source and endpoint they were tuned for."""
    parameters = tuned.parameters
    first = f"Threshold {format_both(parameters.volume_threshold)}"
    what = f"{', '.join(parameters.models)} every {parameters.output_period} ms"
    where = "local endpoint" if tuned.url is None else tuned.address
    source = tuned.device or source_in_force(app.monitor.state.source).info.name or UNOPENED
    return f"{first}   {what}\n{source} · {where}"


def _copy(app: "MonitorApp", form: Form) -> Coroutine[Any, Any, None]:
    return copy_text(app, form.text)


async def save_form(app: "MonitorApp", form: Form) -> None:
    """Save a form, asking again as long as it fails."""
    title = f"Save: {form.name}"
    prompt = FilePrompt(title, Path.cwd() / form.file_name)
    while (request := await app.push_screen_wait(prompt)) is not None:
        path = request.path
        try:
            await asyncio.to_thread(
                results_export.save_text, form.text, path, overwrite=request.overwrite
            )
        except results_export.ExportError as error:
            prompt = FilePrompt(title, path, str(error))
            continue
        app.saved_paths.append(path)
        app.notify(f"{form.name} saved in {path}", markup=False)
        return


async def keep_profile(app: "MonitorApp", tuned: ExportSettings) -> None:
    """Write the profile, asking for another name as long as it fails."""
    place = app.settings.configuration or paths.configuration_file()
    name, existing = await _known_profiles(app, tuned)
    prompt = ProfilePrompt(name, str(place), existing)
    while (answer := await app.push_screen_wait(prompt)) is not None:
        try:
            await asyncio.to_thread(write_profile, answer, tuned.options(), place)
        except ProfileError as error:
            prompt = ProfilePrompt(answer, str(place), existing, problem=str(error))
            continue
        app.saved_profiles.append(answer)
        use = f"loaded with {tuned.device}" if tuned.device else f"for --profile {answer}"
        app.notify(f"Profile {answer} written in {place}; {use}", markup=False)
        return


async def _known_profiles(app: "MonitorApp", tuned: ExportSettings) -> tuple[str, tuple[str, ...]]:
    """Return the name that the device's profile has or would get, and all existing names.

    An unreadable configuration counts as empty here; it is reported when the profile is written.
    """
    try:
        found = await asyncio.to_thread(load_configuration, app.settings.configuration)
    except ConfigurationError:
        found = Configuration()
    own = found.profile_for(tuned.device) if tuned.device else None
    return own or profile_name(tuned.device), tuple(found.profiles)
