"""Options that commands share: their declarations, types and completions in a shell.

Most are made from the table in `deeptone_tui.settings.options`.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from deeptone_tui.protocol import CATALOGUE, parse_models
from deeptone_tui.settings.options import (
    FLAG,
    MODELS,
    OPTIONS,
    Option,
    flag_of,
    float_of,
    variable_of,
    whole,
)

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Decorator = Callable[[Any], Any]

_SOURCES: Final = {
    "mic": "the microphone",
    "demo": "a one-minute recording that comes with the program",
    "-": "raw 16-bit PCM on stdin",
    "tcp://": "raw 16-bit PCM from HOST:PORT",
}

_ENDPOINTS: Final = {
    "local": "started on this machine",
    "ws://127.0.0.1:8765/stream": "deeptone-tui serve",
    "wss://api.oto.ai/stream": "the cloud service",
}


class ValidatedParam(click.ParamType[Any]):
    """Text converted by a function that raises ValueError with one line."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(
        self,
        value: Any,  # noqa: ANN401  as click declares it
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401  as click declares it
        """Return the value, or raise a usage error with the function's own line."""
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class WholeNumber(ValidatedParam):
    """A whole number within limits."""

    def __init__(self, low: int, high: int | None = None) -> None:
        super().__init__("N", whole(low, high).from_text)


class Models(click.ParamType[str]):
    """Model names separated by commas; the option may also be repeated."""

    name = "NAMES"

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """Return the whole variable: its commas are parsed later, with those of the option."""
        return [rv]


def read_models(
    context: click.Context, option: click.Parameter, names: Sequence[str]
) -> tuple[str, ...] | None:
    """Return the models of an option that may be repeated, as click's callback; None if none."""
    if not names:
        return None
    try:
        return parse_models(",".join(names))
    except ValueError as error:
        raise click.BadParameter(str(error), context, option) from None


def read_seconds(text: str) -> float:
    """Return a time over 0 in seconds, or raise ValueError with what is allowed."""
    seconds = float_of(text)
    if not (math.isfinite(seconds) and seconds > 0):
        raise ValueError(f"{text!r} is not allowed: a number of seconds over 0")
    return seconds


def from_command_line(name: str) -> bool:
    """Return True if an option of the current command was given on the command line itself."""
    source = click.get_current_context().get_parameter_source(name)
    return source is ParameterSource.COMMANDLINE


def complete_folders(
    _context: click.Context, _argument: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Let the shell complete folders; `click.Path` would access the disk, and fail on odd names."""
    return [CompletionItem(incomplete, type="dir")]


def complete_sources(
    _context: click.Context, _argument: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the names of the sources, and let the shell complete files."""
    named = _matching(incomplete, _SOURCES)
    if incomplete.startswith("tcp:"):
        return named
    return [*named, CompletionItem(incomplete, type="file")]


def _matching(incomplete: str, values: Mapping[str, str | None]) -> list[CompletionItem]:
    """Return the values that begin with the incomplete word, each with its description."""
    return [
        CompletionItem(value, help=words)
        for value, words in values.items()
        if value.startswith(incomplete)
    ]


_Values = Callable[[click.Context, str], Mapping[str, str | None]]
"""Returns values for an incomplete word, each with its description or None."""


def _completing(values: _Values) -> Callable[..., list[CompletionItem]]:
    """Return a completion, as click calls it, with those of the values that match."""
    return lambda context, _option, incomplete: _matching(incomplete, values(context, incomplete))


def _models(_: click.Context, incomplete: str) -> Mapping[str, str]:
    """Return the models not yet named before the last comma."""
    before, comma, _last = incomplete.rpartition(",")
    taken = before.split(",")
    return {
        before + comma + name: model.summary
        for name, model in CATALOGUE.items()
        if name not in taken
    }


def _devices(*_: object) -> Mapping[str, None]:
    """Return the names of the input devices; none if they cannot be listed."""
    from deeptone_tui.audio import SourceError, input_devices  # noqa: PLC0415  only when completing

    try:
        return dict.fromkeys(device.choice or device.name for device in input_devices())
    except SourceError:
        return {}


def _themes(*_: object) -> Mapping[str, None]:
    """Return the names of the themes."""
    from deeptone_tui.app.themes import theme_names  # noqa: PLC0415  loads Textual

    return dict.fromkeys(theme_names())


def _profiles(context: click.Context, _: str) -> Mapping[str, str | None]:
    """Return the profiles of the selected configuration; none if it cannot be read."""
    from deeptone_tui.settings.config import ConfigurationError, load_configuration  # noqa: PLC0415  as above

    named = context.params.get("configuration")
    try:
        found = load_configuration(None if named is None else Path(named))
    except ConfigurationError:
        return {}
    return {name: each.device for name, each in found.profiles.items()}


_COMPLETE: Final = {
    "source": complete_sources,
    "url": _completing(lambda *_: _ENDPOINTS),
    "models": _completing(_models),
    "device": _completing(_devices),
    "record": complete_folders,
    "theme": _completing(_themes),
}
"""Completion of options by name."""


def _declaration(name: str, option: Option) -> _Decorator:
    """Return an option of the table as a click declaration."""
    more: dict[str, Any] = {"envvar": variable_of(name), "shell_complete": _COMPLETE.get(name)}
    if name == "source":
        return click.argument(name, required=False, **more)
    more["help"] = option.help_text
    if option.kind is FLAG:
        return click.option(f"{flag_of(name)}/{flag_of(f'no_{name}')}", default=None, **more)
    if option.kind is MODELS:
        more |= {"type": Models(), "multiple": True, "callback": read_models}
    else:
        more["type"] = ValidatedParam(option.kind.metavar, option.kind.from_text)
    return click.option(flag_of(name), **more)


_KEY_FILE: Final = click.option(
    "--api-key-file",
    type=click.Path(),
    metavar="FILE",
    envvar=variable_of("api_key_file"),
    help="File whose first line is the API key.",
)
_PROFILE: Final = click.option(
    "--profile",
    metavar="NAME",
    shell_complete=_completing(_profiles),
    envvar=variable_of("profile"),
    help="Use this profile of the configuration.",
)
_CONFIGURATION: Final = click.option(
    "--config",
    "configuration",
    type=click.Path(),
    metavar="FILE",
    envvar=variable_of("config"),
    help="Read this configuration instead of the default one, whose path 'info' shows.",
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


def server_options(
    port: int, prefix: str, host_help: str, key_help: str
) -> Callable[[_Command], _Command]:
    """Return a decorator that declares the options of a server: where it listens, and its key.

    Args:
        port: default TCP port.
        prefix: prefix of the environment variables of host and port.
        host_help: help on the host.
        key_help: help on the API key.
    """
    options = [
        click.option(
            "--host",
            default="127.0.0.1",
            envvar=f"{prefix}HOST",
            show_default=True,
            metavar="HOST",
            help=host_help,
        ),
        click.option(
            "--port",
            default=port,
            type=WholeNumber(0, 65_535),
            envvar=f"{prefix}PORT",
            show_default=True,
            metavar="PORT",
            help="TCP port; 0 for any free one.",
        ),
        click.option("--api-key", metavar="KEY", envvar=variable_of("api_key"), help=key_help),
        _KEY_FILE,
    ]
    return partial(_declared, options)


def _declared(options: Iterable[_Decorator], command: _Command) -> _Command:
    """Return a command with options; click lists those first that are declared last."""
    for option in reversed([*options]):
        command = option(command)
    return command
