"""The ``completion`` command."""

import click

from deeptone_tui.cli.shells import SHELLS

_HELP = """Print the completion script for a shell.

\b
bash: eval "$(deeptone-tui completion bash)"     in ~/.bashrc
zsh:  eval "$(deeptone-tui completion zsh)"      in ~/.zshrc
fish: deeptone-tui completion fish | source      in ~/.config/fish/config.fish
"""


@click.command("completion", help=_HELP)
@click.argument("shell", type=click.Choice([*SHELLS]), metavar="SHELL")
def command(shell: str) -> None:
    """Print the completion script for a shell."""
    from deeptone_tui.cli.root import COMPLETION_VARIABLE, PROGRAM, program  # noqa: PLC0415  the root loads us

    click.echo(SHELLS[shell](program, {}, PROGRAM, COMPLETION_VARIABLE).source(), nl=False)
