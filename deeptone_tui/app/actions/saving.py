"""What leaves the screen: results, export forms and profiles saved, lines and forms copied."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from deeptone_tui.app.actions.in_force import (
    UNOPENED,
    current_configuration,
    only_wished,
    source_in_force,
    tuned_of,
)
from deeptone_tui.app.presenters.exports import ExportFormat, Form, forms_of, json_line, text_of
from deeptone_tui.app.presenters.results_model import Item, LogNotice, Result
from deeptone_tui.app.screens.save_prompt import FilePrompt, FileRequest, ProfilePrompt, SavePrompt
from deeptone_tui.app.screens.tuned_screen import TunedScreen
from deeptone_tui.core.files import write_whole
from deeptone_tui.core.text import reason_of
from deeptone_tui.monitor.state import Change
from deeptone_tui.protocol.units import format_both
from deeptone_tui.settings import paths
from deeptone_tui.settings.config import Configuration
from deeptone_tui.settings.export import ExportSettings, profile_name
from deeptone_tui.settings.profiles import ProfileError, write_profile

if TYPE_CHECKING:
    from deeptone_tui.app.app import MonitorApp
    from deeptone_tui.app.screens.dialog import Dialog

Answer = TypeVar("Answer")
Written = TypeVar("Written")


class SaveError(Exception):
    """A file that could not be saved: one line with the reason and the path."""


async def save_results(app: "MonitorApp", now: Callable[[], datetime] = datetime.now) -> None:
    """Save the results in memory."""
    if not app.results.entries:
        app.notify("There are no results to save yet.", severity="warning")
        return
    name = f"deeptone-{now():%Y%m%d-%H%M%S}.{ExportFormat.JSON_LINES}"
    saved = await _until_written(
        app,
        SavePrompt,
        FileRequest(Path.cwd() / name, ExportFormat.JSON_LINES),
        lambda request: asyncio.to_thread(_write_results, app.results.results, request),
    )
    if saved is not None:
        request, count = saved
        app.saved_paths.append(request.path)
        app.notify(f"{count} results saved in {request.path}", markup=False)


def _write_results(results: Sequence[Result], request: FileRequest) -> int:
    """Write results in the requested format; return their number."""
    save_text(text_of(results, request.form), request.path, overwrite=request.overwrite)
    return len(results)


async def show_tuned(app: "MonitorApp") -> None:
    """Show the settings in force in every export form."""
    tuned = tuned_of(app)
    configuration = await asyncio.to_thread(current_configuration, app)
    await app.push_screen_wait(
        TunedScreen(
            _in_words(app, tuned),
            forms_of(tuned, _profile_of(tuned, configuration)),
            copy=lambda form: copy_text(app, form.text),
            save=partial(save_form, app),
            write_profile=partial(keep_profile, app, tuned),
            pending=" ".join(only_wished(app)),
        )
    )


def _in_words(app: "MonitorApp", tuned: ExportSettings) -> str:
    """Return the settings with their units, and the source and endpoint they were tuned for."""
    parameters = tuned.parameters
    first = f"Threshold {format_both(parameters.volume_threshold)}"
    what = f"{', '.join(parameters.models)} every {parameters.output_period} ms"
    where = "local endpoint" if tuned.url is None else tuned.address
    source = tuned.device or source_in_force(app.monitor.state.source).info.name or UNOPENED
    return f"{first}   {what}\n{source} · {where}"


async def save_form(app: "MonitorApp", form: Form) -> None:
    """Save a form to a file."""
    text = form.text.rstrip("\n") + "\n"
    saved = await _until_written(
        app,
        partial(FilePrompt, f"Save: {form.name}"),
        FileRequest(Path.cwd() / form.file_name),
        lambda request: asyncio.to_thread(
            save_text, text, request.path, overwrite=request.overwrite
        ),
    )
    if saved is not None:
        path = saved[0].path
        app.saved_paths.append(path)
        app.notify(f"{form.name} saved in {path}", markup=False)


async def keep_profile(app: "MonitorApp", tuned: ExportSettings) -> None:
    """Write the settings as a profile."""
    place = app.settings.configuration or paths.configuration_file()
    configuration = await asyncio.to_thread(current_configuration, app)
    saved = await _until_written(
        app,
        partial(ProfilePrompt, str(place), configuration.profiles),
        _profile_of(tuned, configuration),
        lambda name: asyncio.to_thread(write_profile, name, tuned.options(), place),
    )
    if saved is not None:
        name = saved[0]
        app.saved_profiles.append(name)
        use = f"loaded with {tuned.device}" if tuned.device else f"for --profile {name}"
        app.notify(f"Profile {name} written in {place}; {use}", markup=False)


def _profile_of(tuned: ExportSettings, configuration: Configuration) -> str:
    """Return the name that the device's profile has or would get."""
    return configuration.profile_for(tuned.device) or profile_name(tuned.device)


async def _until_written(
    app: "MonitorApp",
    prompt: "Callable[[Answer, str], Dialog[Answer]]",
    first: Answer,
    write: Callable[[Answer], Awaitable[Written]],
) -> tuple[Answer, Written] | None:
    """Ask for a place and write to it, again as long as that fails.

    Args:
        app: the app that shows the dialogs.
        prompt: makes a dialog from the answer it begins with, and the reason why that one failed.
        first: the proposed answer.
        write: writes to an answered place; raises SaveError or ProfileError.

    Returns:
        The last answer and what `write` returned; None if the dialog was left.
    """
    problem = ""
    while (answer := await app.push_screen_wait(prompt(first, problem))) is not None:
        try:
            return answer, await write(answer)
        except (SaveError, ProfileError) as error:
            first, problem = answer, str(error)
    return None


def save_text(text: str, path: Path, *, overwrite: bool = False) -> None:
    """Write a file atomically: on any failure, an existing one stays unchanged.

    Args:
        text: the contents.
        path: the file; its folder must exist.
        overwrite: True to replace an existing file.

    Raises:
        SaveError: if the file exists and ``overwrite`` is False, its folder is missing or not
            writable, or the disk is full.
    """
    try:
        if path.exists() and not path.is_file():
            raise SaveError(f"{path} is not a file")
        write_whole(path, text.encode(), replace=overwrite)
    except OSError as error:
        raise SaveError(_reason(error, path)) from None


def _reason(error: OSError, path: Path) -> str:
    """Return the reason why the file could not be written, in words."""
    match error:
        case FileExistsError():
            return f"{path} exists already"
        case FileNotFoundError() | NotADirectoryError():
            return f"{path.parent} is not a folder"
        case PermissionError():
            return f"no permission to write {path}"
    return f"{path} was not saved: {reason_of(error)}"


async def copy_item(app: "MonitorApp", item: Item | None = None) -> None:
    """Copy a line of the log, or the newest result: a result as JSON, an event in its words."""
    match item or next(reversed(app.results.results), None):
        case None:
            app.notify("There is no result to copy yet.", severity="warning")
        case Result() as result:
            await copy_text(app, json_line(result))
        case LogNotice(text=words) | Change(words=words):
            await copy_text(app, words)


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
