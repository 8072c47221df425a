"""The ``serve`` command: the local endpoint in the foreground."""

from typing import Any

import click

from deeptone_tui.cli.errors import WrongUsage
from deeptone_tui.cli.options import (
    ValidatedParam,
    WholeNumber,
    read_seconds,
    server_options,
)
from deeptone_tui.settings.options import KEY_WARNING


@click.command("serve")
@server_options(
    8765,
    "DEEPTONE_",
    host_help="Name or address to listen on. Anything but loopback requires an API key.",
    key_help=f"API key that clients must send; - prompts for it. {KEY_WARNING}",
)
@click.option(
    "--max-connections",
    type=WholeNumber(1),
    default=64,
    show_default=True,
    metavar="N",
    help="Maximum number of concurrent streams.",
)
@click.option(
    "--idle-timeout",
    type=ValidatedParam("SECONDS", read_seconds),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="End a stream that has sent no audio for this long.",
)
def command(
    api_key: str | None,
    api_key_file: str | None,
    **given: Any,  # noqa: ANN401  fields of ServerOptions
) -> int:
    """Run the local endpoint in the foreground, until Ctrl+C.

    It serves the DeepTone streaming protocol at ws://HOST:PORT/stream, with the models speech-rt,
    speech and gender. Without an API key, any program on this machine can use it.
    """
    from deeptone_tui.cli.api_key import chosen_key  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.logs import start_logging  # noqa: PLC0415  not for --help
    from deeptone_tui.endpoint import ServerOptions, run_server  # noqa: PLC0415  not for --help

    key = chosen_key(api_key, api_key_file)
    try:
        options = ServerOptions(api_key=key, **given)
    except ValueError as error:
        raise WrongUsage(str(error)) from None
    start_logging()
    return run_server(options)
