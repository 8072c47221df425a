"""Root of the command line: the monitor, unless the first word names another command."""

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from deeptone_tui import __version__

PROGRAM: Final = "deeptone-tui"

COMPLETION_VARIABLE: Final = "_DEEPTONE_TUI_COMPLETE"
"""Variable by which the completion script requests completions, by click's convention."""

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "serve": "Run the local endpoint in the foreground.",
        "web": "Show the monitor in a browser.",
        "stream": "No screen: one JSON object per result on stdout.",
        "replay": "Show a recording again, with pause, seek and speed.",
        "tune": "Suggest a volume threshold for recordings, and say what it would cost.",
        "devices": "List the input devices.",
        "info": "Show versions, paths, terminal, audio and endpoint, for a bug report.",
        "completion": "Print the completion script for a shell.",
    }
)
"""Commands listed in the help, each with its summary. They are modules of this package, imported
when called, so that ``--version`` and ``--help`` load none of them."""

MONITOR: Final = "monitor"
"""Default command; not listed in the help, but it can also be called by name."""

_ROOT_OPTIONS = ("--help", "-h", "--version")


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
        """Import and return a command; None for an unknown name."""
        if cmd_name != MONITOR and cmd_name not in COMMANDS:
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
        monitor = self.get_command(ctx, MONITOR)
        assert monitor is not None  # noqa: S101  it is one of ours
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
        monitor = self.get_command(ctx, MONITOR)
        assert monitor is not None  # noqa: S101  it is one of ours
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


def _show_version(ctx: click.Context, _parameter: click.Parameter, wanted: Any) -> None:  # noqa: ANN401  click's signature
    if wanted and not ctx.resilient_parsing:
        click.echo(f"{PROGRAM} {__version__}")
        ctx.exit()


program = Program(
    name=PROGRAM,
    help="""Watch the level of a microphone and what a DeepTone endpoint says about it, and find
    the right volume threshold.

    SOURCE is where the audio comes from: mic (the default), a file, - for raw 16-bit PCM on
    stdin, tcp://HOST:PORT for raw PCM from a connection, or demo, a recording of a minute. A
    file that is named like a command is given as ./NAME.

    Without --url a local endpoint is started and used. Options are also taken from the
    environment (DEEPTONE_OUTPUT_PERIOD for --output-period, and so on) and from the
    configuration; an option goes before the environment, then come the profile, the
    configuration and the default.""",
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_version,
            help="Show the version and exit.",
        )
    ],
)
"""Root command of the program."""
