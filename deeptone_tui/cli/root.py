"""Root of the command line: the monitor, unless the first word names another command."""

import gc
import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from deeptone_tui import __version__
from deeptone_tui.cli.options import look_options, shared_options

PROGRAM: Final = "deeptone-tui"

COMPLETION_VARIABLE: Final = "_DEEPTONE_TUI_COMPLETE"
"""Variable by which the completion script requests completions, by click's convention."""

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "serve": "Run the local endpoint in the foreground.",
        "web": "Show the monitor in a browser.",
        "stream": "Print one JSON object per result, without a screen.",
        "replay": "Replay a recording, with pause, seek and speed.",
        "tune": "Suggest a threshold for recordings, and show what it would cost.",
        "devices": "List the input devices.",
        "info": "Show versions, paths, terminal, audio and endpoint, for a bug report.",
        "completion": "Print the completion script for a shell.",
    }
)
"""Commands listed in the help, each with its summary. They are modules of this package, imported
when called, so that ``--help`` loads none of them."""

MONITOR: Final = "monitor"
"""Default command; not listed in the help, but it can also be called by name."""

_ROOT_OPTIONS = ("--help", "-h", "--version")


class _Monitor(click.Command):
    """Command whose help is that of the program."""

    def get_help(self, ctx: click.Context) -> str:
        """Return the program's help, which lists the monitor's options."""
        return ctx.parent.get_help() if ctx.parent is not None else super().get_help(ctx)


@click.command(MONITOR, cls=_Monitor, hidden=True)
@shared_options
@look_options
def monitor(**given: Any) -> int:  # noqa: ANN401  checked in read_settings
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
    from deeptone_tui.cli.logs import start_logging  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.screen import run  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.settings import read_settings, with_device  # noqa: PLC0415

    settings = read_settings(given)
    require_terminal(stdin_is_audio=settings.source.kind is SourceKind.STDIN)
    start_logging()
    return run(with_device(given, settings, monitor=True))


class Program(click.Group):
    """Group that selects a command by the first word, and the monitor for any other."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert the monitor's name unless the first word is a command or an option of the root."""
        if _means_monitor(args) and not (ctx.resilient_parsing and not args):
            args = [MONITOR, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the commands listed in the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command, imported if it is not the monitor; None for an unknown name."""
        if cmd_name == MONITOR:
            return monitor
        if cmd_name not in COMMANDS:
            return None
        command: object = importlib.import_module(f"deeptone_tui.cli.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101  every module of a command has one
        return command

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write both forms of usage, the monitor's first."""
        name = ctx.find_root().command_path
        formatter.write_usage(name, "[SOURCE] [OPTIONS]")
        formatter.write_usage(name, "COMMAND [ARGUMENTS]", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the monitor's options, then the commands."""
        own = [record for item in self.get_params(ctx) if (record := item.get_help_record(ctx))]
        options = [item for item in monitor.params if isinstance(item, click.Option)]
        records = [record for item in options if (record := item.get_help_record(ctx))]
        with formatter.section("Options"):
            formatter.write_dl([*records, *own])
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return commands, root options, and the monitor's completions of its first word."""
        offered = super().shell_complete(ctx, incomplete)
        inner = monitor.make_context(MONITOR, [], parent=ctx, resilient_parsing=True)
        if incomplete.startswith("-"):
            items = monitor.shell_complete(inner, incomplete)
        else:
            source = next(item for item in monitor.params if isinstance(item, click.Argument))
            items = source.shell_complete(inner, incomplete)
        known = {item.value for item in offered}
        return [*offered, *(item for item in items if item.value not in known)]


def _means_monitor(args: list[str]) -> bool:
    if not args:
        return True
    return args[0] not in COMMANDS and args[0] not in (MONITOR, *_ROOT_OPTIONS)


program: Final = click.version_option(
    __version__, prog_name=PROGRAM, message="%(prog)s %(version)s"
)(
    Program(
        name=PROGRAM,
        help="""Show the level of a microphone and what a DeepTone endpoint makes of it, and find
        the right volume threshold.

        SOURCE is the audio source: mic (the default), a file, - for raw 16-bit PCM on stdin,
        tcp://HOST:PORT for raw PCM over a connection, or demo, a one-minute recording. Give a
        file that has the name of a command as ./NAME.

        Without --url, a local endpoint is started. Options can also be set in the environment
        (DEEPTONE_OUTPUT_PERIOD for --output-period, and so on) and in the configuration. An
        option takes precedence over the environment, followed by the profile, the configuration
        and the default.""",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
)
"""Root command of the program."""
