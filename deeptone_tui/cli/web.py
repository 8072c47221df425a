"""The ``web`` command: the monitor in a browser."""

from typing import Any

import click

from deeptone_tui.cli.errors import RunError, WrongUsage, tell
from deeptone_tui.cli.values import WholeNumber
from deeptone_tui.core.address import is_loopback
from deeptone_tui.core.errors import reason_of


@click.command(
    "web",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": True},
)
@click.option(
    "--host",
    default="127.0.0.1",
    envvar="DEEPTONE_WEB_HOST",
    show_default=True,
    metavar="HOST",
    help="Name or address to listen on. What goes over a network is not encrypted: better SSH.",
)
@click.option(
    "--port",
    default=8000,
    type=WholeNumber(0, 65_535),
    envvar="DEEPTONE_WEB_PORT",
    show_default=True,
    metavar="PORT",
    help="TCP port; 0 takes a free one.",
)
@click.option("--api-key", metavar="KEY", envvar="DEEPTONE_API_KEY", help="As for the monitor.")
@click.option(
    "--api-key-file",
    type=click.Path(),
    metavar="FILE",
    envvar="DEEPTONE_API_KEY_FILE",
    help="As for the monitor.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[SOURCE] [OPTIONS]")
def command(
    api_key: str | None,
    api_key_file: str | None,
    arguments: tuple[str, ...],
    **given: Any,  # noqa: ANN401  fields of WebOptions
) -> int:
    """Show the monitor in a browser, with SOURCE and OPTIONS as they are given to the monitor.

    Prints the address to open, with a random token in it, and runs until Ctrl+C. The microphone
    is the one of this machine, not the browser's. Needs the extra: pip install
    'deeptone-tui[web]'.
    """
    from deeptone_tui.cli.logs import start_logging  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.values import chosen_key  # noqa: PLC0415  not for --help
    from deeptone_tui.web import ExtraMissing, WebOptions, run_web  # noqa: PLC0415  not for --help

    context = click.get_current_context()
    _check(context, arguments)
    start_logging()  # what a stranger sends may be logged by a library, but on no terminal
    key = chosen_key(context, api_key, api_key_file)
    environment = {} if key is None else {"DEEPTONE_API_KEY": key}
    options = WebOptions(arguments=arguments, environment=environment, **given)
    if not is_loopback(options.host):
        tell(
            f"others can reach {options.host}: the token is the only lock, and it travels in the"
            " open"
        )
    try:
        return run_web(options)
    except ExtraMissing as error:
        raise RunError(str(error)) from None
    except OSError as error:
        reason = reason_of(error)
        raise RunError(f"cannot listen on {options.host}, port {options.port}: {reason}") from None


def _check(context: click.Context, arguments: tuple[str, ...]) -> None:
    """Report a wrong option of the monitor now, and not in the first browser.

    Raises:
        WrongUsage: for audio on stdin, which a monitor in a browser cannot read.
        click.UsageError: as the monitor itself would raise it.
    """
    from deeptone_tui.cli.monitor import command as monitor  # noqa: PLC0415  not for --help

    checked = monitor.make_context("monitor", list(arguments), parent=context.parent)
    if checked.params.get("source") == "-":
        raise WrongUsage(
            "audio on stdin cannot be shown in a browser; tcp://HOST:PORT can", context
        )
