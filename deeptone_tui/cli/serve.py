"""The ``serve`` command: the local endpoint in the foreground."""

from typing import Any

import click

from deeptone_tui.cli.errors import WrongUsage
from deeptone_tui.cli.values import ValidatedParam, WholeNumber, read_seconds


@click.command("serve")
@click.option(
    "--host",
    default="127.0.0.1",
    envvar="DEEPTONE_HOST",
    show_default=True,
    metavar="HOST",
    help="Name or address to listen on; other than this machine itself only with a key.",
)
@click.option(
    "--port",
    default=8765,
    type=WholeNumber(0, 65_535),
    envvar="DEEPTONE_PORT",
    show_default=True,
    metavar="PORT",
    help="TCP port; 0 takes a free one.",
)
@click.option(
    "--api-key",
    metavar="KEY",
    envvar="DEEPTONE_API_KEY",
    help="Key that clients have to show; - asks for it. Others on this machine can read a key"
    " given here in the list of processes: better the variable, -, or --api-key-file.",
)
@click.option(
    "--api-key-file",
    type=click.Path(),
    metavar="FILE",
    envvar="DEEPTONE_API_KEY_FILE",
    help="File with the key in its first line.",
)
@click.option(
    "--max-connections",
    type=WholeNumber(1),
    default=64,
    show_default=True,
    metavar="N",
    help="Streams open at the same time.",
)
@click.option(
    "--idle-timeout",
    type=ValidatedParam("SECONDS", read_seconds),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="A stream without audio for so long is ended.",
)
def command(
    api_key: str | None,
    api_key_file: str | None,
    **given: Any,  # noqa: ANN401  fields of ServerOptions
) -> int:
    """Run the local endpoint in the foreground, until Ctrl+C.

    It speaks the protocol of the DeepTone stream at ws://HOST:PORT/stream, with the models
    speech-rt, speech and gender. Without a key everybody on this machine may use it.
    """
    from deeptone_tui.cli.logs import start_logging  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.values import chosen_key  # noqa: PLC0415  not for --help
    from deeptone_tui.endpoint import ServerOptions, run_server  # noqa: PLC0415  not for --help

    context = click.get_current_context()
    key = chosen_key(context, api_key, api_key_file)
    try:
        options = ServerOptions(api_key=key, **given)
    except ValueError as error:
        raise WrongUsage(str(error), context) from None
    start_logging()
    return run_server(options)
