"""The ``monitor`` command, which runs if none is named."""

import gc
from typing import Any

import click

from deeptone_tui.cli.options import look_options, shared_options


class _Monitor(click.Command):
    """Command whose help is that of the program."""

    def get_help(self, ctx: click.Context) -> str:
        """Return the program's help, which lists the monitor's options."""
        return ctx.parent.get_help() if ctx.parent is not None else super().get_help(ctx)


@click.command("monitor", cls=_Monitor, hidden=True)
@shared_options
@look_options
def command(**given: Any) -> int:  # noqa: ANN401  checked in read_settings
    """Show the monitor."""
    gc.disable()  # imports leave no garbage; the app enables it with its first frame
    try:
        return _show(given)
    finally:
        gc.enable()


def _show(given: dict[str, Any]) -> int:
    """Read the settings and show the monitor they ask for."""
    from deeptone_tui.cli.terminal import (  # noqa: PLC0415  not for --help
        fit_textual,
        require_terminal,
    )

    fit_textual()
    from deeptone_tui.audio import SourceKind  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.default_device import with_device  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.logs import start_logging  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.screen import run  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.settings import read_settings  # noqa: PLC0415  not for --help

    context = click.get_current_context()
    settings = read_settings(context, given)
    require_terminal(stdin_is_audio=settings.source.kind is SourceKind.STDIN)
    start_logging()
    return run(with_device(context, given, settings, monitor=True))
