"""The ``completion`` command."""

import click
from click.shell_completion import get_completion_class

_SHELLS = ("bash", "zsh", "fish")


_HELP = """Print the completion script for a shell.

\b
bash: eval "$(deeptone-tui completion bash)"     in ~/.bashrc
zsh:  eval "$(deeptone-tui completion zsh)"      in ~/.zshrc
fish: deeptone-tui completion fish | source      in ~/.config/fish/config.fish
"""


@click.command("completion", help=_HELP)
@click.argument("shell", type=click.Choice(_SHELLS), metavar="SHELL")
def command(shell: str) -> None:
    """Print the completion script for a shell."""
    from deeptone_tui.cli.root import COMPLETION_VARIABLE, PROGRAM, program  # noqa: PLC0415  the root loads us

    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101  click has all three
    click.echo(kind(program, {}, PROGRAM, COMPLETION_VARIABLE).source())
