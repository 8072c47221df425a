"""The options that commands share, declared once."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final, TypeVar

import click

from deeptone_tui.cli.completing import (
    complete_addresses,
    complete_devices,
    complete_models,
    complete_profiles,
    complete_sources,
    complete_themes,
)
from deeptone_tui.cli.values import (
    Folder,
    Models,
    Number,
    ValidatedParam,
    WholeNumber,
    read_models,
    read_output_period,
    read_sample_rate,
    read_threshold,
    read_url,
)

_Command = TypeVar("_Command", bound=Callable[..., Any])

_SHARED: Final[Mapping[str, Callable[[Any], Any]]] = {
    "source": click.argument(
        "source",
        required=False,
        envvar="DEEPTONE_SOURCE",
        shell_complete=complete_sources,
    ),
    "url": click.option(
        "--url",
        type=ValidatedParam("ADDRESS", read_url),
        shell_complete=complete_addresses,
        envvar="DEEPTONE_URL",
        help="Endpoint, such as wss://api.oto.ai/stream; 'local' (the default) starts one here.",
    ),
    "api_key": click.option(
        "--api-key",
        metavar="KEY",
        envvar="DEEPTONE_API_KEY",
        help="Key to the endpoint; - asks for it. Others on this machine can read a key given"
        " here in the list of processes: better the variable, -, or --api-key-file.",
    ),
    "api_key_file": click.option(
        "--api-key-file",
        type=click.Path(),
        metavar="FILE",
        envvar="DEEPTONE_API_KEY_FILE",
        help="File with the key in its first line.",
    ),
    "models": click.option(
        "--models",
        type=Models(),
        shell_complete=complete_models,
        multiple=True,
        callback=read_models,
        envvar="DEEPTONE_MODELS",
        help="Models, with commas between them. [default: speech-rt]",
    ),
    "output_period": click.option(
        "--output-period",
        type=ValidatedParam("MS", read_output_period),
        envvar="DEEPTONE_OUTPUT_PERIOD",
        help="Milliseconds of audio for each result, a multiple of 64. [default: 1024]",
    ),
    "volume_threshold": click.option(
        "--volume-threshold",
        type=ValidatedParam("LEVEL", read_threshold),
        envvar="DEEPTONE_VOLUME_THRESHOLD",
        help="Audio under this level is silence: 0 to 1, or decibels such as -46dB."
        " [default: 0.005]",
    ),
    "include_raw_values": click.option(
        "--include-raw-values/--no-include-raw-values",
        default=None,
        envvar="DEEPTONE_INCLUDE_RAW_VALUES",
        help="Ask for the raw output of the models too.",
    ),
    "sample_rate": click.option(
        "--sample-rate",
        type=ValidatedParam("HZ", read_sample_rate),
        envvar="DEEPTONE_SAMPLE_RATE",
        help="Rate of raw PCM on stdin or from tcp://; other sources know theirs. [default: 16000]",
    ),
    "device": click.option(
        "--device",
        metavar="NAME",
        shell_complete=complete_devices,
        envvar="DEEPTONE_DEVICE",
        help="Microphone by its name, as 'devices' lists it.",
    ),
    "channel": click.option(
        "--channel",
        type=WholeNumber(1),
        metavar="N",
        envvar="DEEPTONE_CHANNEL",
        help="Use this channel of a file, counted from 1, instead of their mix.",
    ),
    "buffer": click.option(
        "--buffer",
        type=Number(5, 3600),
        metavar="SECONDS",
        envvar="DEEPTONE_BUFFER",
        help="Audio kept for sending again while the link is down, 32 kB a second. [default: 60]",
    ),
    "catch_up": click.option(
        "--catch-up",
        type=Number(1.05, 1000),
        metavar="TIMES",
        envvar="DEEPTONE_CATCH_UP",
        help="Times real time at which kept audio is sent afterwards."
        " [default: 1.25; the local endpoint takes what it can]",
    ),
    "record": click.option(
        "--record",
        type=Folder(),
        metavar="DIR",
        envvar="DEEPTONE_RECORD",
        help="Record audio, results and events into a new folder in DIR; 'replay' shows it again.",
    ),
    "profile": click.option(
        "--profile",
        metavar="NAME",
        shell_complete=complete_profiles,
        envvar="DEEPTONE_PROFILE",
        help="Use this profile of the configuration.",
    ),
    "config": click.option(
        "--config",
        "configuration",
        type=click.Path(),
        metavar="FILE",
        envvar="DEEPTONE_CONFIG",
        help="Read this configuration instead of the usual one, which 'info' names.",
    ),
}


_LOOK: Final[tuple[Callable[[Any], Any], ...]] = (
    click.option(
        "--plain/--no-plain",
        default=None,
        envvar="DEEPTONE_PLAIN",
        help="For simple terminals: --ascii, and the terminal's own 16 colours.",
    ),
    click.option(
        "--ascii/--no-ascii",
        default=None,
        envvar="DEEPTONE_ASCII",
        help="Signs of ASCII only. [default: where locale or terminal have no others]",
    ),
    click.option(
        "--mouse/--no-mouse",
        default=None,
        envvar="DEEPTONE_MOUSE",
        help="Ask the terminal for the mouse; without, it selects text as ever. [default: yes]",
    ),
    click.option(
        "--theme",
        metavar="NAME",
        shell_complete=complete_themes,
        envvar="DEEPTONE_THEME",
        help="Colours.",
    ),
    click.option(
        "--fps",
        type=WholeNumber(1, 60),
        metavar="N",
        envvar="DEEPTONE_FPS",
        help="Updates of the screen a second, 1 to 60. [default: 15]",
    ),
)


def look_options(command: _Command) -> _Command:
    """Declare what commands with a screen share: how it looks."""
    return _declared(_LOOK, command)


def shared_options(command: _Command) -> _Command:
    """Declare the shared options on a command, in the order in which the help shows them."""
    return options_named(*_SHARED)(command)


def options_named(*names: str) -> Callable[[_Command], _Command]:
    """Declare some of the shared options on a command, in the order given."""
    return partial(_declared, [_SHARED[name] for name in names])


def _declared(options: Iterable[Callable[[Any], Any]], command: _Command) -> _Command:
    """A command with options; click lists those first that are declared last."""
    for option in reversed([*options]):
        command = option(command)
    return command
