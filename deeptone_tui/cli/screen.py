"""Setup before the screen opens, and output after it has closed."""

import gc
import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deeptone_tui.app.settings import ScreenSettings
from deeptone_tui.audio import SourceKind
from deeptone_tui.cli.entry import end_at_once
from deeptone_tui.cli.errors import WrongUsage, tell
from deeptone_tui.cli.logs import failures_logged, libraries_logged
from deeptone_tui.cli.outcome import monitor_of, recorded_in, unrecorded
from deeptone_tui.cli.settings import Settings
from deeptone_tui.cli.terminal import has_ascii_only, keys_from_terminal, locale_is_coerced
from deeptone_tui.core.line_writer import settle_diagnostics
from deeptone_tui.core.process import ExitCode
from deeptone_tui.core.redaction import for_people
from deeptone_tui.monitor import Monitor
from deeptone_tui.settings import paths
from deeptone_tui.settings.options import Options

if TYPE_CHECKING:
    from deeptone_tui.app.keymap import KeyMap
    from deeptone_tui.recording.reading import Recording


def check_theme(name: str | None) -> None:
    """Check that a theme exists.

    Raises:
        WrongUsage: naming the themes there are.
    """
    from deeptone_tui.app.themes import theme_names  # noqa: PLC0415  the screen needs it anyway

    names = theme_names()
    if name is not None and name not in names:
        raise WrongUsage(f"--theme: unknown theme {name!r}; known themes: {', '.join(names)}")


def read_keys(given: Mapping[str, tuple[str, ...]], place: Path | None = None) -> "KeyMap":
    """Check the key bindings of the configuration.

    Args:
        given: keys by action, as written.
        place: path of the configuration; None for the usual one.

    Raises:
        WrongUsage: naming an unknown action or key, or two actions on one key.
    """
    from deeptone_tui.app.commands import KEYS  # noqa: PLC0415  as above
    from deeptone_tui.app.keymap import (  # noqa: PLC0415  the screen needs it anyway
        KeyMapError,
        read_keymap,
    )

    try:
        return read_keymap(given, KEYS)
    except KeyMapError as error:
        raise WrongUsage(f"{place or paths.configuration_file()}: {error}") from None


def run(settings: Settings) -> int:
    """Show the monitor until the user leaves it.

    Returns:
        The exit code: failed if a recording is incomplete.

    Raises:
        WrongUsage: for an unknown theme, or an unusable address or key.
        SourceError: if stdin carries audio and there is no terminal for the keys.
    """
    check_theme(settings.options.theme)
    keys = read_keys(settings.keys, settings.configuration)
    looped = settings.source.kind is SourceKind.DEMO
    options = replace(settings.source_options, loop=looped)
    with ExitStack() as around:
        around.enter_context(libraries_logged())
        if settings.source.kind is SourceKind.STDIN:
            options = replace(options, stdin_fd=around.enter_context(keys_from_terminal()))
        monitor = monitor_of(settings, options)
        try:
            code, lines = _show(monitor, _for_app(settings, keys))
        except Exception:
            if recorded := recorded_in(monitor.state):  # which outlives the screen
                tell(recorded)
            raise
    _say(lines)
    if missing := unrecorded(monitor.state):
        tell(missing)
        code = code or ExitCode.FAILED
    gc.freeze()  # the process ends now; searching its whole heap for garbage once more took 0.1 s
    return _leave(code)


def replay(
    recording: "Recording", notices: tuple[str, ...], keys: "KeyMap", options: Options
) -> int:
    """Show a recording until the user leaves it.

    Args:
        recording: an open recording; the caller closes it.
        notices: notices besides the recording's own problems.
        keys: the user's key bindings.
        options: options for the look.

    Returns:
        The exit code.
    """
    from deeptone_tui.replay import replay_monitor  # noqa: PLC0415  here only

    settings = ScreenSettings(
        parameters=recording.parameters,
        options=_with_signs(options),
        keys=keys,
        preferences=paths.preferences_file(),
        notices=(*notices, *recording.problems),
    )
    with failures_logged():
        code, lines = _show(replay_monitor(recording), settings)
    _say(lines)
    gc.freeze()  # as above
    return _leave(code)


def _show(monitor: Monitor, settings: ScreenSettings) -> tuple[int, tuple[str, ...]]:
    from deeptone_tui.app.run import show  # noqa: PLC0415  after the monitor was created

    return show(monitor, settings)


def _with_signs(options: Options) -> Options:
    """Return the options with ``ascii`` decided."""
    if options.ascii is not None:
        return options
    return replace(options, ascii=has_ascii_only(os.environ, coerced=locale_is_coerced()))


def _for_app(settings: Settings, keys: "KeyMap") -> ScreenSettings:
    return ScreenSettings(
        parameters=settings.parameters,
        options=_with_signs(settings.options),
        keys=keys,
        preferences=paths.preferences_file(),
        notices=settings.notices,
        configuration=settings.configuration,
        explicit=settings.explicit.names(),
        profile=settings.profile,
    )


def _say(lines: Sequence[str]) -> None:
    """Print the exit summary once the screen has released the terminal."""
    try:
        for line in lines:
            click.echo(for_people(line))
    except OSError:  # the terminal has gone
        return


def _leave(code: int) -> int:
    """Return the exit code, or end the process at once if a thread did not end in time.

    Such a thread is inside a library, or is still importing one because the user left right away.
    """
    settle_diagnostics()
    if any(thread.daemon for thread in threading.enumerate()):
        end_at_once(code)
    return code
