"""The monitor: the command that runs when none is named."""

import gc
from typing import Any

import click

from deeptone_tui.cli.options import look_options, shared_options


class _Monitor(click.Command):
    """Its help is that of the program."""

    def get_help(self, ctx: click.Context) -> str:
        """The program's help, which lists the monitor's options."""
        return ctx.parent.get_help() if ctx.parent is not None else super().get_help(ctx)


@click.command("monitor", cls=_Monitor, hidden=True)
@shared_options
@look_options
@click.option(
    "--diff/--no-diff",
    default=None,
    envvar="DEEPTONE_DIFF",
    help="Send the terminal only what changes, and no more than it takes. [default: yes]",
)
def command(**given: Any) -> int:  # noqa: ANN401  checked in read_settings
    """Show the monitor."""
    gc.disable()  # nothing that is imported is garbage; the app turns it on with its first frame
    try:
        return _show(given)
    finally:
        gc.enable()


def _show(given: dict[str, Any]) -> int:
    """Read the settings and show the monitor they ask for."""
    from deeptone_tui.cli.terminal import (  # noqa: PLC0415  not for --help
        fit_colours,
        require_terminal,
    )

    fit_colours()
    from deeptone_tui.app.preferences import Preferences  # noqa: PLC0415  not for --help
    from deeptone_tui.audio import SourceKind, known_input_devices  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.logs import start_logging  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.screen import run, with_default_source  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.settings import (  # noqa: PLC0415  not for --help
        read_settings,
        settings_for_device,
    )
    from deeptone_tui.paths import preferences_file  # noqa: PLC0415  not for --help

    context = click.get_current_context()
    settings = read_settings(context, given)
    require_terminal(stdin_is_audio=settings.source.kind is SourceKind.STDIN)
    start_logging()
    if not settings.source_named:
        remembered = Preferences(preferences_file()).choices.device
        found = with_default_source(settings, known_input_devices(), remembered)
        if found.source.value:  # the device picked last, which may have a profile
            found = settings_for_device(context, given, settings, found.source.value)
        settings = found
    return run(settings)
