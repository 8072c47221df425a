"""The ``web`` command: the monitor in a browser."""

from typing import Any

import click

from deeptone_tui.cli.errors import RunError, WrongUsage, tell
from deeptone_tui.cli.options import server_options
from deeptone_tui.core.address import is_loopback
from deeptone_tui.core.text import reason_of


@click.command(
    "web",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": True},
)
@server_options(
    8000,
    "DEEPTONE_WEB_",
    host_help="Name or address to listen on. Network traffic is not encrypted: prefer SSH.",
    key_help="API key for the monitor's endpoint.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[SOURCE] [OPTIONS]")
def command(
    api_key: str | None,
    api_key_file: str | None,
    arguments: tuple[str, ...],
    **given: Any,  # noqa: ANN401  fields of WebOptions
) -> int:
    """Show the monitor in a browser; SOURCE and OPTIONS are those of the monitor.

    Prints the address to open, which contains a random token, and runs until Ctrl+C. The
    microphone is that of this machine, not the browser's. Requires an extra: pip install
    'deeptone-tui[web]'.
    """
    from deeptone_tui.cli.api_key import chosen_key  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.logs import start_logging  # noqa: PLC0415  not for --help
    from deeptone_tui.web import ExtraMissing, WebOptions, run_web  # noqa: PLC0415  not for --help

    _check(arguments)
    start_logging()  # what a stranger sends may be logged by a library, but on no terminal
    key = chosen_key(api_key, api_key_file)
    environment = {} if key is None else {"DEEPTONE_API_KEY": key}
    options = WebOptions(arguments=arguments, environment=environment, **given)
    if not is_loopback(options.host):
        tell(
            f"{options.host} can be reached by others: only the token protects it, and it is sent"
            " unencrypted"
        )
    try:
        return run_web(options)
    except ExtraMissing as error:
        raise RunError(str(error)) from None
    except OSError as error:
        reason = reason_of(error)
        raise RunError(f"cannot listen on {options.host}, port {options.port}: {reason}") from None


def _check(arguments: tuple[str, ...]) -> None:
    """Report a wrong option of the monitor now, and not in the first browser.

    Raises:
        WrongUsage: for audio on stdin, which a monitor in a browser cannot read.
        click.UsageError: as the monitor itself would raise it.
    """
    from deeptone_tui.cli.root import MONITOR, monitor  # noqa: PLC0415  the root loads us

    parent = click.get_current_context().parent
    checked = monitor.make_context(MONITOR, list(arguments), parent=parent)
    if checked.params.get("source") == "-":
        raise WrongUsage("audio on stdin does not work in a browser; use tcp://HOST:PORT")
