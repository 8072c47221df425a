"""Shared options of the commands, built from the table in `deeptone_tui.settings.options`."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final, TypeVar

import click

from deeptone_tui.cli import completing
from deeptone_tui.cli.values import Folder, Models, ValidatedParam, read_models
from deeptone_tui.settings.options import (
    FLAG,
    FOLDER,
    MODELS,
    OPTIONS,
    Option,
    flag_of,
    variable_of,
)

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Decorator = Callable[[Any], Any]


def _declaration(name: str, option: Option) -> _Decorator:
    """Return an option of the table as a click declaration."""
    complete = getattr(completing, option.complete) if option.complete else None
    more: dict[str, Any] = {"envvar": variable_of(name), "shell_complete": complete}
    if name == "source":
        return click.argument(name, required=False, **more)
    more["help"] = option.help_text
    if option.kind is FLAG:
        return click.option(f"{flag_of(name)}/{flag_of(f'no_{name}')}", default=None, **more)
    if option.kind is MODELS:
        more |= {"type": Models(), "multiple": True, "callback": read_models}
    elif option.kind is FOLDER:
        more |= {"type": Folder(), "metavar": FOLDER.metavar}
    else:
        more["type"] = ValidatedParam(option.kind.metavar, option.kind.from_text)
    return click.option(flag_of(name), **more)


_KEY_FILE: Final = click.option(
    "--api-key-file",
    type=click.Path(),
    metavar="FILE",
    envvar=variable_of("api_key_file"),
    help="File with the key in its first line.",
)
_PROFILE: Final = click.option(
    "--profile",
    metavar="NAME",
    shell_complete=completing.complete_profiles,
    envvar=variable_of("profile"),
    help="Use this profile of the configuration.",
)
_CONFIGURATION: Final = click.option(
    "--config",
    "configuration",
    type=click.Path(),
    metavar="FILE",
    envvar=variable_of("config"),
    help="Read this configuration instead of the usual one, which 'info' names.",
)


def _shared() -> Iterable[tuple[str, _Decorator]]:
    """Yield the shared options, except those of the look, in the order of the help."""
    for name, option in OPTIONS.items():
        if not option.is_look:
            yield name, _declaration(name, option)
        if name == "api_key":
            yield "api_key_file", _KEY_FILE
    yield "profile", _PROFILE
    yield "config", _CONFIGURATION


_SHARED: Final[Mapping[str, _Decorator]] = dict(_shared())
_LOOK: Final = tuple(
    _declaration(name, option) for name, option in OPTIONS.items() if option.is_look
)


def look_options(command: _Command) -> _Command:
    """Declare on a command with a screen the options for its look."""
    return _declared(_LOOK, command)


def shared_options(command: _Command) -> _Command:
    """Declare all shared options on a command, in the order of the help."""
    return options_named(*_SHARED)(command)


def options_named(*names: str) -> Callable[[_Command], _Command]:
    """Return a decorator that declares some of the shared options, in the order given."""
    return partial(_declared, [_SHARED[name] for name in names])


def _declared(options: Iterable[_Decorator], command: _Command) -> _Command:
    """Return a command with options; click lists those first that are declared last."""
    for option in reversed([*options]):
        command = option(command)
    return command
