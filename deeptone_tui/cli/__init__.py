"""The command line. Heavy modules are imported only once the command is known."""

from deeptone_tui.cli.entry import main

__all__ = ["main"]
